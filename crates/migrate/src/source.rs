//! Where old rows come from: a table of the account, or a file.

use std::collections::HashMap;
use std::convert::Infallible;
use std::fs::File;
use std::io::BufReader;
use std::path::PathBuf;
use std::str::FromStr;

use anyhow::{Context, Result, bail};
use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::AttributeValue;
use serde_json::Value;

use crate::old::Row;
use crate::progress::Place;

/// Rows of a file that are handled together.
const PAGE: usize = 500;

/// A table, or a file that holds one.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) enum Source {
    Table(String),
    File(PathBuf),
}

/// A name with a `/` or with `.json` at its end is a file's; no table has one.
impl FromStr for Source {
    type Err = Infallible;

    fn from_str(text: &str) -> Result<Self, Infallible> {
        Ok(match text.contains('/') || text.ends_with(".json") {
            true => Self::File(text.into()),
            false => Self::Table(text.to_owned()),
        })
    }
}

/// Some rows, and the place after them.
#[derive(Debug)]
pub(crate) struct Page {
    pub(crate) rows: Vec<Row>,
    /// Where to go on; nothing at the end.
    pub(crate) after: Option<Place>,
}

/// Reads a source from beginning to end.
#[derive(Debug)]
pub(crate) enum Reader {
    Table {
        client: Client,
        name: String,
        next: Option<Place>,
    },
    File {
        rows: std::vec::IntoIter<Row>,
    },
    Ended,
}

impl Source {
    /// Begins to read, or goes on after a place in a table.
    pub(crate) fn open(&self, client: &Client, after: Option<Place>) -> Result<Reader> {
        Ok(match self {
            Self::Table(name) => Reader::Table {
                client: client.clone(),
                name: name.clone(),
                next: after,
            },
            Self::File(path) => Reader::File {
                rows: rows(path)
                    .with_context(|| format!("could not read `{}`", path.display()))?
                    .into_iter(),
            },
        })
    }
}

impl Reader {
    /// The next rows; nothing after the last.
    pub(crate) async fn next(&mut self) -> Result<Option<Page>> {
        let page = match self {
            Self::Ended => return Ok(None),
            Self::Table { client, name, next } => scan(client, name, next.take()).await?,
            Self::File { rows } => Page {
                rows: rows.by_ref().take(PAGE).collect(),
                after: None,
            },
        };
        match self {
            Self::Table { next, .. } if page.after.is_some() => next.clone_from(&page.after),
            Self::File { rows } if rows.len() > 0 => {}
            _ => *self = Self::Ended,
        }
        Ok(Some(page))
    }
}

async fn scan(client: &Client, name: &str, after: Option<Place>) -> Result<Page> {
    let after = after.map(|place| {
        let texts = place.0.into_iter();
        texts
            .map(|(key, text)| (key, AttributeValue::S(text)))
            .collect::<HashMap<_, _>>()
    });
    let found = client
        .scan()
        .table_name(name)
        .set_exclusive_start_key(after)
        .send()
        .await
        .with_context(|| format!("could not read the table `{name}`"))?;
    let rows = found.items.unwrap_or_default().into_iter();
    let after = found.last_evaluated_key.map(|key| {
        let texts = key.into_iter();
        let texts = texts.filter_map(|(name, value)| match value {
            AttributeValue::S(text) => Some((name, text)),
            _ => None,
        });
        Place(texts.collect())
    });
    Ok(Page {
        rows: rows
            .map(serde_dynamo::from_item)
            .collect::<Result<_, _>>()
            .with_context(|| format!("the table `{name}` has a row that cannot be read"))?,
        after,
    })
}

/// The rows of a file: what `aws dynamodb scan` prints (`Items`), or the lines
/// of an export to S3, unpacked (`Item`).
fn rows(path: &PathBuf) -> Result<Vec<Row>> {
    let reader = BufReader::new(File::open(path)?);
    let mut rows = Vec::new();
    for value in serde_json::Deserializer::from_reader(reader).into_iter::<Value>() {
        match value? {
            Value::Object(mut object) if object.contains_key("Items") => {
                let Some(Value::Array(items)) = object.remove("Items") else {
                    bail!("`Items` must be a list");
                };
                for item in items {
                    rows.push(plain_row(item)?);
                }
            }
            Value::Object(mut object) if object.contains_key("Item") => {
                rows.push(plain_row(object.remove("Item").unwrap_or_default())?);
            }
            _ => bail!(
                "it must be what `aws dynamodb scan` prints, or an export to S3 in DynamoDB JSON, \
                 unpacked"
            ),
        }
    }
    Ok(rows)
}

