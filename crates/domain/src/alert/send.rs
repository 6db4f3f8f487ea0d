//! Sending an alert, once, by each of its channels.

use std::collections::BTreeSet;
use std::fmt;

use futures_util::future::join3;
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;

use super::{Alerts, Channel, Claim, Request, sms};
use crate::event::{Event, EventId};
use crate::id::UserId;
use crate::settings::Settings;
use crate::store::StoreError;

/// Sends the alert that `request` asks for, if its owner wants it and nobody
/// has sent it.
///
/// A call that was killed after the claim is finished by the next delivery of
/// the same request. It may repeat what had just gone out: exactly once is not
/// to be had where another system is the one that sends.
///
/// # Errors
///
/// - [`SendError::Store`] when settings or claim fail; nothing was sent.
/// - [`SendError::Incomplete`] when a channel fails. The claim was given back:
///   any later request sends what is missing, and only that.
pub async fn send<C: Broadcast, T: Broadcast, M: TextMessages>(
    settings: &impl Settings,
    alerts: &impl Alerts,
    channels: &Channels<C, T, M>,
    request: &Request,
    now: Timestamp,
) -> Result<Outcome, SendError> {
    let settings = settings.of_user(&request.user).await?.unwrap_or_default();
    if !settings.alert_level.contains(&request.event_type) {
        return Ok(Outcome::NotWanted);
    }
    let Claim::Granted { event, served } = alerts.claim(request).await? else {
        return Ok(Outcome::Claimed);
    };
    if !event.is_unread() {
        return Ok(Outcome::Read);
    }

    let missing = |channel| !served.contains(&channel);
    let (console, topic, text) = join3(
        async {
            match missing(Channel::Console) {
                true => channels.console.publish(&event).await,
                false => Ok(()),
            }
        },
        async {
            match missing(Channel::Topic) {
                true => channels.topic.publish(&event).await,
                false => Ok(()),
            }
        },
        async {
            match missing(Channel::Sms) && settings.send_notification {
                true => text_owner(&channels.texts, &event, now).await,
                false => Ok(TextMessage::NotWanted),
            }
        },
    )
    .await;

    let (text, sms) = match text {
        Ok(text) => (text, Ok(())),
        Err(err) => (TextMessage::NotWanted, Err(err)),
    };

    let (mut served, mut failed) = (BTreeSet::new(), Vec::new());
    for (channel, outcome) in Channel::ALL.into_iter().zip([console, topic, sms]) {
        match outcome {
            Ok(()) => _ = served.insert(channel),
            Err(err) => failed.push((channel, err)),
        }
    }
    if failed.is_empty() {
        return Ok(Outcome::Sent(text));
    }
    // A claim that cannot be given back stays this request's: its next delivery
    // goes on, and only repeats more than it had to.
    let _ = alerts.release(request, &served).await;
    Err(SendError::Incomplete(failed))
}

async fn text_owner(
    texts: &impl TextMessages,
    alert: &Event,
    now: Timestamp,
) -> Result<TextMessage, StoreError> {
    let Some(phone) = texts.verified_phone(&alert.user).await? else {
        return Ok(TextMessage::NoVerifiedPhone);
    };
    let day = now.to_zoned(TimeZone::UTC).date();
    if !texts.allow(&alert.user, day, alert.id).await? {
        return Ok(TextMessage::OverCap);
    }
    texts.send(&phone, &sms::text(alert)).await?;
    Ok(TextMessage::Sent)
}

/// What became of a request.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Outcome {
    /// The alert went out by each channel that the owner wants.
    Sent(TextMessage),
    /// The type is not in the owner's alert level.
    NotWanted,
    /// Another request sends it, or has sent it.
    Claimed,
    /// The owner has read the event in the meantime.
    Read,
}

/// What became of the text message of an alert.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum TextMessage {
    /// It was handed in.
    Sent,
    /// The owner has not switched notifications on, or has it from an earlier attempt.
    NotWanted,
    /// The owner has no phone number, or never proved that it is theirs.
    NoVerifiedPhone,
    /// The owner has had [`DAILY_CAP`] of them today.
    OverCap,
}

/// Most text messages of a user in a day: each costs money, and a device can
/// ask for as many as it likes.
pub const DAILY_CAP: usize = 10;

/// Why an alert is not, or not quite, sent.
#[derive(Debug, thiserror::Error)]
pub enum SendError {
    /// Nothing was sent.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// Some channels failed, each with its error.
    #[error("the alert did not go out by {}", names(.0))]
    Incomplete(Vec<(Channel, StoreError)>),
}

fn names(failed: &[(Channel, StoreError)]) -> String {
    let names: Vec<&str> = failed.iter().map(|(channel, _)| channel.as_str()).collect();
    names.join(", ")
}

/// The ways on which alerts go out.
#[derive(Clone, Debug)]
pub struct Channels<C, T, M> {
    /// [`Channel::Console`].
    pub console: C,
    /// [`Channel::Topic`].
    pub topic: T,
    /// [`Channel::Sms`].
    pub texts: M,
}

/// A channel that takes each alert as it is.
pub trait Broadcast: Sync {
    /// Publishes `alert`, as the API shows it.
    fn publish(&self, alert: &Event) -> impl Future<Output = Result<(), StoreError>> + Send;
}

/// Text messages to owners. No error of theirs holds a phone number.
pub trait TextMessages: Sync {
    /// The phone number of `user`, if the user has proved that it is theirs.
    fn verified_phone(
        &self,
        user: &UserId,
    ) -> impl Future<Output = Result<Option<Phone>, StoreError>> + Send;

    /// Counts the text message for `event` among those of `user` on `day`;
    /// `false`, and not counted, where [`DAILY_CAP`] is reached. Asking again
    /// for the same event counts nothing.
    fn allow(
        &self,
        user: &UserId,
        day: Date,
        event: EventId,
    ) -> impl Future<Output = Result<bool, StoreError>> + Send;

    /// Sends `text` to `phone`.
    fn send(
        &self,
        phone: &Phone,
        text: &str,
    ) -> impl Future<Output = Result<(), StoreError>> + Send;
}

/// A phone number, which is printed nowhere.
#[derive(Clone, Eq, PartialEq)]
pub struct Phone(String);

impl Phone {
    /// The number as the user pool has it: `+`, then digits (E.164).
    #[must_use]
    pub fn new(number: String) -> Self {
        Self(number)
    }

    /// The number, for the one who dials it.
    #[must_use]
    pub fn number(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Phone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Phone(…)")
    }
}

#[cfg(test)]
mod tests;
