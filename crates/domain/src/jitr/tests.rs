//! Just-in-time registration as a table: a world before, an outcome, a world after.

use std::sync::Mutex;

use super::*;
use crate::store::Cause;

#[tokio::test]
async fn an_awaited_device_is_let_in_and_its_registration_completed() {
    let world = World::awaiting();
    assert_eq!(world.admit().await, Ok(Admission::Admitted(device())));
    world.check_admitted();
    assert_eq!(
        world.admit().await,
        Ok(Admission::AlreadyAdmitted(device()))
    );
    world.check_admitted();
}

#[tokio::test]
async fn lesson_4_a_certificate_is_checked_before_and_activated_after_everything_else() {
    let world = World::awaiting();
    world.admit().await.unwrap();
    assert_eq!(
        *world.calls.lock().unwrap(),
        [
            "describe",
            "awaited",
            "of_thing",
            "bind",
            "attach_policy",
            "attach_thing",
            "activate",
            "complete"
        ]
    );
}

#[tokio::test]
async fn a_call_killed_after_any_step_is_finished_by_the_next() {
    for step in 1..=8 {
        let world = World::awaiting();
        world.state.lock().unwrap().dies_after = Some(step);
        assert_eq!(world.admit().await, Err(()), "step {step}");
        assert!(matches!(
            world.admit().await,
            Ok(Admission::Admitted(_) | Admission::AlreadyAdmitted(_))
        ));
        world.check_admitted();
    }
}

#[tokio::test]
async fn refused_certificates_are_never_activated() {
    let only_other = TrustedCas::Only(BTreeSet::from([id('f')]));
    type Change = fn(&mut State);
    let cases: [(&str, Change, TrustedCas, Refusal); 9] = [
        (
            "gone",
            |it| it.certificate = None,
            TrustedCas::AnyRegistered,
            Refusal::CertificateGone,
        ),
        (
            "stopped",
            |it| it.certificate().status = CertificateStatus::Stopped,
            TrustedCas::AnyRegistered,
            Refusal::CertificateStopped,
        ),
        (
            "lesson 8: of another CA",
            |_| (),
            only_other.clone(),
            Refusal::UntrustedCa,
        ),
        (
            "lesson 8: of no CA",
            |it| it.certificate().ca = None,
            only_other,
            Refusal::UntrustedCa,
        ),
        (
            "no device id",
            |it| it.certificate().device = None,
            TrustedCas::AnyRegistered,
            Refusal::NoDeviceId,
        ),
        (
            "lesson 5: not registered, or deleted",
            |it| it.awaited = None,
            TrustedCas::AnyRegistered,
            Refusal::NotRegistered(device()),
        ),
        (
            "no thing",
            |it| it.attached = None,
            TrustedCas::AnyRegistered,
            Refusal::NoThing(device()),
        ),
        (
            "lesson 4: the thing has another certificate",
            |it| it.attached = Some(vec![id('b')]),
            TrustedCas::AnyRegistered,
            Refusal::SecondCertificate(device()),
        ),
        (
            "lesson 4: the registration is bound to another certificate",
            |it| it.awaited.as_mut().unwrap().certificate = Some(id('b')),
            TrustedCas::AnyRegistered,
            Refusal::SecondCertificate(device()),
        ),
    ];
    for (case, change, trusted, refusal) in cases {
        let world = World {
            trusted,
            ..World::awaiting()
        };
        change(&mut world.state.lock().unwrap());
        assert_eq!(
            world.admit().await,
            Ok(Admission::Refused(refusal)),
            "{case}"
        );
        let calls = world.calls.lock().unwrap();
        assert!(
            !calls
                .iter()
                .any(|it| it.starts_with("attach") || *it == "activate"),
            "{case}"
        );
    }
}

#[tokio::test]
async fn a_listed_ca_is_trusted() {
    let trusted = TrustedCas::Only(BTreeSet::from([id('c')]));
    let world = World {
        trusted,
        ..World::awaiting()
    };
    assert_eq!(world.admit().await, Ok(Admission::Admitted(device())));
}

#[tokio::test]
async fn lesson_5_a_device_deleted_while_it_is_let_in_ends_without_a_certificate() {
    let world = World::awaiting();
    world.state.lock().unwrap().deleted_on_activate = true;
    assert_eq!(
        world.admit().await,
        Ok(Admission::Refused(Refusal::NotRegistered(device())))
    );
    assert_eq!(world.state.lock().unwrap().certificate, None);
}

#[test]
fn a_refusal_names_the_device_it_is_about() {
    assert_eq!(Refusal::NoThing(device()).device(), Some(&device()));
    assert_eq!(Refusal::UntrustedCa.device(), None);
}

fn device() -> DeviceId {
    DeviceId::new("SN-1").unwrap()
}

fn id(digit: char) -> CertificateId {
    CertificateId::new(digit.to_string().repeat(64)).unwrap()
}

