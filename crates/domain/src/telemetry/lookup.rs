//! Whose messages these are, and what their models say.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use serde_json::{Map, Value};

use super::plan::{Columns, Plan};
use crate::id::{DeviceId, ModelNumber, RegistrationId, UserId};
use crate::model::InvalidModel;
use crate::owner::Owner;
use crate::store::StoreError;
use crate::threshold::Adjustments;

/// A device that somebody has.
#[derive(Clone, Debug, PartialEq)]
pub struct Source {
    /// Who has it.
    pub owner: Owner,
    /// Its model number.
    pub model: ModelNumber,
    /// The product's details, as they were when the device was registered.
    pub details: Map<String, Value>,
    /// What the owner has changed of its thresholds.
    pub adjustments: Adjustments,
}

/// Devices with their models.
pub trait Sources: Sync {
    /// The present registration of `device`; `None` where nobody has it.
    fn of_device(
        &self,
        device: &DeviceId,
    ) -> impl Future<Output = Result<Option<Source>, StoreError>> + Send;

    /// The registration of `user` for `device`; `None` where somebody else, or
    /// nobody, has it.
    fn of_user(
        &self,
        user: &UserId,
        device: &DeviceId,
    ) -> impl Future<Output = Result<Option<Source>, StoreError>> + Send;
}

/// Plans of registrations, so that a model is parsed once. They cannot grow old:
/// a registration keeps its details until it ends.
///
/// Who has a device is not kept: it is asked once for each device of a batch,
/// after the batch has come, so that no message goes to a former owner.
#[derive(Debug)]
pub struct Plans {
    columns: Columns,
    most: usize,
    known: Mutex<HashMap<RegistrationId, Arc<Plan>>>,
}

impl Plans {
    /// Keeps at most `most` plans.
    #[must_use]
    pub fn new(columns: Columns, most: usize) -> Self {
        Self {
            columns,
            most,
            known: Mutex::default(),
        }
    }

    /// The plan for what `source` sends.
    ///
    /// # Errors
    ///
    /// When its details hold a model that is not valid.
    pub fn of(&self, source: &Source) -> Result<Arc<Plan>, InvalidModel> {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        let registration = source.owner.registration;
        if let Some(plan) = known.get(&registration) {
            return Ok(Arc::clone(plan));
        }
        let plan = Plan::new(source.model.clone(), &source.details, &self.columns)?;
        let plan = Arc::new(plan);
        // Starting anew is rare, and simpler than knowing which is the oldest.
        if known.len() >= self.most {
            known.clear();
        }
        known.insert(registration, Arc::clone(&plan));
        Ok(plan)
    }
}
