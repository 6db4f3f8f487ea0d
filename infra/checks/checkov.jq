# A report of `checkov --quiet --output json`, as findings.jq reads it. It says nothing of a file that
# it cannot read but the number of those, and of none at all nothing.

if .results and .summary.parsing_errors == 0 then .results.failed_checks[]
else error("checkov could not read all templates: \(.summary // .)")
end
| { tool: "checkov", template: .file_path, id: (.resource | split(".")[1]), rule: .check_id, says: .check_name }