/// IoT Core and the registrations around one certificate `aa…` of CA `cc…`.
struct World {
    state: Mutex<State>,
    calls: Mutex<Vec<&'static str>>,
    trusted: TrustedCas,
}

struct State {
    certificate: Option<Certificate>,
    awaited: Option<Awaited>,
    attached: Option<Vec<CertificateId>>,
    policy: bool,
    dies_after: Option<usize>,
    deleted_on_activate: bool,
}

impl State {
    fn certificate(&mut self) -> &mut Certificate {
        self.certificate.as_mut().unwrap()
    }
}

impl World {
    fn awaiting() -> Self {
        let certificate = Certificate {
            id: id('a'),
            arn: "arn".into(),
            status: CertificateStatus::PendingActivation,
            ca: Some(id('c')),
            device: Some(device()),
        };
        let awaited = Awaited {
            registration: RegistrationId(uuid::Uuid::nil()),
            user: UserId::new("anna").unwrap(),
            device: device(),
            status: Status::Pending,
            certificate: None,
        };
        Self {
            state: Mutex::new(State {
                certificate: Some(certificate),
                awaited: Some(awaited),
                attached: Some(vec![]),
                policy: false,
                dies_after: None,
                deleted_on_activate: false,
            }),
            calls: Mutex::default(),
            trusted: TrustedCas::AnyRegistered,
        }
    }

    async fn admit(&self) -> Result<Admission, ()> {
        self.calls.lock().unwrap().clear();
        admit(self, self, &self.trusted, &id('a'), Timestamp::UNIX_EPOCH)
            .await
            .map_err(|_| ())
    }

    fn check_admitted(&self) {
        let state = self.state.lock().unwrap();
        assert_eq!(
            state.certificate.as_ref().unwrap().status,
            CertificateStatus::Active
        );
        assert_eq!(state.attached, Some(vec![id('a')]));
        assert!(state.policy);
        let awaited = state.awaited.as_ref().unwrap();
        assert_eq!(
            (awaited.status, awaited.certificate.as_ref()),
            (Status::Complete, Some(&id('a')))
        );
    }

    /// Does one step: the change happens, and then perhaps the caller dies.
    fn step<T>(
        &self,
        name: &'static str,
        change: impl FnOnce(&mut State) -> T,
    ) -> Result<T, StoreError> {
        let mut calls = self.calls.lock().unwrap();
        calls.push(name);
        let mut state = self.state.lock().unwrap();
        let result = change(&mut state);
        if state.dies_after == Some(calls.len()) {
            state.dies_after = None;
            return Err(StoreError {
                operation: "go on",
                cause: Cause::Broken,
                source: "killed".into(),
            });
        }
        Ok(result)
    }
}

impl Certificates for World {
    async fn describe(&self, _: &CertificateId) -> Result<Option<Certificate>, StoreError> {
        self.step("describe", |it| it.certificate.clone())
    }

    async fn of_thing(&self, _: &DeviceId) -> Result<Option<Vec<CertificateId>>, StoreError> {
        self.step("of_thing", |it| it.attached.clone())
    }

    async fn attach_policy(&self, _: &Certificate) -> Result<(), StoreError> {
        self.step("attach_policy", |it| it.policy = true)
    }

    async fn attach_thing(&self, it: &Certificate, _: &DeviceId) -> Result<(), StoreError> {
        self.step("attach_thing", |state| {
            let attached = state.attached.as_mut().unwrap();
            if !attached.contains(&it.id) {
                attached.push(it.id.clone());
            }
        })
    }

    async fn activate(&self, _: &CertificateId) -> Result<(), StoreError> {
        self.step("activate", |it| {
            it.certificate().status = CertificateStatus::Active;
            if it.deleted_on_activate {
                it.awaited = None;
            }
        })
    }

    async fn remove(&self, _: &CertificateId) -> Result<(), StoreError> {
        self.step("remove", |it| it.certificate = None)
    }
}

impl Admissions for World {
    async fn awaited(&self, _: &DeviceId) -> Result<Option<Awaited>, StoreError> {
        self.step("awaited", |it| it.awaited.clone())
    }

    async fn bind(
        &self,
        _: &Awaited,
        id: &CertificateId,
        _: Timestamp,
    ) -> Result<Binding, StoreError> {
        self.step("bind", |it| match &mut it.awaited {
            Some(row) if row.certificate.as_ref().is_none_or(|bound| bound == id) => {
                row.certificate = Some(id.clone());
                Binding::Bound
            }
            _ => Binding::Other,
        })
    }

    async fn complete(
        &self,
        _: &Awaited,
        id: &CertificateId,
        _: Timestamp,
    ) -> Result<Binding, StoreError> {
        self.step("complete", |it| match &mut it.awaited {
            Some(row) if row.certificate.as_ref() == Some(id) => {
                row.status = Status::Complete;
                Binding::Bound
            }
            _ => Binding::Other,
        })
    }
}
