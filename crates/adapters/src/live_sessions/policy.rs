//! What a session may do, as a policy of IAM.

use jiff::Timestamp;
use serde_json::json;

/// ARNs of the broker that stands in the same account as a role.
#[derive(Clone, Debug)]
pub(super) struct Arns {
    /// `arn:aws:iot:eu-west-1:123456789012`.
    start: String,
}

impl Arns {
    /// The broker in `region` beside `role`; `None` where that is no ARN of a role.
    pub(super) fn beside(role: &str, region: &str) -> Option<Self> {
        let mut parts = role.split(':');
        let mut next = || parts.next().filter(|it| !it.is_empty());
        let ("arn", partition, "iam") = (next()?, next()?, next()?) else {
            return None;
        };
        // Roles are in no region.
        let (Some(""), Some(account), Some(name)) = (parts.next(), parts.next(), parts.next())
        else {
            return None;
        };
        (!account.is_empty() && name.starts_with("role/")).then(|| Self {
            start: format!("arn:{partition}:iot:{region}:{account}"),
        })
    }

    /// Connecting as `client`, subscribing to `topics`, and hearing them until
    /// `end`.
    ///
    /// Receiving has no list: a client hears what it has subscribed to, the
    /// role's own policy ends at the product's topics, and a second list would
    /// halve the number of devices that fit. It has an end of its own, since it is
    /// checked with each message while the others are checked once, so that a
    /// connection that stays open falls silent.
    pub(super) fn policy(&self, client: &str, topics: &[String], end: Timestamp) -> String {
        let Self { start } = self;
        let end = end.strftime("%Y-%m-%dT%H:%M:%SZ").to_string();
        let filters = topics.iter().map(|it| format!("{start}:topicfilter/{it}"));
        json!({
            "Version": "2012-10-17",
            "Statement": [
                {"Effect": "Allow", "Action": "iot:Connect", "Resource": format!("{start}:client/{client}")},
                {"Effect": "Allow", "Action": "iot:Subscribe", "Resource": filters.collect::<Vec<_>>()},
                {
                    "Effect": "Allow", "Action": "iot:Receive", "Resource": "*",
                    "Condition": {"DateLessThanIfExists": {"aws:CurrentTime": end}},
                },
            ],
        })
        .to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arns_are_in_the_roles_partition_and_account() {
        let start = |role, region| Arns::beside(role, region).map(|it| it.start);
        for (role, region, expected) in [
            (
                "arn:aws:iam::123456789012:role/live",
                "eu-west-1",
                "arn:aws:iot:eu-west-1:123456789012",
            ),
            (
                "arn:aws-cn:iam::123456789012:role/a/path/live",
                "cn-north-1",
                "arn:aws-cn:iot:cn-north-1:123456789012",
            ),
        ] {
            assert_eq!(start(role, region).as_deref(), Some(expected));
        }
        for role in [
            "",
            "live",
            "arn:aws:iam::123456789012:user/live",
            "arn:aws:iam:::role/live",
            "arn:aws:iot::123456789012:role/live",
            "arn:aws:iam:eu-west-1:123456789012:role/live",
        ] {
            assert_eq!(start(role, "eu-west-1"), None, "{role}");
        }
    }
}
