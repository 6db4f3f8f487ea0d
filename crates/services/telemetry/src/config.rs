//! What `telemetry` reads from its environment, once.

use contract::env;
use contract::telemetry::{ColumnKind, column, twin};
use domain::model::FieldKind;
use domain::telemetry::{Column, Columns};
use runtime::env::{Missing, required};

/// `ALERT_FUNCTION`, `COMMANDS_TABLE`, `EVENTS_TABLE`, `REGISTRATIONS_TABLE`,
/// `REJECTED_QUEUE_URL`, `SETTINGS_TABLE`, `TELEMETRY_COLUMNS`.
#[derive(Debug)]
pub(crate) struct Config {
    /// None where events are not deployed.
    pub(crate) alert_function: Option<String>,
    /// None where commands are not deployed.
    pub(crate) commands_table: Option<String>,
    pub(crate) events_table: String,
    pub(crate) settings_table: String,
    pub(crate) registrations_table: String,
    pub(crate) rejected_queue_url: String,
    pub(crate) columns: Columns,
}

impl Config {
    pub(crate) fn from_env() -> Result<Self, lambda_runtime::Error> {
        let required = |name| -> Result<String, Missing> { required(name) };
        Ok(Self {
            alert_function: Some(required(env::ALERT_FUNCTION)?).filter(|it| !it.is_empty()),
            commands_table: Some(required(env::COMMANDS_TABLE)?).filter(|it| !it.is_empty()),
            events_table: required(env::EVENTS_TABLE)?,
            settings_table: required(env::SETTINGS_TABLE)?,
            registrations_table: required(env::REGISTRATIONS_TABLE)?,
            rejected_queue_url: required(env::REJECTED_QUEUE_URL)?,
            columns: columns(&required(env::TELEMETRY_COLUMNS)?)?,
        })
    }
}

/// Not of the form `field=kind,field=kind`.
#[derive(Debug, thiserror::Error)]
#[error("TELEMETRY_COLUMNS has no field and kind in `{0}`: the template sets it on every deploy")]
pub(crate) struct InvalidColumns(String);

fn columns(text: &str) -> Result<Columns, InvalidColumns> {
    let one = |part: &str| {
        let (field, word) = part.split_once('=')?;
        let kind = FieldKind::ALL.into_iter().find(|it| it.as_str() == word)?;
        let name = column(field);
        let twin = ColumnKind::measured(word)?
            .is_numeric()
            .then(|| twin(&name));
        Some((field.to_owned(), Column { name, twin, kind }))
    };
    let parts = text.split(',').filter(|it| !it.is_empty());
    parts
        .map(|part| one(part).ok_or_else(|| InvalidColumns(part.to_owned())))
        .collect::<Result<_, _>>()
        .map(Columns)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_read_as_the_template_writes_them() {
        let Columns(found) = columns("actualTemperature=number,powerStatus=string").unwrap();
        let temperature = &found["actualTemperature"];
        assert_eq!(temperature.name, "actualtemperature");
        assert_eq!(temperature.twin.as_deref(), Some("actualtemperature_si"));
        assert_eq!(temperature.kind, FieldKind::Number);
        assert_eq!(found["powerStatus"].twin, None);
        assert_eq!(columns("").unwrap(), Columns::default());
        for wrong in ["a", "a=b", "a=timestamp"] {
            assert!(columns(wrong).is_err(), "{wrong}");
        }
    }
}
