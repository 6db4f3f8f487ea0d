//! Product models in files.

use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use domain::model::{Field, Limits, Model};
use serde_json::{Map, Value};

#[derive(Debug, clap::Subcommand)]
pub(crate) enum Command {
    /// Check a model as it is before a product is loaded with it, and say what is in it.
    Check {
        /// A JSON file: `details` of a product.
        #[arg(value_name = "FILE")]
        file: PathBuf,
    },
}

/// Runs the subcommand.
pub(crate) fn run(command: &Command) -> Result<()> {
    let Command::Check { file } = command;
    let details = load(file)?;
    let model = check(&details).with_context(|| file.display().to_string())?;
    print!("{}", report(&model, &details));
    Ok(())
}

/// The checked details in `file`.
///
/// # Errors
///
/// When it cannot be read, is not a JSON object, or holds a model that breaks
/// a rule.
pub(crate) fn read(file: &Path) -> Result<Map<String, Value>> {
    let details = load(file)?;
    check(&details).with_context(|| file.display().to_string())?;
    Ok(details)
}

fn load(file: &Path) -> Result<Map<String, Value>> {
    let text = fs::read(file).with_context(|| format!("could not read `{}`", file.display()))?;
    serde_json::from_slice(&text)
        .with_context(|| format!("`{}` must hold a JSON object", file.display()))
}

/// Checks the model in `details`.
///
/// # Errors
///
/// When it breaks a rule, with the place.
pub(crate) fn check(details: &Map<String, Value>) -> Result<Model> {
    Ok(Model::check(details)?)
}

/// What is in a model, a line for each entry.
fn report(model: &Model, details: &Map<String, Value>) -> String {
    let mut text = String::new();
    let mut line = |it: String| {
        // A text takes everything.
        let _ = writeln!(text, "{}", it.trim_end());
    };
    line(format!("telemetry: {}", model.telemetry.len()));
    for (name, field) in &model.telemetry {
        line(format!("  {name}: {}", described(field)));
    }
    line(format!("commands: {}", model.commands.len()));
    for (name, command) in &model.commands {
        let takes = match &command.value {
            Some(schema) => format!("takes {schema}"),
            None => "takes no value".to_owned(),
        };
        let sets = match command.desired.is_empty() {
            true => "sets nothing".to_owned(),
            false => format!("sets {}", Value::Object(command.desired.clone())),
        };
        let seconds = command.limit.as_secs();
        line(format!(
            "  {name}: {takes}, {sets}, answered within {seconds} s"
        ));
    }
    line(format!("events: {}", model.events.len()));
    for (code, event) in &model.events {
        let description = event.description.as_deref().unwrap_or_default();
        line(format!(
            "  {code}: {} {description}",
            event.event_type.as_str()
        ));
    }
    let others: Vec<&str> = details
        .keys()
        .map(String::as_str)
        .filter(|it| !["telemetry", "commands", "events"].contains(it))
        .collect();
    if !others.is_empty() {
        line(format!("other details: {}", others.join(", ")));
    }
    text
}

fn described(field: &Field) -> String {
    let mut words = vec![field.kind.as_str().to_owned()];
    words.extend(field.minimum.map(|it| format!("from {it}")));
    words.extend(field.maximum.map(|it| format!("to {it}")));
    words.extend(field.unit.clone());
    if !field.options.is_empty() {
        words.push(field.options.join(" | "));
    }
    let thresholds = field.thresholds.iter().map(|(name, it)| {
        let Limits {
            above,
            below,
            seconds,
        } = it.limits;
        format!("; `{name}` over {above}, under {below}, for {seconds} s")
    });
    words.join(" ") + &thresholds.collect::<String>()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::products::Sample;

    #[test]
    fn the_report_names_each_entry() {
        let mut details: Map<String, Value> = serde_json::from_str(Sample::Lock.details()).unwrap();
        details.insert("colour".to_owned(), "black".into());
        let report = report(&check(&details).unwrap(), &details);
        for line in [
            "telemetry: 4",
            "  batteryPercent: integer from 0 to 100 %",
            "  doorState: string open | closed",
            "commands: 4",
            r#"  lock: takes no value, sets {"locked":true}, answered within 30 s"#,
            r#"  set-auto-lock: takes {"maximum":600,"minimum":0,"type":"integer"}, sets {"autoLockSeconds":"$value"}, answered within 60 s"#,
            "  jammed: error The bolt does not move",
            "other details: colour",
        ] {
            assert!(report.lines().any(|it| it == line), "{line}\n{report}");
        }
    }

    #[test]
    fn the_report_names_thresholds() {
        let text = include_str!("../../../models/greenhouse-1.json");
        let details: Map<String, Value> = serde_json::from_str(text).unwrap();
        let report = report(&check(&details).unwrap(), &details);
        let line = "  lux: number from 0 to 200000 lx; `glare` over 35000, under 33000, for 900 s";
        assert!(report.lines().any(|it| it == line), "{report}");
    }

    #[test]
    fn a_file_that_is_no_model_is_told_with_its_name_and_place() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("pump.json");
        let check = |text: &str| {
            fs::write(&file, text).unwrap();
            format!("{:#}", read(&file).unwrap_err())
        };
        let missing = format!("{:#}", read(&file).unwrap_err());
        assert!(missing.contains("could not read"), "{missing}");
        assert!(check("[]").contains("must hold a JSON object"));
        let error = check(r#"{"commands": {"stop": {"valeu": 1}}}"#);
        assert!(
            error.contains("pump.json") && error.contains("`commands.stop`"),
            "{error}"
        );
    }
}
