//! A Mosquitto broker in a gateway, bridged to the cloud as one device: the
//! configuration that lets its own topics through, and nothing else.

use std::path::{Path, PathBuf, absolute};

use anyhow::{Context, Result, ensure};
use contract::topic;

use crate::aws::Account;
use crate::device::Files;
use crate::endpoint::Endpoint;
use crate::pki;
use crate::serial::Serial;
use crate::topics::{self, Topics};

/// Where Debian, and most others, keep the roots that the system trusts.
const SYSTEM_ROOTS: &str = "/etc/ssl/certs";
/// IoT Core's largest payload. A larger one would end the connection, and be
/// sent again on the next one, for ever.
const LARGEST: usize = 128 * 1024;

#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Serial number of the gateway: a device as any other, registered by an owner.
    #[arg(long, value_name = "SERIAL")]
    gateway_id: Serial,
    /// Folder of the gateway's key and certificate, made by `simulator device`.
    #[arg(long)]
    dir: PathBuf,
    #[command(flatten)]
    broker: Endpoint,
    /// Port on 127.0.0.1 that the gateway's own clients connect to.
    #[arg(long, default_value_t = 1883)]
    local_port: u16,
    /// Topic prefix of telemetry, as in the manifest.
    #[arg(long, env = "TELEMETRY_TOPIC", default_value = topic::TELEMETRY, value_parser = topics::prefix)]
    telemetry_topic: String,
    /// Topic prefix of events, as in the manifest.
    #[arg(long, env = "EVENT_TOPIC", default_value = topic::EVENT, value_parser = topics::prefix)]
    event_topic: String,
    #[command(flatten)]
    aws: Account,
}

/// Runs the subcommand.
pub(crate) async fn run(args: Args) -> Result<()> {
    let host = args.broker.host(args.aws.clone()).await?;
    print!("{}", configuration(&args, &host)?);
    Ok(())
}

/// The whole file. Paths in it are absolute, because Mosquitto starts elsewhere.
fn configuration(args: &Args, host: &str) -> Result<String> {
    let gateway = &args.gateway_id;
    let files = Files::new(&args.dir, gateway);
    let chain = pki::certificates(&files.chain)
        .context("the gateway has no identity yet: make one by `simulator device`")?;
    ensure!(
        pki::common_name(&chain[0]).as_deref() == Some(gateway.as_str()),
        "`{}` is the certificate of another device",
        files.chain.display()
    );
    pki::private_key(&files.key)?;
    let roots = match &args.broker.root_ca {
        Some(file) => {
            pki::certificates(file)?;
            format!("bridge_cafile {}", path(file)?)
        }
        None => format!("bridge_capath {SYSTEM_ROOTS}"),
    };
    let Topics {
        telemetry,
        event,
        command,
        response,
        ..
    } = Topics::new(gateway, &args.telemetry_topic, &args.event_topic);
    let (chain, key) = (path(&files.chain)?, path(&files.key)?);
    let (port, local_port) = (args.broker.port, args.local_port);
    Ok(format!(
        "\
# Mosquitto in the gateway {gateway}, bridged to the cloud. Made by `simulator bridge-config`.

# For clients on this machine only, which need no password.
listener {local_port} 127.0.0.1
allow_anonymous true
# What is larger ends the connection to the cloud.
message_size_limit {LARGEST}

connection {gateway}
address {host}:{port}
# The gateway's own certificate: it may do what the policy allows this one thing. Mosquitto reads these files as the
# user that it runs as, `mosquitto` where root starts it.
remote_clientid {gateway}
{roots}
bridge_certfile {chain}
bridge_keyfile {key}
bridge_tls_version tlsv1.2
bridge_protocol_version mqttv311
# What comes while the connection is broken waits, at either end; here in memory.
cleansession false
# The cloud's broker knows no private messages between bridges, and each of these would end the connection.
try_private false
notifications false
bridge_attempt_unsubscribe false
bridge_outgoing_retain false
# Seconds between two attempts: drawn between these bounds, further apart with each failure.
restart_timeout 1 60
keepalive_interval 60

topic {telemetry} out 1
topic {event} out 1
topic {command} in 1
topic {response} out 1
"
    ))
}

/// A path as Mosquitto reads it: up to the end of the line.
fn path(path: &Path) -> Result<String> {
    let whole =
        absolute(path).with_context(|| format!("there is no such path as `{}`", path.display()))?;
    let text = whole
        .to_str()
        .filter(|text| text.trim() == *text && !text.contains(char::is_control));
    let text = text.with_context(|| {
        format!(
            "Mosquitto cannot read the path `{}`: it takes UTF-8 without line breaks, and no \
             space at the end",
            path.display()
        )
    })?;
    Ok(text.to_owned())
}

