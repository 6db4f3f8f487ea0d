//! The stream of Data Firehose, from messages to files.

use contract::output;
use contract::telemetry::{KEY_DAY, KEY_MODEL, TABLE};
use serde_json::json;
use stratosphere::services::aws::kinesisfirehose;
use stratosphere::services::aws::kinesisfirehose::deliverystream;
use stratosphere::services::aws::logs;
use stratosphere::value::{AWS_ACCOUNT_ID, AWS_REGION};

use super::store::{DATA, ERRORS, Store};
use crate::function::{Function, define_log_group, define_role};
use crate::manifest::Manifest;
use crate::policy::{self, Statement};
use crate::stack::Stack;
use crate::value::{arn, arn_of, literal, named, reference, sub};

/// Logical id.
pub(super) const STREAM: &str = "TelemetryStream";
const ROLE: &str = "TelemetryStreamRole";
const LOGS: &str = "TelemetryStreamLogs";
const LOG_STREAM: &str = "TelemetryStreamLogStream";
/// Where Firehose says why it could not deliver.
const LOG_STREAM_NAME: &str = "delivery";

/// Megabytes of a file at most; Firehose takes no less where it partitions, and
/// Athena likes files of this size.
const BUFFER_MB: i32 = 128;
/// Megabytes of a batch for the function. Rows are up to four times as long as
/// their messages, and an answer ends at 6 MB.
const BATCH_MB: i32 = 1;
/// Seconds after which a batch goes to the function, full or not.
const BATCH_SECONDS: i32 = 60;

/// Defines the stream with its role and its log.
pub(super) fn define(stack: &mut Stack, manifest: &Manifest, store: Store, transform: &Function) {
    define_log_group(
        stack,
        LOGS,
        sub("/aws/kinesisfirehose/${AWS::StackName}-telemetry"),
    );
    stack.add(
        LOG_STREAM,
        &logs::LogStream! { log_group_name: reference(LOGS), log_stream_name: LOG_STREAM_NAME },
    );
    define_stream_role(stack, store, transform);
    let seconds = stack.target().cloud;
    let seconds = seconds.buffer_seconds(manifest.telemetry.buffer_seconds);
    let prefix = format!(
        "{DATA}/{KEY_DAY}=!{{partitionKeyFromLambda:{KEY_DAY}}}/\
         !{{partitionKeyFromLambda:{KEY_MODEL}}}/!{{timestamp:yyyy-MM-dd-HH}}/"
    );
    let errors = format!("{ERRORS}/!{{firehose:error-output-type}}/!{{timestamp:yyyy-MM-dd}}/");
    let destination = deliverystream::ExtendedS3DestinationConfiguration! {
        bucket_arn: store.arn(),
        role_arn: arn(ROLE),
        prefix: prefix.as_str(),
        error_output_prefix: errors.as_str(),
        buffering_hints: deliverystream::BufferingHints! {
            interval_in_seconds: seconds,
            size_in_m_bs: BUFFER_MB,
        },
        // Parquet is compressed by itself.
        compression_format: "UNCOMPRESSED",
        cloud_watch_logging_options: deliverystream::CloudWatchLoggingOptions! {
            enabled: true,
            log_group_name: reference(LOGS),
            log_stream_name: LOG_STREAM_NAME,
        },
        dynamic_partitioning_configuration: deliverystream::DynamicPartitioningConfiguration! {
            enabled: true,
            retry_options: deliverystream::RetryOptions! { duration_in_seconds: 300 },
        },
        processing_configuration: processing(transform),
        data_format_conversion_configuration: conversion(&stack.target().plain_name()),
    };
    stack
        .add(
            STREAM,
            &kinesisfirehose::DeliveryStream! {
                delivery_stream_name: named("telemetry"),
                delivery_stream_type: "DirectPut",
                delivery_stream_encryption_configuration_input:
                    deliverystream::DeliveryStreamEncryptionConfigurationInput! {
                        key_type: "AWS_OWNED_CMK",
                    },
                extended_s3_destination_configuration: destination,
            },
        )
        .after("TelemetryTable");
    stack.output(
        output::TELEMETRY_STREAM,
        "Stream that telemetry goes through",
        json!(reference(STREAM)),
    );
}

fn processing(transform: &Function) -> deliverystream::ProcessingConfiguration_ {
    let parameters = [
        ("LambdaArn", transform.arn()),
        ("RoleArn", arn(ROLE)),
        ("BufferSizeInMBs", literal(BATCH_MB.to_string())),
        (
            "BufferIntervalInSeconds",
            literal(BATCH_SECONDS.to_string()),
        ),
        ("NumberOfRetries", literal("3")),
    ];
    let parameters = parameters.map(|(name, value)| {
        deliverystream::ProcessorParameter! { parameter_name: name, parameter_value: value }
    });
    deliverystream::ProcessingConfiguration! {
        enabled: true,
        processors: vec![deliverystream::Processor! {
            r#type: "Lambda",
            parameters: Vec::from(parameters),
        }],
    }
}

/// Rows have the names of the columns already, all in lower case.
fn conversion(database: &str) -> deliverystream::DataFormatConversionConfiguration_ {
    deliverystream::DataFormatConversionConfiguration! {
        enabled: true,
        input_format_configuration: deliverystream::InputFormatConfiguration! {
            deserializer: deliverystream::Deserializer! {
                open_x_json_ser_de: deliverystream::OpenXJsonSerDe! { case_insensitive: false },
            },
        },
        output_format_configuration: deliverystream::OutputFormatConfiguration! {
            serializer: deliverystream::Serializer! {
                parquet_ser_de: deliverystream::ParquetSerDe! { compression: "SNAPPY" },
            },
        },
        schema_configuration: deliverystream::SchemaConfiguration! {
            catalog_id: AWS_ACCOUNT_ID,
            database_name: database,
            table_name: TABLE,
            region: AWS_REGION,
            role_arn: arn(ROLE),
            version_id: "LATEST",
        },
    }
}

fn define_stream_role(stack: &mut Stack, store: Store, transform: &Function) {
    let database = stack.target().plain_name();
    let rights = [
        Statement::allow(
            &[
                "s3:GetBucketLocation",
                "s3:ListBucket",
                "s3:ListBucketMultipartUploads",
            ],
            store.arn(),
        ),
        Statement::allow_pattern(
            &["s3:AbortMultipartUpload", "s3:GetObject", "s3:PutObject"],
            vec![
                store.objects(&format!("{DATA}/*")),
                store.objects(&format!("{ERRORS}/*")),
            ],
            "files are named by Firehose when it writes them",
        ),
        Statement::allow(
            &["lambda:GetFunctionConfiguration", "lambda:InvokeFunction"],
            transform.arn(),
        ),
        Statement::allow_each(
            &[
                "glue:GetTable",
                "glue:GetTableVersion",
                "glue:GetTableVersions",
            ],
            vec![
                arn_of("glue", "catalog"),
                arn_of("glue", &format!("database/{database}")),
                arn_of("glue", &format!("table/{database}/{TABLE}")),
            ],
        ),
        Statement::allow(
            &["logs:PutLogEvents"],
            arn_of(
                "logs",
                &format!("log-group:${{{LOGS}}}:log-stream:{LOG_STREAM_NAME}"),
            ),
        ),
    ];
    define_role(
        stack,
        ROLE,
        policy::trust("firehose.amazonaws.com", Some(policy::from_this_account())),
        &rights,
    );
}
