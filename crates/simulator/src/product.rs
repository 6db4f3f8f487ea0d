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
    let client = Client::new(&args.aws.load().await?);
    let details = args.details.as_ref();
    put(&client, &args.table, &args.serial, &args.model, details).await?;
    eprintln!(
        "product {} of model {} is in the table `{}`",
        args.serial, args.model, args.table
    );
    Ok(())
}

/// Writes one product's row, or the details of a row that is there.
///
/// # Errors
///
/// When DynamoDB refuses it or does not answer.
pub(crate) async fn put(
    client: &Client,
    table: &str,
    serial: &Serial,
    model: &str,
    details: Option<&Value>,
) -> Result<()> {
    // A row that is there may be claimed by an owner: nothing but its details
    // changes.
    let update = match details {
        Some(_) => "SET details = :details",
        None => "SET details = if_not_exists(details, :details)",
    };
    let details =
        serde_dynamo::to_attribute_value(details.unwrap_or(&Value::Object(Map::new())))?;
    client
        .update_item()
        .table_name(table)
        .key(table::DEVICE_ID, AttributeValue::S(serial.to_string()))
        .key(table::MODEL_NUMBER, AttributeValue::S(model.to_owned()))
        .update_expression(update)
        .expression_attribute_values(":details", details)
        .send()
        .await
        .map_err(|error| explain(&error))
        .with_context(|| format!("could not add the product to the table `{table}`"))?;
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
