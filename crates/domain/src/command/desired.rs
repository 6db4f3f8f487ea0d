//! What the cloud wants of a device, and its shadow put right.
//!
//! A device's policy cannot keep it from writing its own `desired` state. So
//! what the cloud wants is taken from the commands, never from the shadow.

use jiff::Timestamp;
use serde_json::{Map, Value};

use super::{Command, CommandStatus, Commands, Upkeep};
use crate::id::DeviceId;
use crate::json::same;
use crate::owner::{Owner, Owners};
use crate::page::Owned;
use crate::store::{Cause, StoreError};

/// The client token of updates that [`restore`] makes.
pub const REPAIR: &str = "repair";

/// Desired states of devices, in their shadows.
pub trait DesiredStates: Sync {
    /// What the shadow of `device` says now; `None` where it has none.
    fn desired(
        &self,
        device: &DeviceId,
    ) -> impl Future<Output = Result<Option<Desired>, StoreError>> + Send;

    /// Merges `patch` into the desired state, where `null` removes a field, and
    /// makes the shadow where there is none. With `version`, only if the
    /// shadow has it still. `token` comes back in what IoT Core tells of it.
    fn patch(
        &self,
        device: &DeviceId,
        patch: &Map<String, Value>,
        token: &str,
        version: Option<u64>,
    ) -> impl Future<Output = Result<Patched, StoreError>> + Send;
}

/// A shadow's desired state.
#[derive(Clone, Debug, PartialEq)]
pub struct Desired {
    /// The state.
    pub state: Map<String, Value>,
    /// Goes up with each change of the shadow.
    pub version: u64,
}

/// What became of a patch.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Patched {
    /// It is in the shadow.
    Done,
    /// Another one has changed the shadow; nothing was done.
    Overtaken,
}

/// What became of a shadow.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Restored {
    /// It says what the cloud wants.
    Same,
    /// It does again.
    Changed,
}

/// Makes the desired state of `device` what the commands of its present owner
/// want; no other change of the shadow is overwritten.
///
/// # Errors
///
/// When a port fails, or others keep changing the shadow.
pub async fn restore(
    commands: &impl Commands,
    shadows: &impl DesiredStates,
    owner: &Owner,
    device: &DeviceId,
    now: Timestamp,
) -> Result<Restored, StoreError> {
    for _ in 0..ATTEMPTS {
        let (patch, version) = difference(commands, shadows, owner, device, now).await?;
        if patch.is_empty() {
            return Ok(Restored::Same);
        }
        match shadows.patch(device, &patch, REPAIR, version).await? {
            Patched::Done => return Ok(Restored::Changed),
            Patched::Overtaken => {}
        }
    }
    Err(StoreError {
        operation: "put a shadow right",
        cause: Cause::Busy,
        source: "others keep changing this shadow".into(),
    })
}

/// How often a shadow is read again because another one has changed it.
const ATTEMPTS: usize = 3;

/// What is missing in the shadow, and its version.
///
/// The shadow is read first. A command is stored before it sets the shadow, so
/// whatever command the shadow knows of is read after it; one that sets it
/// later makes the version another one.
async fn difference(
    commands: &impl Commands,
    shadows: &impl DesiredStates,
    owner: &Owner,
    device: &DeviceId,
    now: Timestamp,
) -> Result<(Map<String, Value>, Option<u64>), StoreError> {
    let shadow = shadows.desired(device).await?;
    let wanted = Wants::of(commands, owner, device, now).await?;
    let (state, version) = match shadow {
        Some(it) => (it.state, Some(it.version)),
        None => (Map::new(), None),
    };
    Ok((wanted.missing_in(&state), version))
}

/// What the newest commands of a registration want.
#[derive(Debug)]
struct Wants {
    state: Map<String, Value>,
    /// Whether these were all commands of the registration.
    complete: bool,
}

impl Wants {
    /// Reads the newest [`NEWEST`] commands: the one call may end earlier.
    async fn of(
        commands: &impl Commands,
        owner: &Owner,
        device: &DeviceId,
        now: Timestamp,
    ) -> Result<Self, StoreError> {
        let read = commands.read(&owner.user, device, None, None, NEWEST, now);
        let read = read.await?;
        let before = |it| Command::is_before(it, owner.since);
        Ok(Self {
            complete: read.end.as_ref().is_none_or(before),
            state: wanted(read.rows, owner, now),
        })
    }

