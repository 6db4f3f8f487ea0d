//! Short forms of the intrinsic functions that the constructs use.

use stratosphere::value::{ExpString, get_att};

/// `Fn::Sub`. In a policy variable the dollar is followed by an exclamation
/// mark, as in `${!iot:Connection.Thing.ThingName}`, so that CloudFormation
/// leaves it to IoT Core.
#[must_use]
pub fn sub(pattern: impl Into<String>) -> ExpString {
    ExpString::Sub {
        pattern: pattern.into(),
    }
}

/// `Ref` of a resource.
#[must_use]
pub fn reference(logical_id: &str) -> ExpString {
    ExpString::Ref(logical_id.into())
}

/// The attribute `Arn` of a resource.
#[must_use]
pub fn arn(logical_id: &str) -> ExpString {
    attribute(logical_id, "Arn")
}

/// `Fn::GetAtt`.
#[must_use]
pub fn attribute(logical_id: &str, name: &str) -> ExpString {
    get_att(logical_id, name)
}

/// A literal that is only known as a `String`.
#[must_use]
pub fn literal(value: impl Into<String>) -> ExpString {
    ExpString::Literal(value.into())
}

/// A physical name: every one carries the stack's, so that two stacks live in
/// one account.
#[must_use]
pub fn named(suffix: &str) -> ExpString {
    sub(format!("${{AWS::StackName}}-{suffix}"))
}

/// An ARN of this account and region, for example `iot`, `thing/*`.
#[must_use]
pub fn arn_of(service: &str, resource: &str) -> ExpString {
    sub(format!(
        "arn:${{AWS::Partition}}:{service}:${{AWS::Region}}:${{AWS::AccountId}}:{resource}"
    ))
}

/// A part of a logical id: `GET /devices/{deviceId}/events` as
/// `GetDevicesDeviceIdEvents`, `event-proxy` as `EventProxy`.
#[must_use]
pub fn camel_case(text: &str) -> String {
    text.split(|c: char| !c.is_ascii_alphanumeric())
        .map(|word| {
            let word = if word.chars().all(|c| c.is_ascii_uppercase()) {
                word.to_ascii_lowercase()
            } else {
                word.to_owned()
            };
            let (first, rest) = word.split_at(word.len().min(1));
            first.to_ascii_uppercase() + rest
        })
        .collect()
}
