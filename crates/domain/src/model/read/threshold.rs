//! Reads the thresholds of a field.

use std::collections::BTreeMap;

use serde_json::Value;

use super::{At, Read, event_type, named, whole};
use crate::id::CommandName;
use crate::model::FieldKind;
use crate::model::threshold::{Limits, MOST_THRESHOLDS, Notice, Order, SECONDS, Threshold};

pub(super) fn thresholds(at: &At<'_>, kind: FieldKind) -> Read<BTreeMap<String, Threshold>> {
    let Some(at) = at.get("thresholds") else {
        return Ok(BTreeMap::new());
    };
    if !kind.is_numeric() {
        return Err(at.wrong("must be left out: only a number or an integer has thresholds"));
    }
    let found = named(Some(at.clone()), threshold)?;
    match found.len() {
        more if more > MOST_THRESHOLDS => Err(at.wrong(format!(
            "must have at most {MOST_THRESHOLDS} entries, not {more}"
        ))),
        _ => Ok(found),
    }
}

fn threshold(_: &str, at: &At<'_>) -> Read<Threshold> {
    at.only(&["above", "below", "seconds", "high", "low"])?;
    let above = at.get("above");
    let above = above.ok_or_else(|| at.wrong("must have `above`: the limit, a number"))?;
    let above = above.number()?;
    let below = at.get("below").map(|it| it.number()).transpose()?;
    let limits = Limits {
        above,
        below: below.unwrap_or(above),
        seconds: seconds(at)?,
    };
    if let Some(problem) = limits.problem() {
        return Err(at.wrong(problem));
    }
    let notice = |side| at.get(side).map(|it| notice(&it)).transpose();
    let threshold = Threshold {
        limits,
        high: notice("high")?,
        low: notice("low")?,
    };
    match threshold.high.is_none() && threshold.low.is_none() {
        true => Err(at.wrong("must have `high` or `low`: what happens then")),
        false => Ok(threshold),
    }
}

fn seconds(at: &At<'_>) -> Read<u32> {
    let Some(at) = at.get("seconds") else {
        return Ok(0);
    };
    let seconds = whole(at.value).and_then(|it| u32::try_from(it).ok());
    seconds.filter(|it| SECONDS.contains(it)).ok_or_else(|| {
        let (least, most) = (SECONDS.start(), SECONDS.end());
        at.wrong(format!("must be a whole number from {least} to {most}"))
    })
}

fn notice(at: &At<'_>) -> Read<Notice> {
    at.only(&["type", "message", "command"])?;
    Ok(Notice {
        event_type: event_type(at)?,
        message: at.get("message").map(|it| it.text()).transpose()?,
        order: at.get("command").map(|it| order(&it)).transpose()?,
    })
}

/// Whether there is such a command, and whether it takes the value, is asked when the
/// model is checked.
fn order(at: &At<'_>) -> Read<Order> {
    at.only(&["command", "value"])?;
    let command = at.get("command");
    let command = command.ok_or_else(|| at.wrong("must have `command`: which one is sent"))?;
    let name = CommandName::new(command.text()?);
    Ok(Order {
        command: name.map_err(|err| command.wrong(format!("must be {}", err.rule)))?,
        value: at.get("value").map_or(Value::Null, |it| it.value.clone()),
    })
}
