use std::sync::Mutex;

use domain::store::Cause;

use super::*;

/// What others, and we, may make of the setting.
const OFF: u8 = 0;
const ON: u8 = 1;
const MORE: u8 = 2;

/// The account of a stack: its setting, what is remembered, and how many more
/// calls work.
#[derive(Debug)]
struct Account(Mutex<State>);

#[derive(Clone, Debug, PartialEq)]
struct State {
    setting: u8,
    remembered: Option<Change<u8>>,
    calls_left: usize,
    changes: usize,
}

impl Account {
    fn with(setting: u8, remembered: Option<(u8, u8)>) -> Self {
        Self(Mutex::new(State {
            setting,
            remembered: remembered.map(|(found, set)| Change {
                found,
                set,
                replaced: None,
            }),
            calls_left: usize::MAX,
            changes: 0,
        }))
    }

    fn call<R>(&self, act: impl FnOnce(&mut State) -> R) -> Result<R, StoreError> {
        let mut state = self.0.lock().unwrap();
        let Some(left) = state.calls_left.checked_sub(1) else {
            return Err(failure("reach the account"));
        };
        state.calls_left = left;
        Ok(act(&mut state))
    }

    fn breaks_after(&self, calls: usize) {
        self.0.lock().unwrap().calls_left = calls;
    }

    fn works(&self) {
        self.breaks_after(usize::MAX);
    }

    /// The setting, and (found, set) where something is remembered.
    fn state(&self) -> (u8, Option<(u8, u8)>) {
        let state = self.0.lock().unwrap();
        let remembered = state.remembered.as_ref();
        (state.setting, remembered.map(|it| (it.found, it.set)))
    }

    async fn turn_on(&self) -> Result<u8, Failure> {
        change(self, self, |found| Ok(found.max(ON))).await
    }

    async fn turn_back(&self) -> Result<(), StoreError> {
        undo(self, self).await
    }
}

impl Setting<u8> for Account {
    async fn get(&self) -> Result<u8, StoreError> {
        self.call(|it| it.setting)
    }

    async fn set(&self, value: &u8) -> Result<(), StoreError> {
        self.call(|it| {
            it.setting = *value;
            it.changes += 1;
        })
    }
}

impl Memory<Change<u8>> for Account {
    type Entry = Change<u8>;

    async fn get(&self) -> Result<Option<(Change<u8>, Change<u8>)>, StoreError> {
        self.call(|it| it.remembered.clone().map(|it| (it.clone(), it)))
    }

    async fn put(&self, before: Option<&Change<u8>>, after: &Change<u8>) -> Result<(), StoreError> {
        self.call(|it| {
            if it.remembered.as_ref() != before {
                return Err(failure("remember"));
            }
            it.remembered = Some(after.clone());
            Ok(())
        })?
    }

    async fn delete(&self, before: &Change<u8>) -> Result<(), StoreError> {
        self.call(|it| {
            if it.remembered.as_ref() != Some(before) {
                return Err(failure("forget"));
            }
            it.remembered = None;
            Ok(())
        })?
    }
}

fn failure(operation: &'static str) -> StoreError {
    StoreError {
        operation,
        cause: Cause::Busy,
        source: "it does not work at the moment".into(),
    }
}

#[tokio::test]
async fn what_was_found_is_remembered_and_at_least_what_is_wanted_is_set() {
    // (found, remembered) → (left, remembered)
    for (setting, remembered, expected) in [
        (OFF, None, (ON, Some((OFF, ON)))),
        (ON, None, (ON, Some((ON, ON)))),
        (MORE, None, (MORE, Some((MORE, MORE)))),
        // Again, and again after a failure between the row and the setting.
        (ON, Some((OFF, ON)), (ON, Some((OFF, ON)))),
        (OFF, Some((OFF, ON)), (ON, Some((OFF, ON)))),
        // Somebody was there since.
        (MORE, Some((OFF, ON)), (MORE, Some((MORE, MORE)))),
        (OFF, Some((MORE, MORE)), (ON, Some((OFF, ON)))),
        // An earlier version of ours wanted less, or more.
        (OFF, Some((OFF, OFF)), (ON, Some((OFF, ON)))),
        (MORE, Some((OFF, MORE)), (ON, Some((OFF, ON)))),
    ] {
        let account = Account::with(setting, remembered);
        account.turn_on().await.unwrap();
        assert_eq!(account.state(), expected, "{setting} {remembered:?}");
    }
}

#[tokio::test]
async fn what_was_found_comes_back_unless_somebody_was_there_since() {
    for (setting, remembered, expected) in [
        (ON, Some((OFF, ON)), OFF),
        (ON, Some((ON, ON)), ON),
        (MORE, Some((MORE, MORE)), MORE),
        (MORE, Some((OFF, ON)), MORE),
        (OFF, Some((ON, ON)), OFF),
        // Never turned on, or turned back before.
        (ON, None, ON),
        (OFF, None, OFF),
        // Remembered, and then nothing.
        (OFF, Some((OFF, ON)), OFF),
    ] {
        let account = Account::with(setting, remembered);
        account.turn_back().await.unwrap();
        assert_eq!(
            account.state(),
            (expected, None),
            "{setting} {remembered:?}"
        );
    }
}

