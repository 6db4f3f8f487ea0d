# shellcheck shell=bash
# What the scripts share: where things are, how they speak, the processes they
# start, and the local cloud. Sourced by each of them as its first line.

set -euo pipefail
if ((BASH_VERSINFO[0] * 100 + BASH_VERSINFO[1] < 404)); then
  echo "bash $BASH_VERSION is too old; install bash 4.4 or newer, then try again" >&2
  exit 1
fi

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd -P)
cache=${XDG_CACHE_HOME:-$HOME/.cache}/smart-product
# What a local cloud keeps: its data, logs, pids, certificates, the owner's password.
local_dir=${LOCAL_DIR:-$root/.local}
stack=${STACK:-SmartProductSolutionStack}
python=$root/.venv/bin/python
# What was built, and which tests have passed, each under a fingerprint of what it was made from.
built=${BUILD_CACHE:-$cache/built}
me=scripts/$(basename "$0")

# Outside the clone, and one for each: in a common one cargo takes the binaries of another clone for this one's.
export CARGO_TARGET_DIR=${CARGO_TARGET_DIR:-$cache/target/$(printf %s "$root" | cksum | cut -d' ' -f1)}
PATH=$root/.venv/bin:$root/node_modules/.bin:$PATH:$cache/tools/bin
export PATH

# --- speaking -------------------------------------------------------------
# What the user reads goes to 3 and 4; a script may send the rest to a log.

exec 3>&1 4>&2

say() { printf '%s\n' "$*" >&3; }

# Ends the script with the one sentence that says what to do.
die() {
  step=
  printf '\n%s: %s\n' "$me" "$*" >&4
  exit 1
}

# Announces a step and ends the one before it: step TITLE [WHAT TO DO IF IT FAILS]
step() {
  step_end
  step=$1 hint=${2:-} started=$SECONDS
  [ -z "${log:-}" ] || log_start=$(wc -l <"$log")
  printf '%-58s' "$step" >&3
}

# For a step whose output the user sees, on lines of its own.
step_loud() {
  printf '\n' >&3
  loud=1
}

step_end() {
  [ -n "${step:-}" ] || return 0
  printf '%*s%5d s\n' "${loud:+58}" '' $((SECONDS - started)) >&3
  step='' loud=''
}

# At the end of a script: a step that failed shows the end of its output.
step_failed() {
  [ -n "${step:-}" ] || return 0
  local output=
  if [ -n "${log:-}" ] && [ -z "${loud:-}" ]; then
    printf 'failed\n' >&3
    tail -n "+$((log_start + 1))" "$log" | tail -n 20 >&4
    output=" (all output: $log)"
  fi
  printf '\n%s: "%s" failed%s\n' "$me" "$step" "${hint:+; $hint}$output" >&4
}

trap step_failed EXIT

# --- what was built before -------------------------------------------------

# A name for the content of files and folders and for the compiler: the same content has the same name, wherever and
# whenever it was checked out. What git ignores there does not count: fingerprint PATH...
fingerprint() {
  local sum=(sha256sum)
  command -v sha256sum >/dev/null || sum=(shasum -a 256)
  (
    cd "$root"
    { rustc -vV && echo "${RUSTFLAGS:-}" && find "$@" \( -name node_modules -o -name dist \) -prune -o -type f ! -name "*.snap.new" -print0 | LC_ALL=C sort -z | xargs -0 "${sum[@]}"; } |
      "${sum[@]}" | cut -c1-32
  )
}

# Keeps FILES under NAME, and of what has a name with the same beginning the newest three: keep NAME FILES...
keep() {
  local name=$1 partial
  shift
  mkdir -p "$built"
  partial=$(mktemp -d "$built/.partial.XXXXXX")
  cp -R "$@" "$partial"
  rm -rf "${built:?}/$name"
  mv "$partial" "$built/$name"
  find "$built" -maxdepth 1 -name "${name%-*}-*" -exec ls -1td {} + | tail -n +4 | while read -r old; do rm -rf "$old"; done
}

# Whether something is kept under NAME; it counts as new then: kept NAME
kept() { [ -d "$built/$1" ] && touch "$built/$1"; }

# Builds infra, if that was not done before, and prints where it is.
built_infra() {
  local name
  name=infra-$(fingerprint Cargo.toml Cargo.lock rust-toolchain.toml cdk-manifest.schema.json crates/contract \
    infra/Cargo.toml infra/prices infra/src models)
  kept "$name" || {
    cargo build --locked --quiet --package infra >&2
    keep "$name" "$CARGO_TARGET_DIR/debug/infra"
  }
  echo "$built/$name/infra"
}

# --- templates -------------------------------------------------------------

