//! All ports of commands over their doubles, any call of which can be made to
//! fail: before it has an effect, or after it, when only the answer is lost.

use std::sync::Mutex;

use jiff::Timestamp;
use serde_json::{Map, Value, json};

use super::*;
use crate::event::{Delivery, Rejection};
use crate::memory::{
    MemoryCommands, MemoryOwners, MemoryShadows, MemoryTargets, Noted, at, command, device, user,
};
use crate::owner::{Owner, Owners};
use crate::store::Cause;

/// `SN-1` is Anna's thermostat.
#[derive(Debug, Default)]
pub(super) struct World {
    pub(super) owners: MemoryOwners,
    pub(super) commands: MemoryCommands,
    pub(super) shadows: MemoryShadows,
    pub(super) topic: Noted<Command>,
    pub(super) rejected: Noted<Rejection>,
    faults: Mutex<Faults>,
}

#[derive(Debug, Default)]
struct Faults {
    /// Calls that were made.
    calls: usize,
    /// The call that fails, and whether it has its effect all the same.
    at: Option<(usize, bool)>,
}

impl World {
    pub(super) fn new() -> Self {
        let world = Self::default();
        world.owners.register("anna", "SN-1", 1, at(0));
        world
    }

    /// Lets the call `number` from now on fail, the first one being 0, after
    /// its effect or instead of it.
    pub(super) fn fail_at(&self, number: usize, after: bool) {
        *self.faults.lock().unwrap() = Faults {
            calls: 0,
            at: Some((number, after)),
        };
    }

    /// How many calls were made since faults were set.
    pub(super) fn calls(&self) -> usize {
        self.faults.lock().unwrap().calls
    }

    pub(super) fn heal(&self) {
        *self.faults.lock().unwrap() = Faults::default();
    }

    async fn call<T>(
        &self,
        call: impl Future<Output = Result<T, StoreError>>,
    ) -> Result<T, StoreError> {
        let fault = {
            let mut faults = self.faults.lock().unwrap();
            let fault = faults.at.filter(|(number, _)| *number == faults.calls);
            faults.calls += 1;
            fault
        };
        match fault {
            None => call.await,
            Some((_, after)) => {
                if after {
                    call.await?;
                }
                Err(StoreError {
                    operation: "make this call",
                    cause: Cause::Busy,
                    source: "a fault".into(),
                })
            }
        }
    }

    pub(super) fn upkeep(&self) -> Upkeep<'_, Self, Self, Self> {
        Upkeep {
            owners: self,
            commands: self,
            shadows: self,
        }
    }

    /// Sends what the thermostat takes at [`at`]`(millisecond)`.
    pub(super) async fn send(
        &self,
        name: &str,
        value: Value,
        key: Option<&str>,
        millisecond: i64,
    ) -> Result<Command, CreateError> {
        let ports = Sending {
            targets: self,
            commands: self,
            shadows: self,
            topic: self,
        };
        let wanted = Wanted::new(CommandName::new(name).unwrap(), value, None).unwrap();
        let key = key.map(|it| IdempotencyKey::new(it).unwrap());
        let (user, device) = (user("anna"), device("SN-1"));
        let id = command("anna", "SN-1", millisecond).id;
        create(&ports, &user, &device, wanted, key.as_ref(), id).await
    }

    /// What `SN-1` says about a command at [`at`]`(millisecond)`.
    pub(super) async fn answer(
        &self,
        id: CommandId,
        status: &str,
        millisecond: i64,
    ) -> Result<Answered, StoreError> {
        let payload = json!({"commandId": id.to_string(), "status": status, "reason": "so"});
        self.deliver("SN-1", payload.to_string().as_bytes(), millisecond)
            .await
    }

    pub(super) async fn deliver(
        &self,
        device: &str,
        payload: &[u8],
        millisecond: i64,
    ) -> Result<Answered, StoreError> {
        let now = at(millisecond);
        let delivery = Delivery {
            device: device.into(),
            payload: payload.into(),
            received: now,
        };
        answer(&self.upkeep(), self, delivery, now).await
    }

    pub(super) async fn sweep(&self, millisecond: i64) -> Sweep {
        sweep(&self.upkeep(), at(millisecond), 1_000).await
    }

    pub(super) async fn restore(&self, millisecond: i64) -> Result<Restored, StoreError> {
        let owner = self.owners.get("SN-1").unwrap();
        restore(self, self, &owner, &device("SN-1"), at(millisecond)).await
    }

    pub(super) fn stored(&self, id: CommandId) -> Command {
        let mut all = self.commands.all();
        all.retain(|it| it.id == id);
        all.remove(0)
    }

    /// Status and reason of a command.
    pub(super) fn status(&self, id: CommandId) -> (&'static str, Option<String>) {
        let command = self.stored(id);
        (command.status.as_str(), command.reason)
    }
}

