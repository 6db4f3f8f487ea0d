//! Pages: how many rows, and where the next one starts.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest, Sha256};

mod walk;

pub(crate) use self::walk::Walk;
#[cfg(test)]
pub(crate) use self::walk::{CHUNK, STEPS};
pub use self::walk::{Listed, Owned, Stretch};

/// Most rows of one page.
pub const MOST: u8 = 100;

/// How many rows a page holds: 1 to [`MOST`].
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Limit(u8);

impl Limit {
    /// Parses the `limit` of a request, or takes `default` where there is none.
    ///
    /// # Errors
    ///
    /// [`InvalidLimit`] unless `text` is a whole number from 1 to [`MOST`].
    pub fn parse(text: Option<&str>, default: u8) -> Result<Self, InvalidLimit> {
        let Some(text) = text else {
            return Ok(Self(default));
        };
        // Rust also reads `+5` and `007`.
        let plain = text.starts_with(|c: char| ('1'..='9').contains(&c));
        match text.parse() {
            Ok(rows @ 1..=MOST) if plain => Ok(Self(rows)),
            _ => Err(InvalidLimit),
        }
    }

    /// The number of rows.
    #[must_use]
    pub fn rows(self) -> usize {
        usize::from(self.0)
    }
}

/// The limit is no number from 1 to 100.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error("`limit` must be a whole number from 1 to {MOST}")]
pub struct InvalidLimit;

/// Some rows, and the position after which the next page starts.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Page<T> {
    /// The rows.
    pub items: Vec<T>,
    /// How many rows were read for them.
    pub scanned: usize,
    /// Position of the last row that was read; `None` on the last page.
    pub next: Option<String>,
}

impl<T> Page<T> {
    /// The same page of something made of each row.
    pub(crate) fn map<U>(self, make: impl FnMut(T) -> U) -> Page<U> {
        Page {
            items: self.items.into_iter().map(make).collect(),
            scanned: self.scanned,
            next: self.next,
        }
    }
}

/// Who asks for what: a page key works for the same caller and query only.
#[derive(Clone, Copy, Debug)]
pub struct Scope<'a>(
    /// The caller, the operation and each filter, in a fixed order.
    pub &'a [&'a str],
);

impl Scope<'_> {
    /// The page key for `position`: opaque to clients.
    ///
    /// It holds the position and a digest over scope and position. The digest is
    /// no secret: somebody who computes one gains another place in their own
    /// rows, because the partition comes from the caller and never from the key.
    #[must_use]
    pub fn seal(self, position: &str) -> String {
        let mut bytes = self.digest(position).to_vec();
        bytes.extend_from_slice(position.as_bytes());
        URL_SAFE_NO_PAD.encode(bytes)
    }

    /// The position in `key`.
    ///
    /// # Errors
    ///
    /// [`InvalidPageKey`] when `key` was changed, or came from another caller or query.
    pub fn open(self, key: &str) -> Result<String, InvalidPageKey> {
        let bytes = URL_SAFE_NO_PAD.decode(key).map_err(|_| InvalidPageKey)?;
        let (digest, position) = bytes.split_at_checked(DIGEST).ok_or(InvalidPageKey)?;
        let position = str::from_utf8(position).map_err(|_| InvalidPageKey)?;
        match digest == self.digest(position) {
            true => Ok(position.to_owned()),
            false => Err(InvalidPageKey),
        }
    }

    fn digest(self, position: &str) -> [u8; DIGEST] {
        let mut hash = Sha256::new();
        for part in self.0.iter().chain([&position]) {
            hash.update((part.len() as u64).to_be_bytes());
            hash.update(part.as_bytes());
        }
        let full: [u8; 32] = hash.finalize().into();
        let mut short = [0; DIGEST];
        short.copy_from_slice(&full[..DIGEST]);
        short
    }
}

/// Bytes of the digest in a page key.
const DIGEST: usize = 12;

/// A page key that this service did not give to this caller for this query.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error(
    "`lastevalkey` is not a page key of this request: repeat the request with the \
     `LastEvaluatedKey` of its previous page, or without `lastevalkey` to start again"
)]
pub struct InvalidPageKey;

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const SCOPE: Scope<'_> = Scope(&["user-1", "GET /devices/events", "error"]);

    #[test]
    fn limits() {
        for (text, rows) in [
            (None, Some(20)),
            (Some("1"), Some(1)),
            (Some("100"), Some(100)),
        ] {
            assert_eq!(
                Limit::parse(text, 20).ok().map(Limit::rows),
                rows,
                "{text:?}"
            );
        }
        for text in [
            "0",
            "101",
            "-1",
            "",
            "ten",
            "1.5",
            "99999999999999999999",
            "+ 5",
            "+5",
            "007",
        ] {
            assert_eq!(Limit::parse(Some(text), 20), Err(InvalidLimit), "{text}");
        }
    }

    #[test]
    fn a_key_works_for_its_own_query_only() {
        let key = SCOPE.seal("2026-11-21T04:17:00.000Z#x");
        assert_eq!(
            SCOPE.open(&key).as_deref(),
            Ok("2026-11-21T04:17:00.000Z#x")
        );
        for other in [
            Scope(&["user-2", "GET /devices/events", "error"]),
            Scope(&["user-1", "GET /devices/alerts", "error"]),
            Scope(&["user-1", "GET /devices/events", "info"]),
            Scope(&["user-1", "GET /devices/events"]),
            Scope(&["user-1", "GET /devices/eventserror", ""]),
        ] {
            assert_eq!(other.open(&key), Err(InvalidPageKey), "{other:?}");
        }
    }

    proptest! {
        #[test]
        fn any_text_is_refused_or_was_sealed(text in "\\PC{0,64}") {
            prop_assert_eq!(SCOPE.open(&text), Err(InvalidPageKey));
        }

        #[test]
        fn a_changed_key_is_refused(position in "[ -~]{0,40}", at in 0usize..64, to in "[A-Za-z0-9_-]") {
            let key = SCOPE.seal(&position);
            let at = at % key.len();
            let mut changed = key.clone();
            changed.replace_range(at..=at, &to);
            prop_assume!(changed != key);
            prop_assert_eq!(SCOPE.open(&changed), Err(InvalidPageKey));
        }
    }
}
