//! How a device answers commands: as it should, or as one does that is broken.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

use crate::simulation::duration;

#[derive(Clone, Copy, Debug, clap::Args)]
pub(crate) struct Answers {
    /// How commands are answered.
    #[arg(long = "answers", value_enum, default_value_t = How::Success, value_name = "HOW")]
    pub(crate) how: How,
    /// How long after the command an answer comes with `--answers late`.
    #[arg(long = "answer-delay", default_value = "90s", value_name = "TIME", value_parser = duration)]
    delay: Duration,
}

/// How commands are answered.
#[derive(Clone, Copy, Debug, Eq, PartialEq, clap::ValueEnum)]
pub(crate) enum How {
    /// Does what it can, and says at once what came of it.
    Success,
    /// Does nothing, neither by command nor by its shadow, and says that it failed.
    Fail,
    /// Ignores commands; follows its shadow.
    Silent,
    /// Does what it can at once, and says so after `--answer-delay`.
    Late,
}

impl Answers {
    /// When the answer to a command of `now` is sent, if not at once.
    pub(crate) fn later(self, now: Timestamp) -> Option<Timestamp> {
        let delay = SignedDuration::try_from(self.delay).ok()?;
        (self.how == How::Late).then(|| now.checked_add(delay).unwrap_or(Timestamp::MAX))
    }
}

impl Default for Answers {
    fn default() -> Self {
        Self {
            how: How::Success,
            delay: Duration::ZERO,
        }
    }
}

#[cfg(test)]
impl Answers {
    pub(crate) fn new(how: How, delay: Duration) -> Self {
        Self { how, delay }
    }
}