    /// The patch that makes `state` what is wanted. What no command wants is
    /// removed only where all commands are known.
    fn missing_in(&self, state: &Map<String, Value>) -> Map<String, Value> {
        let mut missing = Map::new();
        for (key, wanted) in &self.state {
            if let Some(patch) = patch(state.get(key), wanted) {
                missing.insert(key.clone(), patch);
            }
        }
        if self.complete {
            let unwanted = state.keys().filter(|it| !self.state.contains_key(*it));
            missing.extend(unwanted.map(|key| (key.clone(), Value::Null)));
        }
        missing
    }
}

/// Commands that are read to know what is wanted.
const NEWEST: usize = 100;

/// For each key, what the newest command of the registration says that sets it
/// and has not failed; `null` where that one removes it.
fn wanted(newest_first: Vec<Command>, owner: &Owner, now: Timestamp) -> Map<String, Value> {
    let mut wanted = Map::new();
    for command in newest_first {
        if command.registration != owner.registration {
            continue;
        }
        let command = command.at(now);
        if command.status == CommandStatus::Failed {
            continue;
        }
        for (key, value) in command.desired {
            wanted.entry(key).or_insert(value);
        }
    }
    wanted
}

/// What makes `present` to `wanted` when it is merged into it, as shadows merge:
/// object by object, and `null` removes. `None` where nothing does.
fn patch(present: Option<&Value>, wanted: &Value) -> Option<Value> {
    match (present, wanted) {
        // A shadow holds neither `null` nor an empty object.
        (None, wanted) if is_nothing(wanted) => None,
        (None, wanted) => Some(wanted.clone()),
        (Some(_), wanted) if is_nothing(wanted) => Some(Value::Null),
        (Some(Value::Object(present)), Value::Object(wanted)) => {
            let mut fields = Map::new();
            for (name, wanted) in wanted {
                if let Some(patch) = patch(present.get(name), wanted) {
                    fields.insert(name.clone(), patch);
                }
            }
            for name in present.keys().filter(|it| !wanted.contains_key(*it)) {
                fields.insert(name.clone(), Value::Null);
            }
            (!fields.is_empty()).then_some(Value::Object(fields))
        }
        (Some(present), wanted) => (!same(present, wanted)).then(|| wanted.clone()),
    }
}

fn is_nothing(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::Object(fields) => fields.values().all(is_nothing),
        _ => false,
    }
}

/// Looks at a desired state that somebody has changed, and puts it right.
///
/// `token` is what the change was made with. One by [`REPAIR`] is looked at
/// and left as it is: whatever a shadow makes of what we write, a repair
/// never follows a repair.
///
/// # Errors
///
/// When a port fails, or others keep changing the shadow.
pub async fn check_desired<O: Owners, C: Commands, S: DesiredStates>(
    upkeep: &Upkeep<'_, O, C, S>,
    device: &DeviceId,
    token: Option<&str>,
    now: Timestamp,
) -> Result<Checked, StoreError> {
    let (owners, commands, shadows) = (upkeep.owners, upkeep.commands, upkeep.shadows);
    let Some(owner) = owners.of_device(device).await? else {
        return Ok(Checked::NotOurs);
    };
    if token == Some(REPAIR) {
        let (patch, _) = difference(commands, shadows, &owner, device, now).await?;
        return Ok(match patch.is_empty() {
            true => Checked::Same,
            false => Checked::Differs,
        });
    }
    Ok(
        match restore(commands, shadows, &owner, device, now).await? {
            Restored::Same => Checked::Same,
            Restored::Changed => Checked::Repaired,
        },
    )
}

/// What a look at a desired state has found.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Checked {
    /// Nobody has the device: a thing of somebody else's, or one that was deleted.
    NotOurs,
    /// It is what the cloud wants.
    Same,
    /// It was not, and is again.
    Repaired,
    /// It is not, and a repair was the last to change it.
    Differs,
}

#[cfg(test)]
mod tests;
