//! What makers of resources stand on in tests: requests, a memory, and calls that
//! fail.

use std::sync::{Arc, Mutex};

use domain::store::{Cause, StoreError};
use serde_json::{Value, json};

use crate::account::Setting;
use crate::memory::{Memory, Remembered};
use crate::request::Request;

pub(crate) const KINDS: [&str; 3] = ["Create", "Update", "Delete"];

/// A request with these properties.
pub(crate) fn request(kind: &str, resource_type: &str, properties: &Value) -> Request {
    let request = json!({
        "RequestType": kind,
        "RequestId": "b1c0a3d4-0f6e-4d0a-8f1e-2f7f3d5e9c77",
        "ResourceType": resource_type,
        "ResourceProperties": properties,
    });
    serde_json::from_value(request).unwrap()
}

/// How many more calls work, of all that share it.
#[derive(Clone, Debug)]
pub(crate) struct Calls(Arc<Mutex<usize>>);

impl Calls {
    pub(crate) fn all() -> Self {
        Self(Arc::new(Mutex::new(usize::MAX)))
    }

    pub(crate) fn break_after(&self, calls: usize) {
        *self.0.lock().unwrap() = calls;
    }

    pub(crate) fn work(&self) {
        self.break_after(usize::MAX);
    }

    pub(crate) fn call(&self) -> Result<(), StoreError> {
        let mut left = self.0.lock().unwrap();
        *left = left.checked_sub(1).ok_or_else(|| failure("reach AWS"))?;
        Ok(())
    }
}

/// A row, in which an entry is what is remembered; clones share it.
#[derive(Clone, Debug)]
pub(crate) struct Row<T> {
    pub(crate) value: Arc<Mutex<Option<T>>>,
    calls: Calls,
}

impl<T> Row<T> {
    pub(crate) fn new(calls: &Calls) -> Self {
        Self {
            value: Arc::default(),
            calls: calls.clone(),
        }
    }
}

impl<T: Clone + PartialEq + Send + Sync> Memory<T> for Row<T> {
    type Entry = T;

    async fn get(&self) -> Result<Remembered<T, T>, StoreError> {
        self.calls.call()?;
        let value = self.value.lock().unwrap().clone();
        Ok(value.map(|it| (it.clone(), it)))
    }

    async fn put(&self, before: Option<&T>, after: &T) -> Result<(), StoreError> {
        self.calls.call()?;
        self.write(before, Some(after))
    }

    async fn delete(&self, before: &T) -> Result<(), StoreError> {
        self.calls.call()?;
        self.write(Some(before), None)
    }
}

impl<T: Clone + PartialEq> Row<T> {
    fn write(&self, before: Option<&T>, after: Option<&T>) -> Result<(), StoreError> {
        let mut value = self.value.lock().unwrap();
        if value.as_ref() != before {
            return Err(failure("write the row"));
        }
        *value = after.cloned();
        Ok(())
    }
}

/// A setting of the account; clones share it.
#[derive(Clone, Debug)]
pub(crate) struct InAccount<T> {
    pub(crate) value: Arc<Mutex<T>>,
    calls: Calls,
}

impl<T> InAccount<T> {
    pub(crate) fn new(value: T, calls: &Calls) -> Self {
        Self {
            value: Arc::new(Mutex::new(value)),
            calls: calls.clone(),
        }
    }
}

impl<T: Clone + Send + Sync> Setting<T> for InAccount<T> {
    async fn get(&self) -> Result<T, StoreError> {
        self.calls.call()?;
        Ok(self.value.lock().unwrap().clone())
    }

    async fn set(&self, value: &T) -> Result<(), StoreError> {
        self.calls.call()?;
        *self.value.lock().unwrap() = value.clone();
        Ok(())
    }
}

pub(crate) fn failure(operation: &'static str) -> StoreError {
    StoreError {
        operation,
        cause: Cause::Busy,
        source: "it does not work at the moment".into(),
    }
}
