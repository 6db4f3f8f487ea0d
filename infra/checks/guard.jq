# A report of `cfn-guard validate --structured --output-format json`, as findings.jq reads it.
# That names no resource; the paths of what was not compliant do.

.[] | .name as $template | .not_compliant[].Rule | .name as $rule
| ([.. | .custom_message? | strings | select(length > 0)] | first // "" | gsub("\\s+"; " ") | ltrimstr(" ")) as $says
| [.. | .path? | strings | select(startswith("/Resources/")) | split("/")[2]] | unique[]
| { tool: "Guard", $template, id: ., $rule, $says }
