//! What the exercises share, made while all functions have all of their rights.

use std::time::{SystemTime, UNIX_EPOCH};

use anyhow::{Context, Result};
use serde_json::{Value, json};
use tests::{Ask, Aws, Ca, Device, Owner, Remote, Stack, variable};

use crate::formation::Custom;

/// Words with which services refuse somebody a right.
const DENIALS: [&str; 4] = [
    "AccessDenied",
    "AuthorizationError",
    "not authorized",
    "Forbidden",
];

/// A stack, an owner, and the owner's device, which has been let in.
#[derive(Debug)]
pub(crate) struct World {
    pub(crate) stack: Stack,
    pub(crate) ca: Ca,
    pub(crate) owner: Owner,
    pub(crate) device: Device,
    /// The custom resources of the stack.
    pub(crate) customs: Vec<Custom>,
    aws: Aws,
}

impl World {
    pub(crate) async fn new(stack: Stack) -> Result<Self> {
        let (ca, owner) = (Ca::registered(&stack).await?, stack.owner().await?);
        let device = Device::of(&stack, &owner, &ca).await?;
        let history = stack.history(&owner, &device.serial, 2, |_| ("error", true));
        history.await?;
        device.report(&stack, &json!({"exercise": true})).await?;
        Ok(Self {
            aws: Aws::connect(&variable("AWS_REGION")?)?,
            customs: Custom::all_of(&stack).await?,
            stack,
            ca,
            owner,
            device,
        })
    }

    /// Remote control of the device.
    pub(crate) fn remote(&self) -> Remote<'_> {
        Remote::new(&self.stack, &self.owner, &self.device)
    }

    /// Whether a function has logged since then that it was denied something.
    pub(crate) async fn was_denied(&self, service: &str, since: SystemTime) -> Result<bool> {
        let since = since.duration_since(UNIX_EPOCH)?.as_millis();
        let group = format!("/aws/lambda/{}", self.stack.function(service));
        let parameters = [
            ("logGroupName", Value::from(group)),
            ("startTime", u64::try_from(since)?.into()),
        ];
        let ask = Ask::Json("logs", "Logs_20140328.FilterLogEvents", "{}");
        let lines: Value = serde_json::from_str(&self.aws.ask(ask, &parameters).await?)?;
        let lines = lines["events"].as_array().context("no lines")?;
        let mut lines = lines.iter().filter_map(|it| it["message"].as_str());
        Ok(lines.any(is_denial))
    }
}

/// Whether somebody was refused a right, as a text tells.
pub(crate) fn is_denial(text: &str) -> bool {
    DENIALS.iter().any(|word| text.contains(word))
}