/// What the thermostat takes: `set-temp` and `set-mode` change its state,
/// `mix` changes some of everything, `reboot` changes none and is given 5 s.
/// The schema of `broken` is none.
fn details() -> Map<String, Value> {
    let model = json!({"colour": "white", "commands": {
        "set-temp": {
            "value": {"type": "number", "minimum": 50, "maximum": 110},
            "desired": {"targetTemperature": "$value"},
        },
        "set-mode": {
            "value": {"enum": ["HEAT", "AC", "OFF"]},
            "desired": {"powerStatus": "$value"},
        },
        "mix": {
            "value": {"type": "object"},
            "desired": {"mix": "$value", "powerStatus": "OFF"},
        },
        "reboot": {"timeLimitSeconds": 5},
        "broken": {"value": {"type": "nmber"}},
    }});
    model.as_object().cloned().unwrap()
}

impl Owners for World {
    async fn of_device(&self, device: &DeviceId) -> Result<Option<Owner>, StoreError> {
        self.call(self.owners.of_device(device)).await
    }

    async fn of_user(&self, user: &UserId, device: &DeviceId) -> Result<Option<Owner>, StoreError> {
        self.call(Owners::of_user(&self.owners, user, device)).await
    }
}

impl Targets for World {
    async fn of_user(
        &self,
        user: &UserId,
        device: &DeviceId,
        key: Option<&IdempotencyKey>,
    ) -> Result<Option<Target>, StoreError> {
        let targets = MemoryTargets {
            owners: &self.owners,
            commands: &self.commands,
            details: details(),
        };
        self.call(targets.of_user(user, device, key)).await
    }
}

impl Commands for World {
    async fn insert(
        &self,
        command: &Command,
        key: Option<&IdempotencyKey>,
    ) -> Result<Insertion, StoreError> {
        self.call(self.commands.insert(command, key)).await
    }

    async fn get(
        &self,
        user: &UserId,
        device: &DeviceId,
        id: CommandId,
    ) -> Result<Option<Command>, StoreError> {
        self.call(self.commands.get(user, device, id)).await
    }

    async fn read(
        &self,
        user: &UserId,
        device: &DeviceId,
        status: Option<CommandStatus>,
        after: Option<CommandId>,
        most: usize,
        now: Timestamp,
    ) -> Result<Stretch<Command>, StoreError> {
        let read = self.commands.read(user, device, status, after, most, now);
        self.call(read).await
    }
}

impl OpenCommands for World {
    async fn end(
        &self,
        command: CommandKey<'_>,
        ending: &Ending,
        now: Timestamp,
    ) -> Result<Ended, StoreError> {
        self.call(self.commands.end(command, ending, now)).await
    }

    async fn close(&self, command: CommandKey<'_>) -> Result<(), StoreError> {
        self.call(self.commands.close(command)).await
    }

    async fn due(&self, now: Timestamp, most: usize) -> Due {
        match self
            .call(async { Ok(self.commands.due(now, most).await) })
            .await
        {
            Ok(due) => due,
            Err(err) => Due {
                commands: vec![Err(err)],
                more: false,
            },
        }
    }
}

impl DesiredStates for World {
    async fn desired(&self, device: &DeviceId) -> Result<Option<Desired>, StoreError> {
        self.call(self.shadows.desired(device)).await
    }

    async fn patch(
        &self,
        device: &DeviceId,
        patch: &Map<String, Value>,
        token: &str,
        version: Option<u64>,
    ) -> Result<Patched, StoreError> {
        let patched = self.shadows.patch(device, patch, token, version);
        self.call(patched).await
    }
}

impl CommandTopic for World {
    async fn publish(&self, command: &Command, now: Timestamp) -> Result<(), StoreError> {
        self.call(self.topic.publish(command, now)).await
    }
}

impl crate::event::Rejected for World {
    async fn keep(&self, rejection: &Rejection) -> Result<(), StoreError> {
        self.call(self.rejected.keep(rejection)).await
    }
}
