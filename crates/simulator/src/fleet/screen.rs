//! How far it is: a bar on a terminal, else a line now and then.

use std::borrow::Cow;
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressStyle};

/// Time between two lines where there is no terminal.
const QUIET: Duration = Duration::from_secs(5);

/// The progress of one part of the work, on the standard error.
#[derive(Debug)]
pub(crate) struct Screen {
    what: &'static str,
    bar: ProgressBar,
    began: Instant,
    /// When a line was printed last; `None` on a terminal.
    line: Option<Instant>,
}

impl Screen {
    /// Starts a part of `total` steps.
    pub(crate) fn new(what: &'static str, total: u64) -> Self {
        // Draws to the standard error, and nothing where that is no terminal.
        let bar = ProgressBar::new(total);
        if let Ok(style) = ProgressStyle::with_template("{prefix:14} {wide_bar} {pos}/{len} {msg}")
        {
            bar.set_style(style);
        }
        bar.set_prefix(what);
        let now = Instant::now();
        let line = bar.is_hidden().then_some(now);
        Self {
            what,
            bar,
            began: now,
            line,
        }
    }

    pub(crate) fn advance(&self, steps: u64) {
        self.bar.inc(steps);
    }

    /// Shows how far it is, with more words.
    pub(crate) fn show(&mut self, position: u64, words: impl Into<Cow<'static, str>>) {
        let words = words.into();
        if let Some(last) = &mut self.line
            && last.elapsed() >= QUIET
        {
            *last = Instant::now();
            let (what, total) = (self.what, self.bar.length().unwrap_or_default());
            eprintln!("{what}: {position}/{total} {words}");
        }
        self.bar.set_position(position);
        self.bar.set_message(words);
    }

    /// Ends the part; `words` say what came of it.
    pub(crate) fn done(self, words: &str) {
        self.bar.finish_and_clear();
        eprintln!("{}: {words} in {:.1?}", self.what, self.began.elapsed());
    }
}
