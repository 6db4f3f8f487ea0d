//! Things in an account that may fail at any call.

use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, BTreeSet};
use std::os::unix::fs::PermissionsExt;

use anyhow::bail;

use super::super::cloud::Issued;
use super::super::state::Certificate;
use super::*;

/// An account; fails once, at the call of the given number.
#[derive(Default)]
struct Account {
    things: RefCell<BTreeSet<String>>,
    certificates: RefCell<BTreeMap<String, Attached>>,
    issued: Cell<usize>,
    calls: Cell<usize>,
    fails_at: Cell<Option<usize>>,
}

#[derive(Debug, Default, Eq, PartialEq)]
struct Attached {
    active: bool,
    thing: Option<String>,
    policy: Option<String>,
}

impl Account {
    fn called(&self) -> Result<()> {
        self.calls.set(self.calls.get() + 1);
        if self.fails_at.get() == Some(self.calls.get()) {
            bail!("throttled");
        }
        Ok(())
    }

    fn is_empty(&self) -> bool {
        self.things.borrow().is_empty() && self.certificates.borrow().is_empty()
    }
}

impl Cloud for Account {
    async fn has_thing(&self, name: &str) -> Result<bool> {
        self.called()?;
        Ok(self.things.borrow().contains(name))
    }

    async fn create_thing(&self, name: &str) -> Result<()> {
        self.called()?;
        self.things.borrow_mut().insert(name.to_owned());
        Ok(())
    }

    async fn create_certificate(&self) -> Result<Issued> {
        self.called()?;
        self.issued.set(self.issued.get() + 1);
        let id = format!("c{}", self.issued.get());
        self.certificates
            .borrow_mut()
            .insert(id.clone(), Attached::default());
        Ok(Issued {
            pem: format!("certificate of {id}"),
            key: format!("key of {id}"),
            certificate: Certificate {
                arn: format!("arn of {id}"),
                id,
            },
        })
    }

    async fn attach(&self, thing: &str, policy: &str, certificate: &Certificate) -> Result<()> {
        self.called()?;
        let mut all = self.certificates.borrow_mut();
        let it = all.get_mut(&certificate.id).unwrap();
        it.thing = Some(thing.to_owned());
        it.policy = Some(policy.to_owned());
        Ok(())
    }

    async fn activate(&self, certificate: &Certificate) -> Result<()> {
        self.called()?;
        let mut all = self.certificates.borrow_mut();
        let it = all.get_mut(&certificate.id).unwrap();
        assert!(it.thing.is_some() && it.policy.is_some(), "activated last");
        it.active = true;
        Ok(())
    }

    async fn detach(&self, _: &str, _: &str, certificate: &Certificate) -> Result<()> {
        self.called()?;
        if let Some(it) = self.certificates.borrow_mut().get_mut(&certificate.id) {
            *it = Attached::default();
        }
        Ok(())
    }

    async fn delete_certificate(&self, certificate: &Certificate) -> Result<()> {
        self.called()?;
        if let Some(it) = self.certificates.borrow_mut().remove(&certificate.id) {
            assert_eq!(it, Attached::default(), "detached first");
        }
        Ok(())
    }

    async fn delete_thing(&self, name: &str) -> Result<()> {
        self.called()?;
        self.things.borrow_mut().remove(name);
        Ok(())
    }
}

fn names(count: usize) -> Vec<Serial> {
    (1..=count)
        .map(|it| format!("t-{it}").parse().unwrap())
        .collect()
}

async fn make(account: &Account, dir: &Path, count: usize) -> Result<()> {
    create(account, dir, "P", &names(count)).await
}

#[tokio::test]
async fn things_can_connect_and_only_their_owner_can_read_their_files() {
    let (account, dir) = (Account::default(), tempfile::tempdir().unwrap());
    make(&account, dir.path(), 2).await.unwrap();
    for (number, attached) in account.certificates.borrow().values().enumerate() {
        let wanted = Attached {
            active: true,
            thing: Some(format!("t-{}", number + 1)),
            policy: Some("P".to_owned()),
        };
        assert_eq!(*attached, wanted);
    }
    let ready = State::load(dir.path()).unwrap().ready(dir.path());
    assert_eq!(ready.len(), 2);
    for path in [&ready[0].files.key, &ready[0].files.chain] {
        let mode = std::fs::metadata(path).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }
    assert_eq!(
        std::fs::read_to_string(&ready[1].files.key).unwrap(),
        "key of c2"
    );
}

#[tokio::test]
async fn a_second_run_makes_only_what_is_missing() {
    let (account, dir) = (Account::default(), tempfile::tempdir().unwrap());
    make(&account, dir.path(), 2).await.unwrap();
    make(&account, dir.path(), 3).await.unwrap();
    assert_eq!(
        (account.issued.get(), account.things.borrow().len()),
        (3, 3)
    );
}

#[tokio::test]
async fn a_run_that_failed_at_any_call_can_be_finished_and_can_be_cleaned_up() {
    const CALLS: usize = 10;
    for failing in 1..=CALLS {
        for finish in [true, false] {
            let (account, dir) = (Account::default(), tempfile::tempdir().unwrap());
            account.fails_at.set(Some(failing));
            make(&account, dir.path(), 2).await.unwrap_err();
            if finish {
                make(&account, dir.path(), 2).await.unwrap();
                assert_eq!(account.issued.get(), 2, "call {failing}");
            }
            cleanup(&account, dir.path()).await.unwrap();
            assert!(account.is_empty(), "call {failing}");
        }
    }
}

#[tokio::test]
async fn a_cleanup_that_failed_at_any_call_can_be_finished() {
    const CALLS: usize = 6;
    for failing in 1..=CALLS {
        let (account, dir) = (Account::default(), tempfile::tempdir().unwrap());
        make(&account, dir.path(), 2).await.unwrap();
        account.fails_at.set(Some(account.calls.get() + failing));
        cleanup(&account, dir.path()).await.unwrap_err();
        cleanup(&account, dir.path()).await.unwrap();
        assert!(account.is_empty(), "call {failing}");
        assert_eq!(cleanup(&account, dir.path()).await.unwrap(), 0);
        let left: Vec<_> = std::fs::read_dir(dir.path()).unwrap().collect();
        assert_eq!(left.len(), 1, "only the empty note");
    }
}

#[tokio::test]
async fn somebody_elses_thing_is_neither_used_nor_deleted() {
    let (account, dir) = (Account::default(), tempfile::tempdir().unwrap());
    account.things.borrow_mut().insert("t-2".to_owned());
    let error = make(&account, dir.path(), 2).await.unwrap_err().to_string();
    assert!(
        error.starts_with("there is a thing `t-2` already"),
        "{error}"
    );
    assert_eq!(cleanup(&account, dir.path()).await.unwrap(), 1);
    assert!(account.things.borrow().contains("t-2"));
}

#[tokio::test]
async fn a_certificate_whose_key_could_not_be_kept_is_deleted() {
    let (account, dir) = (Account::default(), tempfile::tempdir().unwrap());
    // A folder is in the way of the key's file.
    std::fs::create_dir_all(dir.path().join("t-1.key/x")).unwrap();
    make(&account, dir.path(), 1).await.unwrap_err();
    assert!(account.certificates.borrow().is_empty());
}
