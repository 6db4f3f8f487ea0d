//! One answer, one change of a desired state, or one sweep.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use contract::metric;
use domain::command::{
    self, Answered, Checked, Commands, DesiredStates, OpenCommands, Sweep, Upkeep,
};
use domain::event::{Delivery, Rejected};
use domain::id::DeviceId;
use domain::owner::Owners;
use domain::store::StoreError;
use jiff::Timestamp;
use lambda_runtime::{Diagnostic, LambdaEvent};
use runtime::Chain;
use serde::Deserialize;
use serde_json::Value;
use tracing::{debug, error, info, warn};

/// What invokes this function: the topic rules select the first two, the
/// schedule sends the third. See `outcome` in `infra`.
#[derive(Debug, Deserialize)]
#[serde(
    tag = "kind",
    rename_all = "lowercase",
    rename_all_fields = "camelCase"
)]
pub(crate) enum Happening {
    /// A device has answered a command.
    Answer {
        /// The payload as it came, in base64; absent where it was empty.
        #[serde(default)]
        payload: String,
        /// The topic's segment that names the device.
        device_id: String,
        /// Epoch milliseconds by the rule's clock.
        received_at: i64,
    },
    /// Somebody has changed the desired state of a thing.
    Desired {
        /// The thing, whosever it is.
        device_id: String,
        /// What the change was made with; a text, where it is one of ours.
        #[serde(default)]
        client_token: Value,
    },
    /// A minute is over.
    Sweep,
}

/// Commands that one sweep settles: what is more is left to the next one.
const MOST: usize = 1_000;

/// Translates one happening into one domain call, and its outcome into log
/// lines and metrics.
pub(crate) async fn handle<O, C, S>(
    upkeep: &Upkeep<'_, O, C, S>,
    rejected: &impl Rejected,
    event: LambdaEvent<Happening>,
) -> Result<(), Diagnostic>
where
    O: Owners,
    C: Commands + OpenCommands,
    S: DesiredStates,
{
    let now = Timestamp::now();
    match event.payload {
        Happening::Answer {
            payload,
            device_id,
            received_at,
        } => {
            let delivery = delivery(&payload, device_id.clone(), received_at)?;
            let answered = command::answer(upkeep, rejected, delivery, now).await;
            tell_answer(&device_id, answered)
        }
        Happening::Desired {
            device_id,
            client_token,
        } => {
            // Other things of the account may have names that no device has.
            let Ok(device) = DeviceId::new(device_id) else {
                return Ok(());
            };
            let token = client_token.as_str();
            let checked = command::check_desired(upkeep, &device, token, now).await;
            tell_check(&device, checked)
        }
        Happening::Sweep => tell_sweep(&command::sweep(upkeep, now, MOST).await),
    }
}

fn delivery(payload: &str, device: String, received_at: i64) -> Result<Delivery, Diagnostic> {
    let invalid = |message| diagnostic("InvalidEvent", message);
    Ok(Delivery {
        payload: STANDARD
            .decode(payload)
            .map_err(|_| invalid("`payload` must be base64"))?,
        received: Timestamp::from_millisecond(received_at)
            .map_err(|_| invalid("`receivedAt` must be epoch milliseconds"))?,
        device,
    })
}

fn tell_answer(device: &str, answered: Result<Answered, StoreError>) -> Result<(), Diagnostic> {
    match answered {
        Ok(Answered::Ended(command)) => {
            count(metric::COMMAND_ANSWERED);
            info!(device.id = device, command.id = %command.id, "command `{}`: {}",
                command.id, command.status.as_str());
        }
        Ok(Answered::Repeated(command)) => {
            info!(device.id = device, command.id = %command.id,
                "command `{}` had ended before", command.id);
        }
        Ok(Answered::Late(command)) => {
            info!(device.id = device, command.id = %command.id,
                "the answer to command `{}` is too late", command.id);
        }
        Ok(Answered::Rejected(reason)) => {
            count(metric::MESSAGE_REJECTED);
            warn!(device.id = device, "rejected an answer: {reason}");
        }
        Err(err) => {
            return Err(diagnostic("CommandAnswerFailure", &Chain(&err).to_string()));
        }
    }
    Ok(())
}

fn tell_check(device: &DeviceId, checked: Result<Checked, StoreError>) -> Result<(), Diagnostic> {
    match checked {
        Ok(Checked::NotOurs) => debug!(device.id = %device, "nobody has registered `{device}`"),
        Ok(Checked::Same) => debug!(device.id = %device, "the shadow says what the commands say"),
        Ok(Checked::Repaired) => {
            count(metric::SHADOW_REPAIRED);
            warn!(device.id = %device, "somebody has changed the desired state; put it right");
        }
        Ok(Checked::Differs) => {
            warn!(device.id = %device, "the shadow differs from the commands after a repair");
        }
        Err(err) => {
            return Err(diagnostic("ShadowRestoreFailure", &Chain(&err).to_string()));
        }
    }
    Ok(())
}

/// The invocation fails where anything did, so that somebody notices; what was
/// left is done by its retry, or by the next sweep.
fn tell_sweep(sweep: &Sweep) -> Result<(), Diagnostic> {
    runtime::count_many(
        metric::NAMESPACE,
        metric::COMMAND_TIMED_OUT,
        sweep.timed_out,
    );
    if sweep.timed_out > 0 || sweep.finished > 0 || sweep.more {
        info!(
            commands.timed_out = sweep.timed_out,
            commands.finished = sweep.finished,
            shadows.restored = sweep.restored,
            commands.more = sweep.more,
            "swept"
        );
    }
    for (command, err) in &sweep.failed {
        let command = command.map(|it| it.to_string()).unwrap_or_default();
        error!(command.id = command, error.chain = %Chain(err), "{err}");
    }
    match sweep.failed.as_slice() {
        [] => Ok(()),
        failed => Err(diagnostic(
            "CommandSweepFailure",
            &format!(
                "{} of the commands could not be ended: the log names them",
                failed.len()
            ),
        )),
    }
}

fn count(name: &'static str) {
    runtime::count(metric::NAMESPACE, name);
}

/// Alarms match on `error_type`, so it does not follow Rust's types.
fn diagnostic(error_type: &str, message: &str) -> Diagnostic {
    Diagnostic {
        error_type: error_type.to_owned(),
        error_message: message.to_owned(),
    }
}

#[cfg(test)]
mod tests;
