//! The user pool's post-confirmation trigger.

use domain::id::UserId;
use domain::settings::Settings;
use jiff::Timestamp;
use lambda_runtime::LambdaEvent;
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
pub(crate) async fn handle(
    settings: &impl Settings,
    event: LambdaEvent<Value>,
) -> Result<Value, lambda_runtime::Error> {
    let event = event.payload;
    if event["triggerSource"] != SIGNED_UP {
        return Ok(event);
    }
    let sub = event["request"]["userAttributes"]["sub"]
        .as_str()
        .unwrap_or_default();
    match UserId::new(sub) {
        Err(err) => error!("the confirmed account has no usable `sub`: {err}"),
        Ok(user) => match settings.create_default(&user, Timestamp::now()).await {
            Ok(()) => info!(user.id = %user, "created the settings of user `{user}`"),
            Err(err) => error!(user.id = %user, error.chain = %Chain(&err), "{err}"),
        },
    }
    Ok(event)
}
