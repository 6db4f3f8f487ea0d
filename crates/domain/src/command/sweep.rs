//! Ending what nobody has answered, and finishing what was interrupted.

use futures_util::future::join_all;
use jiff::Timestamp;

use super::{Command, CommandId, CommandStatus, Commands, DesiredStates, Ended, Ending};
use super::{OpenCommands, Restored, Upkeep};
use crate::owner::Owners;
use crate::store::StoreError;

/// Ends the commands that are due at `now`, up to about `most`, and finishes
/// those that have failed and whose shadow was not put right.
///
/// Each one by itself: what fails stays open, and is there for the next sweep.
pub async fn sweep<O, C, S>(upkeep: &Upkeep<'_, O, C, S>, now: Timestamp, most: usize) -> Sweep
where
    O: Owners,
    C: Commands + OpenCommands,
    S: DesiredStates,
{
    let due = upkeep.commands.due(now, most).await;
    let mut sweep = Sweep {
        more: due.more,
        ..Sweep::default()
    };
    let mut commands = Vec::new();
    for found in due.commands {
        match found {
            Ok(command) => commands.push(command),
            Err(err) => sweep.failed.push((None, err)),
        }
    }
    for some in commands.chunks(AT_ONCE) {
        let settled = join_all(some.iter().map(|it| settle(upkeep, it, now))).await;
        for (command, settled) in some.iter().zip(settled) {
            match settled {
                Ok(settled) => {
                    sweep.timed_out += usize::from(settled.timed_out);
                    sweep.finished += usize::from(settled.finished);
                    sweep.restored += usize::from(settled.restored == Restored::Changed);
                }
                Err(err) => sweep.failed.push((Some(command.id), err)),
            }
        }
    }
    sweep
}

/// Commands that are settled side by side.
const AT_ONCE: usize = 8;

/// The end is stored before the shadow is put right. The other way round, an
/// answer in between could make the command a success whose state was just
/// taken back.
async fn settle<O, C, S>(
    upkeep: &Upkeep<'_, O, C, S>,
    found: &Command,
    now: Timestamp,
) -> Result<Settled, StoreError>
where
    O: Owners,
    C: Commands + OpenCommands,
    S: DesiredStates,
{
    let mut settled = Settled::default();
    // The index may be a moment behind: the row itself says what is left.
    let command = match upkeep
        .commands
        .end(found.key(), &Ending::TimedOut, now)
        .await?
    {
        Ended::Now(command) => {
            settled.timed_out = true;
            command
        }
        Ended::Unfit(command) => command,
        Ended::Missing => return Ok(settled),
    };
    if command.status != CommandStatus::Failed || !command.open {
        return Ok(settled);
    }
    let owner = match command.desired.is_empty() {
        true => None,
        false => upkeep.owners.of_device(&command.device).await?,
    };
    settled.restored = upkeep.finish(owner.as_ref(), &command, now).await?;
    settled.finished = true;
    Ok(settled)
}

/// What was done about one command.
struct Settled {
    timed_out: bool,
    finished: bool,
    restored: Restored,
}

impl Default for Settled {
    fn default() -> Self {
        Self {
            timed_out: false,
            finished: false,
            restored: Restored::Same,
        }
    }
}

/// What a sweep has done.
#[derive(Debug, Default)]
pub struct Sweep {
    /// Commands that had no answer in time.
    pub timed_out: usize,
    /// Commands about which nothing is left to do.
    pub finished: usize,
    /// Shadows that were put right.
    pub restored: usize,
    /// What could not be done, with the command where it is known.
    pub failed: Vec<(Option<CommandId>, StoreError)>,
    /// Whether there is more to do.
    pub more: bool,
}

#[cfg(test)]
mod tests;
