# Prints the failures of CloudFormation Guard that no resource suppresses with a
# reason, and fails if there are any:
#
#   cfn-guard validate --structured --output-format json --show-summary none \
#     --rules <rules> --data <templates> > report.json
#   jq --slurpfile templates <(cat <templates>/*.json) \
#     --from-file infra/guard.jq report.json
#
# A resource suppresses a rule by `Metadata.guard.SuppressedRules.<rule>` = "<reason>".

[$templates[].Resources | to_entries[] | .key as $id
  | .value.Metadata.guard.SuppressedRules // {} | keys[] | "\($id): \(.)"]
  as $suppressed
| [.[] | .not_compliant[].Rule | .name as $rule
    | [.. | .path? | strings | select(startswith("/Resources/")) | split("/")[2]]
    | unique[] | "\(.): \($rule)"]
| unique - $suppressed
| if length > 0 then join("\n") + "\n" | halt_error(1) else empty end
