//! The user pool's post-confirmation trigger.

use contract::metric;
use domain::id::UserId;
use domain::settings::Settings;
use jiff::Timestamp;
use runtime::Chain;
use serde_json::Value;
use tracing::{error, info};

/// The trigger for a new account; a confirmed new password comes with another one.
const SIGNED_UP: &str = "PostConfirmation_ConfirmSignUp";

/// Creates the settings of a user whose account was confirmed, and hands the
/// event back, as the user pool wants it.
///
/// A failure is logged and not passed on: the account is confirmed already, the
/// user would see an error for nothing, and the same settings hold for a user
/// who has none.
pub(crate) async fn confirmed(settings: &impl Settings, event: Value) -> Value {
    if event["triggerSource"] != SIGNED_UP {
        return event;
    }
    let sub = event["request"]["userAttributes"]["sub"]
        .as_str()
        .unwrap_or_default();
    match UserId::new(sub) {
        Err(err) => error!("the confirmed account has no usable `sub`: {err}"),
        Ok(user) => match settings.create_default(&user, Timestamp::now()).await {
            Ok(()) => {
                runtime::count(metric::NAMESPACE, metric::USER_CONFIRMED);
                info!(user.id = %user, "created the settings of user `{user}`");
            }
            Err(err) => error!(user.id = %user, error.chain = %Chain(&err), "{err}"),
        },
    }
    event
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use domain::settings::UserSettings;
    use domain::store::{Cause, StoreError};
    use serde_json::json;

    use super::*;

    const SUB: &str = "8c6f1c52-6f0a-4f0e-9a3a-5a0e4f0b7c11";

    #[tokio::test]
    async fn a_confirmed_account_gets_settings_and_the_pool_its_event_back() {
        let settings = Created::default();
        let event = event("PostConfirmation_ConfirmSignUp", SUB);
        assert_eq!(confirmed(&settings, event.clone()).await, event);
        assert_eq!(*settings.0.lock().unwrap(), [SUB]);
    }

    #[tokio::test]
    async fn a_new_password_and_an_account_without_id_change_nothing() {
        let settings = Created::default();
        for event in [
            event("PostConfirmation_ConfirmForgotPassword", SUB),
            event("PostConfirmation_ConfirmSignUp", "#"),
            json!({"triggerSource": "PostConfirmation_ConfirmSignUp"}),
        ] {
            assert_eq!(confirmed(&settings, event.clone()).await, event);
        }
        assert!(settings.0.lock().unwrap().is_empty());
    }

    #[tokio::test]
    async fn a_failing_table_does_not_fail_the_sign_up() {
        let event = event("PostConfirmation_ConfirmSignUp", SUB);
        assert_eq!(confirmed(&Failing, event.clone()).await, event);
    }

    fn event(trigger: &str, sub: &str) -> Value {
        let mut event: Value =
            serde_json::from_str(include_str!("../fixtures/post-confirmation.json")).unwrap();
        event["triggerSource"] = trigger.into();
        event["request"]["userAttributes"]["sub"] = sub.into();
        event
    }

    #[derive(Default)]
    struct Created(Mutex<Vec<String>>);

    impl Settings for Created {
        async fn of_user(&self, _: &UserId) -> Result<Option<UserSettings>, StoreError> {
            unreachable!("nothing is read")
        }

        async fn create_default(&self, user: &UserId, _: Timestamp) -> Result<(), StoreError> {
            self.0.lock().unwrap().push(user.to_string());
            Ok(())
        }
    }

    struct Failing;

    impl Settings for Failing {
        async fn of_user(&self, _: &UserId) -> Result<Option<UserSettings>, StoreError> {
            unreachable!("nothing is read")
        }

        async fn create_default(&self, _: &UserId, _: Timestamp) -> Result<(), StoreError> {
            Err(StoreError {
                operation: "write",
                cause: Cause::Busy,
                source: "away".into(),
            })
        }
    }
}
