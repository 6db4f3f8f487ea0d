//! Products that were manufactured: rows of the Reference table.

use std::path::PathBuf;

use anyhow::{Context, Result};
use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::operation::update_item::UpdateItemError;
use aws_sdk_dynamodb::operation::update_item::builders::UpdateItemFluentBuilder;
use aws_sdk_dynamodb::types::AttributeValue;
use contract::{env, table};
use serde_json::{Map, Value};

use crate::aws::{Account, explain};
use crate::model;
use crate::products::Sample;
use crate::serial::Serial;

#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Serial number of the product.
    #[arg(long)]
    serial: Serial,
    /// Its model number; with `thermostat-1` and `lock-1` comes their model.
    #[arg(long, value_parser = clap::builder::NonEmptyStringValueParser::new())]
    model: String,
    /// A file with the product's model, instead of the one that comes with the number.
    #[arg(long, value_name = "FILE")]
    model_file: Option<PathBuf>,
    /// What else is known about it, a JSON object. With this or `--model-file` the row's details are replaced, otherwise
    /// only a model is added where the row has none.
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
    let file = args.model_file.as_deref().map(model::read).transpose()?;
    let details = match (file, &args.details) {
        (None, None) => None,
        (file, more) => Some(details(&args.model, file, more.as_ref())?),
    };
    let client = Client::new(&args.aws.load().await?);
    put(
        &client,
        &args.table,
        &args.serial,
        &args.model,
        details.as_ref(),
    )
    .await?;
    eprintln!(
        "product {} of model {} is in the table `{}`",
        args.serial, args.model, args.table
    );
    if args.model_file.is_none() && Sample::of_model(&args.model).is_none() {
        eprintln!(
            "no model comes with the number {}: without `--model-file` the product takes no commands",
            args.model
        );
    }
    Ok(())
}

/// The model in `file`, or else the one that comes with the number, and `more`
/// beside it.
fn details(number: &str, file: Option<Map<String, Value>>, more: Option<&Value>) -> Result<Value> {
    let mut details = match file {
        Some(file) => file,
        None => sample(number)?,
    };
    if let Some(Value::Object(more)) = more {
        details.extend(more.clone());
    }
    model::check(&details)?;
    Ok(Value::Object(details))
}

/// The details that come with a model number; empty where none do.
fn sample(number: &str) -> Result<Map<String, Value>> {
    let details = Sample::of_model(number).map_or("{}", Sample::details);
    Ok(serde_json::from_str(details)?)
}

/// Writes one product's row, with the model that comes with its number where
/// there are no `details`. A row that is there keeps what it has and is only
/// given a model if it has none; with `details`, those are exchanged.
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
    let update = || {
        client
            .update_item()
            .table_name(table)
            .key(table::DEVICE_ID, AttributeValue::S(serial.to_string()))
            .key(table::MODEL_NUMBER, AttributeValue::S(model.to_owned()))
            .expression_attribute_names("#details", "details")
    };
    let whole = "SET #details = :details";
    if let Some(details) = details {
        let details = serde_dynamo::to_attribute_value(details)?;
        let update = update()
            .update_expression(whole)
            .expression_attribute_values(":details", details);
        return done(update, table).await.map(|_| ());
    }
    let details = sample(model)?;
    let new = update()
        .update_expression(whole)
        .expression_attribute_values(":details", serde_dynamo::to_attribute_value(&details)?)
        .condition_expression("attribute_not_exists(#details)");
    if done(new, table).await? || details.is_empty() {
        return Ok(());
    }
    let (mut parts, mut none) = (vec![], vec!["attribute_exists(#details)".to_owned()]);
    let mut added = update();
    for (number, (name, part)) in details.iter().enumerate() {
        parts.push(format!("#details.#{number} = :{number}"));
        none.push(format!("attribute_not_exists(#details.#{number})"));
        added = added
            .expression_attribute_names(format!("#{number}"), name)
            .expression_attribute_values(
                format!(":{number}"),
                serde_dynamo::to_attribute_value(part)?,
            );
    }
    let added = added
        .update_expression(format!("SET {}", parts.join(", ")))
        .condition_expression(none.join(" AND "));
    done(added, table).await.map(|_| ())
}

/// Whether the update's condition held, and so it was done.
async fn done(update: UpdateItemFluentBuilder, table: &str) -> Result<bool> {
    match update.send().await {
        Ok(_) => Ok(true),
        Err(error)
            if error
                .as_service_error()
                .is_some_and(UpdateItemError::is_conditional_check_failed_exception) =>
        {
            Ok(false)
        }
        Err(error) => Err(explain(&error))
            .with_context(|| format!("could not add the product to the table `{table}`")),
    }
}

fn object(text: &str) -> Result<Value, String> {
    match serde_json::from_str(text) {
        Ok(value @ Value::Object(_)) => Ok(value),
        Ok(_) => Err("details are a JSON object, such as {\"colour\": \"white\"}".to_owned()),
        Err(error) => Err(format!("not JSON: {error}")),
    }
}

#[cfg(test)]
mod tests;
