//! The columns of the dataset, which are the same for all who write or read it.

use contract::telemetry::{ColumnKind, column, twin};
use domain::model::FieldKind;
use domain::telemetry::{Column, Columns};

/// Not of the form `field=kind,field=kind`.
#[derive(Debug, thiserror::Error)]
#[error("TELEMETRY_COLUMNS has no field and kind in `{0}`: the template sets it on every deploy")]
pub struct InvalidColumns(String);

/// The columns of the dataset, as the template writes them: `field=kind,field=kind`.
///
/// # Errors
///
/// [`InvalidColumns`] names the part that is none.
pub fn columns(text: &str) -> Result<Columns, InvalidColumns> {
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
