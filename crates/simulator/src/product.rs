//! Products that were manufactured: rows of the Reference table.

use anyhow::{Context, Result};
use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::AttributeValue;
use contract::{env, table};
use serde_json::{Map, Value};

use crate::aws::{Account, explain};
use crate::serial::Serial;

#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Serial number of the product.
    #[arg(long)]
    serial: Serial,
    /// Its model number.
    #[arg(long, value_parser = clap::builder::NonEmptyStringValueParser::new())]
    model: String,
    /// What else is known about it, a JSON object; what the row holds already is kept where it is missing.
    #[arg(long, value_name = "JSON", value_parser = object)]
    details: Option<Value>,
    /// Name of the Reference table: the stack's output `ReferenceTable`.
    #[arg(long, env = env::REFERENCE_TABLE)]
    table: String,
    #[command(flatten)]
    aws: Account,
}

/// Runs the subcommand.
pub(crate) async fn run(args: Args) -> Result<()> {
    let details = serde_dynamo::to_attribute_value(
        args.details.as_ref().unwrap_or(&Value::Object(Map::new())),
    )?;
    // A row that is there may be claimed by an owner: nothing but its details
    // changes.
    let update = match args.details {
        Some(_) => "SET details = :details",
        None => "SET details = if_not_exists(details, :details)",
    };
    Client::new(&args.aws.load().await?)
        .update_item()
        .table_name(&args.table)
        .key(table::DEVICE_ID, AttributeValue::S(args.serial.to_string()))
        .key(table::MODEL_NUMBER, AttributeValue::S(args.model.clone()))
        .update_expression(update)
        .expression_attribute_values(":details", details)
        .send()
        .await
        .map_err(|error| explain(&error))
        .with_context(|| format!("could not add the product to the table `{}`", args.table))?;
    eprintln!(
        "product {} of model {} is in the table `{}`",
        args.serial, args.model, args.table
    );
    Ok(())
}

fn object(text: &str) -> Result<Value, String> {
    match serde_json::from_str(text) {
        Ok(value @ Value::Object(_)) => Ok(value),
        Ok(_) => Err("details are a JSON object, such as {\"colour\": \"white\"}".to_owned()),
        Err(error) => Err(format!("not JSON: {error}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn details_are_an_object() {
        assert!(object(r#"{"a": {"b": [1, true, null]}}"#).is_ok());
        for bad in ["", "1", "[]", "null", "\"a\"", "{"] {
            assert!(object(bad).is_err(), "{bad}");
        }
    }
}