#[tokio::test]
async fn nothing_is_written_twice() {
    for (setting, writes) in [(OFF, 1), (ON, 0), (MORE, 0)] {
        let account = Account::with(setting, None);
        for _ in 0..3 {
            account.turn_on().await.unwrap();
        }
        assert_eq!(account.0.lock().unwrap().changes, writes, "{setting}");
        for _ in 0..3 {
            account.turn_back().await.unwrap();
        }
        assert_eq!(account.0.lock().unwrap().changes, 2 * writes, "{setting}");
        assert_eq!(account.state(), (setting, None));
    }
}

#[tokio::test]
async fn a_failure_at_any_call_is_made_good_by_the_next_request() {
    for found in [OFF, ON, MORE] {
        for calls in 0..4 {
            let account = Account::with(found, None);
            account.breaks_after(calls);
            let outcome = account.turn_on().await;
            account.works();
            if outcome.is_err() {
                // CloudFormation deletes what could not be made, or tries again.
                let deleted = Account::with(account.state().0, account.state().1);
                deleted.turn_back().await.unwrap();
                assert_eq!(deleted.state(), (found, None), "{found} {calls}");
            }
            account.turn_on().await.unwrap();
            assert_eq!(account.state().1.unwrap().0, found, "{found} {calls}");

            account.breaks_after(calls);
            drop(account.turn_back().await);
            account.works();
            account.turn_back().await.unwrap();
            assert_eq!(account.state(), (found, None), "{found} {calls}");
        }
    }
}

/// What is wanted may change with an update, which may end half way.
#[tokio::test]
async fn an_update_to_something_else_that_ends_half_way_is_still_of_the_stack() {
    let to =
        async |account: &Account, wanted: u8| change(account, account, move |_| Ok(wanted)).await;
    for calls in 0..4 {
        for updates in [vec![MORE], vec![MORE, ON], vec![MORE, ON, MORE]] {
            let account = Account::with(OFF, None);
            to(&account, ON).await.unwrap();
            for wanted in &updates {
                account.breaks_after(calls);
                drop(to(&account, *wanted).await);
                account.works();
            }
            let deleted = Account(Mutex::new(account.0.lock().unwrap().clone()));
            deleted.turn_back().await.unwrap();
            assert_eq!(deleted.state(), (OFF, None), "{calls} {updates:?}");

            let last = *updates.last().unwrap();
            to(&account, last).await.unwrap();
            let expected = (last, Some((OFF, last)));
            assert_eq!(account.state(), expected, "{calls} {updates:?}");
        }
    }
}

#[tokio::test]
async fn two_stacks_leave_the_account_as_it_was_in_whatever_order_they_go() {
    // Each remembers on its own; the setting is the same.
    for first_goes_first in [true, false] {
        let (first, second) = (Account::with(OFF, None), Account::with(OFF, None));
        first.turn_on().await.unwrap();
        second.0.lock().unwrap().setting = first.state().0;
        second.turn_on().await.unwrap();
        let (one, other) = match first_goes_first {
            true => (first, second),
            false => (second, first),
        };
        one.turn_back().await.unwrap();
        other.0.lock().unwrap().setting = one.state().0;
        other.turn_back().await.unwrap();
        assert_eq!(other.state(), (OFF, None), "{first_goes_first}");
    }
}

#[tokio::test]
async fn what_is_refused_changes_nothing() {
    for (setting, remembered) in [(OFF, None), (ON, Some((OFF, ON)))] {
        let account = Account::with(setting, remembered);
        let refused = change(&account, &account, |_| {
            Err(Failure::Refused("no".to_owned()))
        });
        assert_eq!(refused.await.unwrap_err().to_string(), "no");
        assert_eq!(account.state(), (setting, remembered));
    }
}

#[tokio::test]
async fn who_comes_second_does_not_overwrite_what_the_first_has_found() {
    struct Late<'a>(&'a Account);

    impl Memory<Change<u8>> for Late<'_> {
        type Entry = Change<u8>;

        /// As it was before the other one came.
        async fn get(&self) -> Result<Option<(Change<u8>, Change<u8>)>, StoreError> {
            Ok(None)
        }

        async fn put(
            &self,
            before: Option<&Change<u8>>,
            after: &Change<u8>,
        ) -> Result<(), StoreError> {
            self.0.put(before, after).await
        }

        async fn delete(&self, before: &Change<u8>) -> Result<(), StoreError> {
            self.0.delete(before).await
        }
    }

    let account = Account::with(OFF, None);
    account.turn_on().await.unwrap();
    let late = change(&account, &Late(&account), |found| Ok(found.max(ON))).await;
    assert_eq!(late.unwrap_err().to_string(), "could not remember");
    assert_eq!(account.state(), (ON, Some((OFF, ON))));
}