# cfn-lint, CloudFormation Guard, checkov and parliament over the templates in a folder: lint_templates FOLDER
# They work at the same time, as each keeps one core busy; what the last three find must be suppressed on the resource,
# with a reason.
lint_templates() {
  local folder=$1 results jobs=() job failed=''
  results=$(mktemp -d)
  cfn-lint -c I -e -r us-east-1 -i I4010 --non-zero-exit-code informational -t "$folder"/*.json & jobs+=($!)
  found_by_guard "$folder" "$results" >"$results/guard.found" & jobs+=($!)
  found_by_checkov "$folder" "$results" >"$results/checkov.found" & jobs+=($!)
  "$root/.venv/checks/bin/python" -W ignore "$root/infra/checks/policies.py" "$folder"/*.json \
    >"$results/parliament.found" & jobs+=($!)
  for job in "${jobs[@]}"; do wait "$job" || failed=1; done
  if [ -z "$failed" ]; then
    jq --null-input --raw-output --slurpfile found <(cat "$results"/*.found) \
      --from-file "$root/infra/checks/findings.jq" "$folder"/*.json || failed=1
  fi
  rm -rf "$results"
  [ -z "$failed" ]
}

found_by_guard() {
  local guard=$root/node_modules/@cdklabs/cdk-validator-cfnguard machine
  machine=$(uname -m)
  case $(uname -s) in
    Linux) machine=ubuntu/$machine ;;
    Darwin) machine=macos/${machine/arm64/aarch64} ;;
  esac
  "$guard/bin/$machine/cfn-guard" validate --structured --output-format json --show-summary none \
    --rules "$guard/rules/control-tower/cfn-guard" --data "$1" >"$2/guard.json" || true
  jq --compact-output --from-file "$root/infra/checks/guard.jq" "$2/guard.json"
}

# It is not shown what is suppressed, or it would leave that out, needed or not.
found_by_checkov() {
  local template
  mkdir "$2/bare"
  for template in "$1"/*.json; do
    jq 'del(.Resources[].Metadata.checkov)' "$template" >"$2/bare/${template##*/}"
  done
  "$root/.venv/checks/bin/checkov" --framework cloudformation --compact --quiet --skip-download --directory "$2/bare" \
    --output json >"$2/checkov.json" || [ $? = 1 ]
  jq --compact-output --from-file "$root/infra/checks/checkov.jq" "$2/checkov.json"
}

# --- processes ------------------------------------------------------------

# Starts COMMAND in a session of its own, deaf to this terminal: spawn PIDFILE LOG COMMAND...
spawn() {
  local pid_file=$1 output=$2
  shift 2
  "$python" -c 'import os, sys; os.setsid(); os.execvp(sys.argv[1], sys.argv[1:])' "$@" \
    </dev/null >"$output" 2>&1 3>&- 4>&- 9>&- &
  echo $! >"$pid_file"
  # Until it is under way its command line is still this script's.
  local deadline=$((SECONDS + 10))
  until running "$pid_file" "$*" >/dev/null || ! kill -0 $! 2>/dev/null || ((SECONDS > deadline)); do sleep 0.02; done
}

# Prints the pid in PIDFILE if that process lives and its command line contains
# TEXT. A file that outlived its process may name somebody else's.
running() {
  local pid command
  pid=$(cat "$1" 2>/dev/null) || return 1
  command=$({ tr '\0' ' ' <"/proc/$pid/cmdline" || ps -ww -o args= -p "$pid"; } 2>/dev/null) || return 1
  [[ $command == *"$2"* ]] && echo "$pid"
}

# Ends a process and what it started: stop PIDFILE TEXT SECONDS
stop() {
  local pid deadline=$((SECONDS + $3))
  if pid=$(running "$1" "$2"); then
    kill "$pid" 2>/dev/null || true
    while running "$1" "$2" >/dev/null; do
      if ((SECONDS > deadline)); then
        say "process $pid did not end within $3 s and was killed; what it had not saved is lost"
        break
      fi
      sleep 0.1
    done
    kill -KILL -- "-$pid" 2>/dev/null || true
  fi
  rm -f "$1"
}

# One script at a time works on a local directory.
lock() {
  mkdir -p "$local_dir/logs"
  chmod 700 "$local_dir"
  exec 9>"$local_dir/lock"
  ! command -v flock >/dev/null || flock -n 9 ||
    die "another of scripts/up and scripts/down is at work here; wait until it has ended"
}

# --- the web console ------------------------------------------------------

# Builds the web console into webconsole/dist, unless that is what its sources make.
build_console() {
  local sources=target/console.sources
  (
    cd "$root"
    mkdir -p target
    # Its types come from the description of the API.
    find webconsole docs/openapi.json \( -name node_modules -o -path webconsole/dist \) -prune -o -type f -print0 |
      LC_ALL=C sort -z | xargs -0 cksum >"$sources.new"
    [ -f webconsole/dist/index.html ] && cmp -s "$sources.new" "$sources" && exit
    rm -f "$sources"
    cd webconsole
    # A copy of what was installed lies beside it.
    cmp -s package-lock.json node_modules/package-lock.json || {
      npm ci --no-audit --no-fund
      cp package-lock.json node_modules/
    }
    npm run build
    mv "$root/$sources.new" "$root/$sources"
  )
}

