//! Desired states in shadows.

use std::collections::BTreeMap;
use std::sync::Mutex;

use serde_json::{Map, Value};

use super::lock;
use crate::command::{Desired, DesiredStates, Patched};
use crate::id::DeviceId;
use crate::store::StoreError;

/// Shadows, as IoT Core merges them.
#[derive(Debug, Default)]
pub struct MemoryShadows(Mutex<BTreeMap<DeviceId, Desired>>);

impl MemoryShadows {
    /// What the shadow of `device` wants; `null` where it has none.
    #[must_use]
    pub fn state(&self, device: &str) -> Value {
        let shadows = lock(&self.0);
        let found = shadows.get(&super::device(device));
        found.map_or(Value::Null, |it| Value::Object(it.state.clone()))
    }

    /// Changes the shadow of `device` as anybody may.
    pub fn write(&self, device: &str, patch: &Value) {
        let patch = patch.as_object().cloned().unwrap_or_default();
        write(&mut lock(&self.0), &super::device(device), &patch);
    }
}

impl DesiredStates for MemoryShadows {
    async fn desired(&self, device: &DeviceId) -> Result<Option<Desired>, StoreError> {
        Ok(lock(&self.0).get(device).cloned())
    }

    async fn patch(
        &self,
        device: &DeviceId,
        patch: &Map<String, Value>,
        _token: &str,
        version: Option<u64>,
    ) -> Result<Patched, StoreError> {
        let mut shadows = lock(&self.0);
        let present = shadows.get(device).map(|it| it.version);
        if version.is_some() && version != present {
            return Ok(Patched::Overtaken);
        }
        write(&mut shadows, device, patch);
        Ok(Patched::Done)
    }
}

fn write(shadows: &mut BTreeMap<DeviceId, Desired>, device: &DeviceId, patch: &Map<String, Value>) {
    let shadow = shadows.entry(device.clone()).or_insert_with(|| Desired {
        state: Map::new(),
        version: 0,
    });
    merge(&mut shadow.state, patch);
    shadow.version += 1;
}

fn merge(state: &mut Map<String, Value>, patch: &Map<String, Value>) {
    for (key, value) in patch {
        match value {
            Value::Null => {
                state.remove(key);
            }
            Value::Object(fields) => {
                let mut merged = match state.remove(key) {
                    Some(Value::Object(present)) => present,
                    _ => Map::new(),
                };
                merge(&mut merged, fields);
                if !merged.is_empty() {
                    state.insert(key.clone(), Value::Object(merged));
                }
            }
            value => {
                state.insert(key.clone(), value.clone());
            }
        }
    }
}