fn plain_row(item: Value) -> Result<Row> {
    let Value::Object(item) = item else {
        bail!("a row must be an object");
    };
    item.into_iter()
        .map(|(name, value)| {
            let value = plain(value).with_context(|| format!("in `{name}`"))?;
            Ok((name, value))
        })
        .collect()
}

/// A value without DynamoDB's types: `{"S": "a"}` is `"a"`.
fn plain(value: Value) -> Result<Value> {
    let Value::Object(typed) = value else {
        bail!("a value must name its type, like {{\"S\": \"text\"}}");
    };
    let mut typed = typed.into_iter();
    let (Some((kind, value)), None) = (typed.next(), typed.next()) else {
        bail!("a value must have one type, like {{\"S\": \"text\"}}");
    };
    Ok(match (kind.as_str(), value) {
        ("S" | "B", Value::String(text)) => Value::String(text),
        ("N", Value::String(number)) => serde_json::from_str(&number)?,
        ("BOOL", Value::Bool(flag)) => Value::Bool(flag),
        ("NULL", _) => Value::Null,
        ("SS" | "BS", list @ Value::Array(_)) => list,
        ("NS", Value::Array(numbers)) => {
            let numbers = numbers.iter().filter_map(Value::as_str);
            Value::Array(
                numbers
                    .map(serde_json::from_str)
                    .collect::<Result<_, _>>()?,
            )
        }
        ("L", Value::Array(list)) => {
            Value::Array(list.into_iter().map(plain).collect::<Result<_>>()?)
        }
        ("M", Value::Object(map)) => Value::Object(plain_row(Value::Object(map))?),
        (kind, _) => bail!("`{kind}` is no type of DynamoDB, or the value is not of it"),
    })
}

/// For tests: a row as DynamoDB's JSON has it.
#[cfg(test)]
pub(crate) fn typed(value: &Value) -> Value {
    let (kind, value) = match value {
        Value::Null => ("NULL", Value::Bool(true)),
        Value::Bool(_) => ("BOOL", value.clone()),
        Value::Number(number) => ("N", Value::String(number.to_string())),
        Value::String(_) => ("S", value.clone()),
        Value::Array(list) => ("L", list.iter().map(typed).collect()),
        Value::Object(map) => {
            let map = map.iter().map(|(name, value)| (name.clone(), typed(value)));
            ("M", Value::Object(map.collect()))
        }
    };
    Value::Object([(kind.to_owned(), value)].into_iter().collect())
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use serde_json::json;

    use super::*;

    fn read(text: &str) -> Result<Vec<Row>> {
        let mut file = tempfile::NamedTempFile::new().unwrap();
        file.write_all(text.as_bytes()).unwrap();
        rows(&file.path().to_owned())
    }

    #[test]
    fn a_scan_and_an_export_are_the_same_rows() {
        let row = json!({
            "deviceId": "SN-1", "n": 72.5, "flag": true, "nothing": null,
            "list": ["a", 1], "details": {"color": "white", "inner": {"a": []}},
        });
        let typed = &typed(&row)["M"];
        let scan = json!({"Items": [typed, typed], "Count": 2}).to_string();
        let export = format!("{}\n{}\n", json!({"Item": typed}), json!({"Item": typed}));
        let rows = vec![row.as_object().unwrap().clone(); 2];
        assert_eq!(read(&scan).unwrap(), rows);
        assert_eq!(read(&export).unwrap(), rows);
        assert_eq!(read("").unwrap(), Vec::<Row>::new());
    }

    #[test]
    fn what_is_neither_says_what_would_be_right() {
        for (text, expected) in [
            ("{}", "what `aws dynamodb scan` prints"),
            ("[1]", "what `aws dynamodb scan` prints"),
            (r#"{"Items": 1}"#, "`Items` must be a list"),
            (r#"{"Item": {"a": "b"}}"#, "must name its type"),
            (
                r#"{"Item": {"a": {"X": "b"}}}"#,
                "`X` is no type of DynamoDB",
            ),
            (r#"{"Item": {"a": {"N": "b"}}}"#, "in `a`"),
        ] {
            let error = format!("{:#}", read(text).unwrap_err());
            assert!(error.contains(expected), "{text}: {error}");
        }
    }

    #[test]
    fn a_file_is_told_from_a_table_by_its_name() {
        for (text, is_file) in [
            ("Stack-SmartProductEventsTable1A2B", false),
            ("events.json", true),
            ("./events", true),
        ] {
            let source: Source = text.parse().unwrap();
            assert_eq!(matches!(source, Source::File(_)), is_file, "{text}");
        }
    }
}