#[cfg(test)]
mod tests {
    use clap::Parser;
    use tempfile::TempDir;

    use super::*;
    use crate::{ca, device};

    #[derive(Parser)]
    struct Cli {
        #[command(flatten)]
        args: Args,
    }

    fn bench() -> TempDir {
        let dir = tempfile::tempdir().unwrap();
        ca::create_in(&dir.path().join("ca"));
        device::create_in(dir.path(), &"GW-1".parse().unwrap(), &dir.path().join("ca"));
        dir
    }

    /// The configuration for the gateway with more arguments.
    fn print(dir: &Path, more: &[&str]) -> Result<String> {
        let dir = dir.display().to_string();
        let line = ["bridge-config", "--gateway-id", "GW-1", "--dir", &dir];
        let args = Cli::try_parse_from(line.iter().chain(more))?.args;
        configuration(&args, "broker.example")
    }

    /// The lines that begin with `option`.
    fn lines<'a>(text: &'a str, option: &str) -> Vec<&'a str> {
        let value = |line: &'a str| line.strip_prefix(option)?.strip_prefix(' ');
        text.lines().filter_map(value).collect()
    }

    #[test]
    fn only_the_gateways_own_topics_pass_each_in_one_direction() {
        let text = print(bench().path(), &[]).unwrap();
        assert_eq!(
            lines(&text, "topic"),
            [
                "smartproduct/telemetry/GW-1 out 1",
                "smartproduct/event/GW-1 out 1",
                "smartproduct/commands/GW-1 in 1",
                "smartproduct/commands/GW-1/response out 1",
            ]
        );
    }

    #[test]
    fn the_gateway_is_the_device_of_its_certificate() {
        let dir = bench();
        let root = dir.path().join("ca/sampleCACertificate.pem");
        let more = ["--root-ca", &root.display().to_string(), "--port", "8900"];
        let text = print(dir.path(), &more).unwrap();
        let in_dir = |name: &str| dir.path().join(name).display().to_string();
        for (option, value) in [
            ("connection", "GW-1"),
            ("remote_clientid", "GW-1"),
            ("address", "broker.example:8900"),
            ("bridge_cafile", &in_dir("ca/sampleCACertificate.pem")),
            ("bridge_certfile", &in_dir("GW-1.chain.crt")),
            ("bridge_keyfile", &in_dir("GW-1.key")),
            ("listener", "1883 127.0.0.1"),
        ] {
            assert_eq!(lines(&text, option), [value], "{option}");
        }
    }

    #[test]
    fn without_a_root_certificate_the_systems_are_trusted() {
        let text = print(bench().path(), &[]).unwrap();
        assert_eq!(lines(&text, "bridge_capath"), [SYSTEM_ROOTS]);
        assert!(lines(&text, "bridge_cafile").is_empty());
    }

    #[test]
    fn the_manifests_prefixes_are_used() {
        let more = ["--telemetry-topic", "a/t", "--event-topic", "b"];
        let text = print(bench().path(), &more).unwrap();
        assert_eq!(
            lines(&text, "topic")[..2],
            ["a/t/GW-1 out 1", "b/GW-1 out 1"]
        );
    }

    #[test]
    fn what_mosquitto_would_stumble_over_is_refused() {
        let error = |dir: &Path, more: &[&str]| format!("{:#}", print(dir, more).unwrap_err());
        let dir = bench();

        let odd = dir.path().join("a\nlistener 1884");
        std::fs::create_dir(&odd).unwrap();
        for file in ["GW-1.key", "GW-1.chain.crt"] {
            std::fs::copy(dir.path().join(file), odd.join(file)).unwrap();
        }
        assert!(error(&odd, &[]).starts_with("Mosquitto cannot read the path"));

        let missing = dir.path().join("nothing.pem").display().to_string();
        assert!(error(dir.path(), &["--root-ca", &missing]).starts_with("there is no file"));

        device::create_in(dir.path(), &"GW-2".parse().unwrap(), &dir.path().join("ca"));
        std::fs::copy(
            dir.path().join("GW-2.chain.crt"),
            dir.path().join("GW-1.chain.crt"),
        )
        .unwrap();
        assert!(error(dir.path(), &[]).ends_with("is the certificate of another device"));

        std::fs::remove_file(dir.path().join("GW-1.chain.crt")).unwrap();
        assert!(error(dir.path(), &[]).contains("`simulator device`"));
    }
}
