//! An answer although the function panics. Released binaries abort then, so only
//! the panic hook can still say something.

use std::panic::{self, PanicHookInfo};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

use crate::answer::Answers;
use crate::request::Caller;

/// Who is waiting for an answer at present.
#[derive(Clone, Debug, Default)]
pub(crate) struct LastWords(Arc<Mutex<Option<Caller>>>);

impl LastWords {
    /// From now on `caller` is who waits.
    pub(crate) fn are_for(&self, caller: Option<Caller>) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = caller;
    }

    /// Answers who waits when a thread panics, by what `answers` makes. That has
    /// to be new: the connections of the panicking thread do not move any more.
    pub(crate) fn on_panic(&self, answers: impl Fn() -> Option<Answers> + Send + Sync + 'static) {
        let waiting = self.clone();
        let print = panic::take_hook();
        panic::set_hook(Box::new(move |info| {
            print(info);
            let caller = waiting.0.try_lock().ok().and_then(|mut it| it.take());
            if let (Some(caller), Some(answers)) = (caller, answers()) {
                let reason = reason(info);
                // Joined, as the process ends after the hook.
                let sent = thread::spawn(move || send(&answers, &caller, reason)).join();
                drop(sent);
            }
        }));
    }
}

fn reason(info: &PanicHookInfo<'_>) -> String {
    let place = info
        .location()
        .map_or_else(String::new, |it| format!(" ({it})"));
    let text = info.payload_as_str().unwrap_or("without a word");
    format!("the function panicked: {text}{place}")
}

fn send(answers: &Answers, caller: &Caller, reason: String) {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build();
    if let Ok(runtime) = runtime
        && let Err(err) = runtime.block_on(answers.send(caller, Err(reason)))
    {
        tracing::error!(error.chain = %runtime::Chain(&err), "{err}");
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cloudformation::{CloudFormation, answers};

    const CREATE: &str = include_str!("../fixtures/create.json");

    /// The only test that replaces the hook, which all tests of a process share.
    #[test]
    fn a_panic_is_answered_if_somebody_waits() {
        let cloudformation = CloudFormation::answering(&[200]);
        let last_words = LastWords::default();
        last_words.on_panic(|| Some(answers()));

        last_words.are_for(Some(cloudformation.caller(CREATE)));
        let ended = thread::spawn(|| panic!("no {}", "way")).join();
        assert!(ended.is_err());
        let body = cloudformation.asked().body;
        assert_eq!(body["Status"], "FAILED");
        let reason = body["Reason"].as_str().unwrap();
        let start = "the function panicked: no way (crates/services/custom-resource/src/";
        assert!(reason.starts_with(start), "{reason}");

        // Answered once.
        assert!(thread::spawn(|| panic!("again")).join().is_err());
        last_words.are_for(None);
        assert!(thread::spawn(|| panic!("and again")).join().is_err());
        assert!(cloudformation.is_done());
    }
}