# --- the local cloud ------------------------------------------------------

cloud_command() { echo "scripts/local-cloud $local_dir "; }
simulator_command() { echo "--dir $local_dir/device"; }

# Points every AWS client at the local cloud, and none at anything else.
use_local_cloud() {
  local name
  for name in "${!AWS_@}"; do unset "$name"; done
  # The addresses of a stack contain the port, so a local cloud keeps its ports.
  if [ -f "$local_dir/ports" ]; then
    local ports
    read -ra ports <"$local_dir/ports"
    [ "${API_PORT:-${ports[0]}} ${MQTT_PORT:-${ports[1]}}" = "${ports[*]}" ] ||
      die "this local cloud was made with API_PORT=${ports[0]} and MQTT_PORT=${ports[1]}; leave those two unset, or forget its data first: scripts/down --wipe"
    API_PORT=${ports[0]} MQTT_PORT=${ports[1]}
  fi
  API_PORT=${API_PORT:-4566} MQTT_PORT=${MQTT_PORT:-8883}
  export AWS_ENDPOINT_URL=http://127.0.0.1:$API_PORT
  export AWS_ACCESS_KEY_ID=test AWS_SECRET_ACCESS_KEY=test # MiniStack's root user
  export AWS_REGION=us-east-1 AWS_DEFAULT_REGION=us-east-1
  export AWS_CONFIG_FILE=/dev/null AWS_SHARED_CREDENTIALS_FILE=/dev/null
  export AWS_EC2_METADATA_DISABLED=true AWS_PAGER=
  export NO_PROXY=127.0.0.1,localhost no_proxy=127.0.0.1,localhost
}

cloud_runs() { running "$local_dir/cloud.pid" "$(cloud_command)" >/dev/null; }

# Refuses early what the local cloud would stumble over.
check_ports() {
  cloud_runs && return
  port_is_free "$API_PORT" "${port_names:-}API_PORT"
  port_is_free "$MQTT_PORT" "${port_names:-}MQTT_PORT"
}

# Starts the local cloud unless it runs; waits until it answers.
cloud_start() {
  cloud_runs && return
  check_ports
  echo "$API_PORT $MQTT_PORT" >"$local_dir/ports"
  spawn "$local_dir/cloud.pid" "$local_dir/logs/cloud.log" \
    "$python" "$root/scripts/local-cloud" "$local_dir" "$API_PORT" "$MQTT_PORT"
  local deadline=$((SECONDS + 60))
  until curl -sf -o /dev/null "$AWS_ENDPOINT_URL/_ministack/ready"; do
    if ((SECONDS > deadline)) || ! cloud_runs; then
      die "the local cloud did not start: $(tail -n 1 "$local_dir/logs/cloud.log") (more in $local_dir/logs/cloud.log)"
    fi
    sleep 0.2
  done
  curl -sf "$AWS_ENDPOINT_URL/_ministack/iot/ca.pem" -o "$local_dir/root-ca.pem"
}

# State is written when it ends, which takes up to a minute with many clients.
cloud_stop() { stop "$local_dir/cloud.pid" "$(cloud_command)" 90; }

port_is_free() {
  ! (: <"/dev/tcp/127.0.0.1/$1") 2>/dev/null ||
    die "port $1 is taken by another program; end that one, or choose another port: $2=$(($1 + 100)) $me"
}

# Makes the bucket that cdk uploads to. From a folder without cdk.json, as it would synthesize first for nothing. Its
# policy wants TLS, which the local cloud does not have, and would keep the function out that unpacks the console.
bootstrap_locally() {
  (cd "$local_dir" && cdk bootstrap "aws://000000000000/$AWS_REGION")
  aws s3api delete-bucket-policy --bucket "cdk-hnb659fds-assets-000000000000-$AWS_REGION"
}

# Deploys the stack to the local cloud, and writes its outputs: deploy_locally ASSETS
deploy_locally() {
  bootstrap_locally
  (
    cd "$root"
    cdk deploy "$stack" --require-approval never --progress events \
      --output "$local_dir/cdk.out" --outputs-file "$local_dir/outputs.json" \
      -c cloud=local -c "architecture=$(architecture)" -c "assets=$1" -c "stackName=$stack"
  )
}

# The architecture of this machine, as Lambda calls it.
architecture() {
  case $(uname -m) in
    x86_64) echo x86_64 ;;
    aarch64 | arm64) echo arm64 ;;
    *) die "$(uname -m) is not an architecture of AWS Lambda; x86_64 and arm64 are" ;;
  esac
}

# An output of the stack, as it was deployed last.
output() { jq -er --arg name "$1" '.[][$name]' "$local_dir/outputs.json"; }
