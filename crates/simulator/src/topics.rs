//! The topics of one device.

use contract::topic;

use crate::serial::Serial;

/// Full topic names; the spec's table says what goes over each.
#[derive(Clone, Debug)]
pub(crate) struct Topics {
    pub(crate) telemetry: String,
    pub(crate) event: String,
    pub(crate) command: String,
    pub(crate) response: String,
    pub(crate) shadow_update: String,
    pub(crate) shadow_get: String,
    pub(crate) delta: String,
}

impl Topics {
    /// `telemetry` and `event` are the prefixes of the manifest.
    pub(crate) fn new(serial: &Serial, telemetry: &str, event: &str) -> Self {
        let command = format!("{}/{serial}", topic::COMMANDS);
        let shadow = format!("$aws/things/{serial}/shadow");
        Self {
            telemetry: format!("{telemetry}/{serial}"),
            event: format!("{event}/{serial}"),
            response: format!("{command}/{}", topic::RESPONSE),
            command,
            shadow_update: format!("{shadow}/update"),
            shadow_get: format!("{shadow}/get"),
            delta: format!("{shadow}/update/delta"),
        }
    }

    /// Answer of the shadow service to a `request` topic.
    pub(crate) fn accepted(request: &str) -> String {
        format!("{request}/accepted")
    }

    /// Refusal of the shadow service of what came on a `request` topic.
    pub(crate) fn rejected(request: &str) -> String {
        format!("{request}/rejected")
    }

    /// What the device listens to.
    pub(crate) fn subscriptions(&self) -> Vec<String> {
        vec![
            self.command.clone(),
            self.delta.clone(),
            Self::accepted(&self.shadow_update),
            Self::rejected(&self.shadow_update),
            Self::accepted(&self.shadow_get),
            Self::rejected(&self.shadow_get),
        ]
    }
}

/// Takes a topic prefix as the manifest does.
pub(crate) fn prefix(text: &str) -> Result<String, String> {
    let allowed = |byte: u8| byte.is_ascii_graphic() && !b"+#$".contains(&byte);
    let outer = text.starts_with('/') || text.ends_with('/');
    if text.is_empty() || outer || !text.bytes().all(allowed) {
        return Err(
            "a topic prefix is ASCII such as `smartproduct/event`, without a slash at \
                    either end, spaces, `+`, `#` and `$`"
                .to_owned(),
        );
    }
    Ok(text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn topics_are_those_of_the_device_contract() {
        let topics = Topics::new(&"SN-1".parse().unwrap(), topic::TELEMETRY, topic::EVENT);
        assert_eq!(topics.telemetry, "smartproduct/telemetry/SN-1");
        assert_eq!(topics.event, "smartproduct/event/SN-1");
        assert_eq!(topics.response, "smartproduct/commands/SN-1/response");
        assert_eq!(
            topics.subscriptions(),
            [
                "smartproduct/commands/SN-1",
                "$aws/things/SN-1/shadow/update/delta",
                "$aws/things/SN-1/shadow/update/accepted",
                "$aws/things/SN-1/shadow/update/rejected",
                "$aws/things/SN-1/shadow/get/accepted",
                "$aws/things/SN-1/shadow/get/rejected",
            ]
        );
    }

    #[test]
    fn prefixes_that_no_manifest_may_have_are_refused() {
        assert_eq!(prefix("a/b-1").as_deref(), Ok("a/b-1"));
        for bad in ["", "/a", "a/", "a b", "a/+", "a/#", "$aws", "ä"] {
            assert!(prefix(bad).is_err(), "{bad:?}");
        }
    }
}
