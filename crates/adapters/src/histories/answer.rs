//! From a row of Athena's answer, which is all text, to a point.

use std::collections::BTreeMap;

use domain::model::FieldKind;
use domain::telemetry::history::{Asked, Measured, Point};
use jiff::Timestamp;

/// A row that is not what the question asks for.
#[derive(Debug, thiserror::Error)]
#[error("`{0}` is not {1}")]
pub(super) struct InvalidRow(String, &'static str);

/// The point in the row with these `values`, in the order of the question.
pub(super) fn point(fields: &[Asked], values: Vec<Option<String>>) -> Result<Point, InvalidRow> {
    let mut values = values.into_iter();
    let mut next = || values.next().flatten();
    let at = number::<i64>(next().unwrap_or_default())?;
    let at = Timestamp::from_second(at).map_err(|_| InvalidRow(at.to_string(), "a time"))?;
    let messages = number(next().unwrap_or_default())?;
    let mut found = BTreeMap::new();
    for field in fields {
        if let Some(measured) = measured(field.kind, &mut next)? {
            found.insert(field.name.clone(), measured);
        }
    }
    Ok(Point {
        at,
        messages,
        values: found,
    })
}

fn measured(
    kind: FieldKind,
    next: &mut impl FnMut() -> Option<String>,
) -> Result<Option<Measured>, InvalidRow> {
    Ok(match kind {
        FieldKind::Number | FieldKind::Integer => match (next(), next(), next()) {
            (Some(mean), Some(minimum), Some(maximum)) => Some(Measured::Number {
                mean: number(mean)?,
                minimum: number(minimum)?,
                maximum: number(maximum)?,
            }),
            _ => None,
        },
        FieldKind::Boolean => match next() {
            Some(text) => Some(Measured::Boolean(truth(text)?)),
            None => None,
        },
        FieldKind::String => next().map(Measured::Text),
    })
}

fn number<T: std::str::FromStr>(text: String) -> Result<T, InvalidRow> {
    text.parse().map_err(|_| InvalidRow(text, "a number"))
}

fn truth(text: String) -> Result<bool, InvalidRow> {
    match text.to_ascii_lowercase().as_str() {
        "true" => Ok(true),
        "false" => Ok(false),
        _ => Err(InvalidRow(text, "a truth")),
    }
}
