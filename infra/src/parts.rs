//! Templates that are parts of others. Of the many that a manifest can ask for,
//! most have no resource that a larger one does not have byte for byte; what
//! linters say of that one holds for them as well.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::assembly::WriteError;
use crate::stack::Stack;

/// What differs in each combination, and of which no linter has a rule: a
/// dashboard shows what its stack has, and a resource of ours may say it.
fn is_of_no_interest(kind: &str) -> bool {
    kind == "AWS::CloudWatch::Dashboard" || kind.starts_with("Custom::")
}

/// Those of `stacks` that are no part of another one. Whether a part has all that
/// its resources refer to, a linter will not tell: a test of the templates does.
pub(crate) fn whole(stacks: &[(String, Stack)]) -> Result<Vec<&(String, Stack)>, WriteError> {
    let resources: Vec<_> = stacks
        .iter()
        .map(|(_, stack)| resources(stack))
        .collect::<Result<_, _>>()?;
    let is_part = |index: usize| {
        let part = &resources[index];
        let mut others = resources
            .iter()
            .enumerate()
            .filter(|(other, _)| *other != index);
        // Of two that are alike the first one counts.
        others.any(|(other, whole)| {
            let larger = part.len() < whole.len() || part.len() == whole.len() && other < index;
            larger && part.iter().all(|(id, it)| whole.get(id) == Some(it))
        })
    };
    let stacks = stacks.iter().enumerate();
    Ok(stacks
        .filter(|(index, _)| !is_part(*index))
        .map(|(_, stack)| stack)
        .collect())
}

fn resources(stack: &Stack) -> Result<BTreeMap<String, Value>, WriteError> {
    let mut template = serde_json::to_value(stack)?;
    let resources = template["Resources"].take();
    let Value::Object(resources) = resources else {
        return Ok(BTreeMap::new());
    };
    let judged = resources
        .into_iter()
        .filter(|(_, it)| !is_of_no_interest(it["Type"].as_str().unwrap_or_default()));
    Ok(judged.collect())
}

#[cfg(test)]
mod tests {
    use stratosphere::services::aws::sqs;

    use super::whole;
    use crate::local::Cloud;
    use crate::stack::Stack;
    use crate::target::Target;

    /// Names of those that are left of stacks with these queues; a capital letter
    /// stands for a queue with another property.
    fn left<'a>(stacks: &[&'a str]) -> Vec<&'a str> {
        let defined: Vec<_> = stacks
            .iter()
            .map(|queues| {
                let target = Target::without_binaries(Cloud::Aws);
                let mut stack = Stack::new(target, String::new());
                for queue in queues.chars() {
                    let fifo = queue.is_uppercase();
                    let id = queue.to_ascii_lowercase();
                    stack.add(id, &sqs::Queue! { fifo_queue: fifo });
                }
                ((*queues).to_owned(), stack)
            })
            .collect();
        let whole = whole(&defined).unwrap();
        let names = whole.iter().map(|(name, _)| name.as_str());
        stacks
            .iter()
            .filter(|name| names.clone().any(|it| it == **name))
            .copied()
            .collect()
    }

    #[test]
    fn what_a_larger_template_has_is_not_looked_at_again() {
        assert_eq!(left(&["a", "ab", "abc", "b"]), ["abc"]);
        assert_eq!(left(&["a", "abc", "bd"]), ["abc", "bd"]);
    }

    #[test]
    fn another_form_of_a_resource_is() {
        assert_eq!(left(&["abc", "aB", "A"]), ["abc", "aB", "A"]);
    }

    #[test]
    fn of_two_alike_there_is_one() {
        assert_eq!(left(&["ab", "ba", "c"]), ["ab", "c"]);
    }
}
