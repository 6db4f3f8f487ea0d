# Prints what tools have found that no resource suppresses, and what a resource suppresses although
# no tool finds it; fails if there is any.
#
#   jq --null-input --slurpfile found FINDINGS --from-file infra/checks/findings.jq TEMPLATE...
#
# A finding is { tool, template, id, rule, says }. infra/src/suppression.rs writes into the Metadata
# of a resource what is suppressed there.

def file: split("/")[-1];
def place: "\(.template | file) \(.id) \(.rule)";

def suppressed:
  (.guard.SuppressedRules // {} | keys[]),
  (.checkov.skip // [] | .[].id),
  (.parliament.SuppressedRules // {} | keys[]);

[inputs | input_filename as $template | .Resources | to_entries[]
  | { $template, id: .key, rule: (.value.Metadata // {} | suppressed) }]
  as $suppressed
| (INDEX($suppressed[]; place)) as $known
| (INDEX($found[]; place)) as $needed
| [ ($found[] | select($known[place] == null)
      | "\(.id) (\(.template | file)): \(.tool) \(.rule): \(.says)"),
    ($suppressed[] | select($needed[place] == null)
      | "\(.id) (\(.template | file)): \(.rule) is suppressed and not found; take the suppression out") ]
| if . == [] then "\($found | length) findings, each suppressed with a reason" else join("\n") + "\n" | halt_error(1) end
