//! IoT Core's registry in memory, as strict as the real one.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, MutexGuard};

use domain::device::{Attached, Registry};
use domain::id::{CertificateId, DeviceId, ModelNumber, UserId};
use domain::jitr::{Certificate, CertificateStatus, Certificates};
use domain::registration::{Thing, Things};
use domain::store::{Cause, StoreError};

use super::gate::Gate;

/// Things and certificates. Every certificate's common name is `device`.
#[derive(Debug)]
pub(super) struct Iot {
    gate: Gate,
    device: DeviceId,
    state: Mutex<State>,
}

#[derive(Clone, Debug, Default)]
pub(super) struct State {
    /// Each thing with what is attached to it.
    pub(super) things: BTreeMap<DeviceId, BTreeSet<CertificateId>>,
    pub(super) certificates: BTreeMap<CertificateId, CertificateStatus>,
}

impl Iot {
    pub(super) fn new(gate: Gate, device: DeviceId) -> Self {
        Self {
            gate,
            device,
            state: Mutex::default(),
        }
    }

    pub(super) fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap()
    }

    /// The device connects: a certificate that is not known is stored.
    pub(super) fn connect(&self, certificate: &CertificateId) {
        let pending = CertificateStatus::PendingActivation;
        let mut state = self.state();
        state
            .certificates
            .entry(certificate.clone())
            .or_insert(pending);
    }

    /// Whether the device can be connected with `certificate`, and publish.
    pub(super) fn lets_in(&self, certificate: &CertificateId) -> bool {
        let state = self.state();
        state.certificates.get(certificate) == Some(&CertificateStatus::Active)
            && state
                .things
                .get(&self.device)
                .is_some_and(|it| it.contains(certificate))
    }

    async fn call<T>(
        &self,
        work: impl FnOnce(&mut State) -> Result<T, Cause>,
    ) -> Result<T, StoreError> {
        let call = async { work(&mut self.state()) };
        self.gate.pass(call).await.map_err(|cause| StoreError {
            operation: "ask the registry",
            cause,
            source: "the registry does not do that now".into(),
        })
    }
}

impl State {
    fn set(&mut self, id: &CertificateId, status: CertificateStatus) -> Result<(), Cause> {
        *self.certificates.get_mut(id).ok_or(Cause::Broken)? = status;
        Ok(())
    }
}

impl Things for Iot {
    async fn create(
        &self,
        device: &DeviceId,
        _: &ModelNumber,
        _: &UserId,
    ) -> Result<Thing, StoreError> {
        self.call(|state| {
            state.things.entry(device.clone()).or_default();
            Ok(Thing::OfOwner)
        })
        .await
    }

    async fn hand_over(&self, _: &DeviceId, _: &UserId) {}
}

impl Certificates for Iot {
    async fn describe(&self, id: &CertificateId) -> Result<Option<Certificate>, StoreError> {
        self.call(|state| {
            let found = state.certificates.get(id).map(|status| Certificate {
                id: id.clone(),
                arn: arn(id),
                status: *status,
                ca: None,
                device: Some(self.device.clone()),
            });
            Ok(found)
        })
        .await
    }

    async fn of_thing(&self, device: &DeviceId) -> Result<Option<Vec<CertificateId>>, StoreError> {
        self.call(|state| {
            let attached = state.things.get(device);
            Ok(attached.map(|it| it.iter().cloned().collect()))
        })
        .await
    }

    async fn attach_policy(&self, certificate: &Certificate) -> Result<(), StoreError> {
        self.call(
            |state| match state.certificates.contains_key(&certificate.id) {
                true => Ok(()),
                false => Err(Cause::Broken),
            },
        )
        .await
    }

    async fn attach_thing(
        &self,
        certificate: &Certificate,
        device: &DeviceId,
    ) -> Result<(), StoreError> {
        self.call(|state| {
            let known = state.certificates.contains_key(&certificate.id);
            match state.things.get_mut(device) {
                Some(attached) if known => {
                    attached.insert(certificate.id.clone());
                    Ok(())
                }
                _ => Err(Cause::Broken),
            }
        })
        .await
    }

    async fn activate(&self, id: &CertificateId) -> Result<(), StoreError> {
        self.call(|state| state.set(id, CertificateStatus::Active))
            .await
    }

    async fn remove(&self, id: &CertificateId) -> Result<(), StoreError> {
        Registry::deactivate(self, id).await?;
        self.delete_certificate(id).await
    }
}

impl Registry for Iot {
    async fn attached(&self, device: &DeviceId) -> Result<Vec<Attached>, StoreError> {
        self.call(|state| {
            let attached = state.things.get(device).into_iter().flatten();
            Ok(attached
                .map(|it| Attached {
                    certificate: it.clone(),
                    arn: arn(it),
                })
                .collect())
        })
        .await
    }

    async fn deactivate(&self, id: &CertificateId) -> Result<(), StoreError> {
        self.call(|state| {
            // What is gone is stopped.
            let _ = state.set(id, CertificateStatus::Stopped);
            Ok(())
        })
        .await
    }

    async fn detach(&self, attached: &Attached, device: &DeviceId) -> Result<(), StoreError> {
        self.call(|state| {
            if let Some(certificates) = state.things.get_mut(device) {
                certificates.remove(&attached.certificate);
            }
            Ok(())
        })
        .await
    }

    async fn delete_certificate(&self, id: &CertificateId) -> Result<(), StoreError> {
        self.call(|state| {
            if state.certificates.get(id) == Some(&CertificateStatus::Active) {
                return Err(Cause::Broken);
            }
            if state.things.values().any(|it| it.contains(id)) {
                return Err(Cause::Busy);
            }
            state.certificates.remove(id);
            Ok(())
        })
        .await
    }

    async fn delete_shadow(&self, _: &DeviceId) -> Result<(), StoreError> {
        self.call(|_| Ok(())).await
    }

    async fn delete_thing(&self, device: &DeviceId) -> Result<(), StoreError> {
        self.call(|state| match state.things.get(device) {
            Some(attached) if !attached.is_empty() => Err(Cause::Busy),
            _ => {
                state.things.remove(device);
                Ok(())
            }
        })
        .await
    }
}

fn arn(id: &CertificateId) -> String {
    format!("arn:aws:iot:us-east-1:000000000000:cert/{id}")
}
