//! A JSON body, checked for what a type would let pass.
//!
//! A derived type is read from any JSON that has its fields. What is free inside
//! it (`value`, `details`, a setting of the solution) is checked here: the same
//! key twice would be one of the two, a number beyond 64 bits another number,
//! and a NUL or a deep nesting would reach devices that cannot stand it.

use std::collections::HashSet;
use std::fmt;

use serde::Deserializer;
use serde::de::{DeserializeOwned, DeserializeSeed, Error, MapAccess, SeqAccess, Visitor};

use super::{Problem, quote};

/// Largest body that is read, in bytes. The largest valid one is far below.
pub(super) const LARGEST: usize = 64 * 1024;

/// Deepest nesting of a field, as in a device's messages.
const DEEPEST: usize = 32;

/// The body as `T`, which should deny unknown fields.
pub(super) fn parse<T: DeserializeOwned>(body: &[u8]) -> Result<T, Problem> {
    // A derived struct would be read from an array, too.
    if !body.trim_ascii_start().starts_with(b"{") {
        return Err(Problem::invalid("the body must be a JSON object"));
    }
    check(body)?;

    let mut json = serde_json::Deserializer::from_slice(body);
    serde_path_to_error::deserialize(&mut json).map_err(|err| {
        let path = err.path().to_string();
        problem(if path == "." { "" } else { &path }, err.inner())
    })
}

/// Refuses what no field of a body may hold.
fn check(body: &[u8]) -> Result<(), Problem> {
    let mut path = Vec::new();
    let mut json = serde_json::Deserializer::from_slice(body);
    let checked = Checked { path: &mut path }.deserialize(&mut json);
    // On an error the path ends where it was met.
    checked.map_err(|err| problem(&path.concat(), &err))?;
    json.end()
        .map_err(|_| Problem::invalid("the body has text after its JSON object"))
}

fn problem(path: &str, err: &serde_json::Error) -> Problem {
    match quote(path.trim_start_matches('.')).as_str() {
        "" => Problem::invalid(format!("the body is not valid: {err}")),
        path => Problem::invalid(format!("`{path}` is not valid: {err}")),
    }
}

/// One value at `path`, whose parts are `.key` and `[index]`.
struct Checked<'a> {
    path: &'a mut Vec<String>,
}

impl Checked<'_> {
    fn enter<E: Error>(&self) -> Result<(), E> {
        match self.path.len() <= DEEPEST {
            true => Ok(()),
            false => Err(E::custom(format!(
                "it is nested too deep: at most {DEEPEST} levels are accepted"
            ))),
        }
    }
}

impl<'de> DeserializeSeed<'de> for Checked<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, from: D) -> Result<(), D::Error> {
        from.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Checked<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_unit<E: Error>(self) -> Result<(), E> {
        Ok(())
    }

    fn visit_bool<E: Error>(self, _: bool) -> Result<(), E> {
        Ok(())
    }

    fn visit_i64<E: Error>(self, _: i64) -> Result<(), E> {
        Ok(())
    }

    fn visit_u64<E: Error>(self, number: u64) -> Result<(), E> {
        match i64::try_from(number) {
            Ok(_) => Ok(()),
            Err(_) => Err(E::custom(TOO_LARGE)),
        }
    }

    /// Also a whole number that no integer holds: the one below the least is
    /// read as the least.
    fn visit_f64<E: Error>(self, number: f64) -> Result<(), E> {
        const END: f64 = 9_223_372_036_854_775_808.0;
        match number.abs() < END {
            true => Ok(()),
            false => Err(E::custom(TOO_LARGE)),
        }
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<(), E> {
        match text.contains('\0') {
            false => Ok(()),
            true => Err(E::custom("a text must not hold the character NUL")),
        }
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<(), A::Error> {
        self.enter()?;
        for index in 0.. {
            self.path.push(format!("[{index}]"));
            if items
                .next_element_seed(Checked { path: self.path })?
                .is_none()
            {
                break;
            }
            self.path.pop();
        }
        self.path.pop();
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut fields: A) -> Result<(), A::Error> {
        self.enter()?;
        let mut keys = HashSet::new();
        while let Some(key) = fields.next_key::<String>()? {
            Checked { path: self.path }.visit_str(&key)?;
            self.path.push(format!(".{key}"));
            if !keys.insert(key.clone()) {
                return Err(A::Error::custom(format!(
                    "duplicate field `{}`",
                    quote(&key)
                )));
            }
            fields.next_value_seed(Checked { path: self.path })?;
            self.path.pop();
        }
        Ok(())
    }
}

const TOO_LARGE: &str =
    "number out of range: -9223372036854775808 to 9223372036854775807 are accepted";
