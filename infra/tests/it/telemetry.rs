//! The path of telemetry: what the stream writes is what the table reads.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use contract::telemetry::{DAY, FIXED, REGISTRATION_ID, TABLE, VIEW};
use infra::local::Cloud;
use infra::manifest::Manifest;
use serde_json::{Value, json};

use crate::template::{Template, list, target};

const DATABASE: &str = "smartproductsolutionstack";

#[test]
fn messages_go_in_batches_to_the_stream_in_the_name_of_the_rule() {
    let template = Template::full();
    let rule = &template.resource("TelemetryRule").properties()["TopicRulePayload"];
    let action = &rule["Actions"][0]["Firehose"];
    assert_eq!(
        target(&action["DeliveryStreamName"]),
        Some("TelemetryStream")
    );
    assert_eq!(action["BatchMode"], true);
    assert_eq!(target(&action["RoleArn"]), Some("TelemetryRuleRole"));
    let rights: Vec<_> = template
        .resource("TelemetryRuleRole")
        .statements()
        .iter()
        .flat_map(|it| list(&it["Action"]))
        .filter_map(Value::as_str)
        .filter(|it| it.starts_with("firehose:"))
        .collect();
    assert_eq!(rights, ["firehose:PutRecord", "firehose:PutRecordBatch"]);
}

#[test]
fn commands_are_sent_where_the_api_is_and_events_told_where_they_are() {
    for (api, events) in [(true, true), (true, false), (false, true), (false, false)] {
        let mut manifest = Manifest::full(Cloud::Aws);
        manifest.api.deploy = api;
        manifest.ownerapp.deploy = api;
        manifest.events.deploy = events;
        let template = Template::new(&manifest, Cloud::Aws);
        let statements = template.resource("TelemetryServiceRole").statements();
        let may = |action: &str, table: &str| {
            statements.iter().any(|it| {
                let on = list(&it["Resource"]);
                list(&it["Action"]).contains(&&json!(action))
                    && (table.is_empty() || on.iter().any(|it| target(it) == Some(table)))
            })
        };
        assert_eq!(may("iot:Publish", ""), api);
        assert_eq!(may("iot:UpdateThingShadow", ""), api);
        assert_eq!(may("dynamodb:PutItem", "Commands"), api);
        assert_eq!(may("dynamodb:GetItem", "Registrations"), api);
        assert_eq!(may("dynamodb:PutItem", "Events"), events);
        assert_eq!(may("dynamodb:UpdateItem", "Settings"), api || events);
        let function = template.resource("TelemetryService").properties();
        let variables = &function["Environment"]["Variables"];
        assert_eq!(variables["COMMANDS_TABLE"] == "", !api);
        assert_eq!(variables["ALERT_FUNCTION"] == "", !events);
    }
}

#[test]
fn the_stream_is_as_data_firehose_wants_it() {
    let template = Template::full();
    let stream = template.resource("TelemetryStream").properties();
    let key = &stream["DeliveryStreamEncryptionConfigurationInput"]["KeyType"];
    assert_eq!(key, "AWS_OWNED_CMK");
    let to = &stream["ExtendedS3DestinationConfiguration"];
    assert_eq!(target(&to["BucketARN"]), Some("TelemetryBucket"));
    assert_eq!(
        to["Prefix"],
        "telemetry/day=!{partitionKeyFromLambda:day}/!{partitionKeyFromLambda:model}/\
         !{timestamp:yyyy-MM-dd-HH}/"
    );
    let errors = to["ErrorOutputPrefix"].as_str().unwrap();
    assert!(errors.starts_with("errors/!{firehose:error-output-type}/"));
    // With partitions and Parquet, Firehose takes 64 to 128 MB and at least a minute.
    assert_eq!(
        to["BufferingHints"],
        json!({ "IntervalInSeconds": 300, "SizeInMBs": 128 })
    );
    assert_eq!(to["DynamicPartitioningConfiguration"]["Enabled"], true);

    let processor = &to["ProcessingConfiguration"]["Processors"][0];
    assert_eq!(processor["Type"], "Lambda");
    let function = &processor["Parameters"][0];
    assert_eq!(function["ParameterName"], "LambdaArn");
    assert_eq!(
        target(&function["ParameterValue"]),
        Some("TelemetryService")
    );

    let conversion = &to["DataFormatConversionConfiguration"];
    let schema = &conversion["SchemaConfiguration"];
    assert_eq!(schema["DatabaseName"], DATABASE);
    assert_eq!(schema["TableName"], TABLE);
    assert!(!conversion["OutputFormatConfiguration"]["Serializer"]["ParquetSerDe"].is_null());
}

#[test]
fn the_buffer_is_the_manifests_and_short_where_nobody_waits() {
    let mut manifest = Manifest::full(Cloud::Aws);
    manifest.telemetry.buffer_seconds = 61;
    for (cloud, expected) in [(Cloud::Aws, 61), (Cloud::Local, 5)] {
        let template = Template::new(&manifest, cloud);
        let stream = template.resource("TelemetryStream").properties();
        let hints = &stream["ExtendedS3DestinationConfiguration"]["BufferingHints"];
        assert_eq!(hints["IntervalInSeconds"], expected, "{cloud:?}");
    }
}

#[test]
fn the_table_has_a_column_for_each_key_of_a_row_and_needs_no_crawler() {
    let template = Template::full();
    let table = &template.resource("TelemetryTable").properties()["TableInput"];
    let columns: Vec<(&str, &str)> = list(&table["StorageDescriptor"]["Columns"])
        .into_iter()
        .map(|it| (it["Name"].as_str().unwrap(), it["Type"].as_str().unwrap()))
        .collect();
    let fixed = FIXED.iter().map(|(name, kind)| (*name, kind.glue()));
    assert!(columns.starts_with(&fixed.collect::<Vec<_>>()));
    for expected in [
        ("actualtemperature", "double"),
        ("actualtemperature_si", "double"),
        ("powerstatus", "string"),
    ] {
        assert!(columns.contains(&expected), "{expected:?}");
    }
    assert!(!columns.iter().any(|(name, _)| *name == DAY));
    assert_eq!(
        table["PartitionKeys"],
        json!([{ "Name": DAY, "Type": "string" }])
    );
    let parameters = &table["Parameters"];
    assert_eq!(parameters["projection.enabled"], "true");
    assert_eq!(
        parameters["storage.location.template"]["Fn::Sub"],
        "s3://${TelemetryBucket}/telemetry/day=${!day}/"
    );
}

#[test]
fn the_view_shows_all_but_whose_it_was() {
    let template = Template::full();
    let view = &template.resource("TelemetryView").properties()["TableInput"];
    assert_eq!(view["Name"], VIEW);
    assert_eq!(view["TableType"], "VIRTUAL_VIEW");
    let text = view["ViewOriginalText"].as_str().unwrap();
    let encoded = text
        .strip_prefix("/* Presto View: ")
        .and_then(|it| it.strip_suffix(" */"))
        .unwrap();
    let presto: Value = serde_json::from_slice(&STANDARD.decode(encoded).unwrap()).unwrap();
    assert_eq!(presto["schema"], DATABASE);
    let names: Vec<&str> = list(&presto["columns"])
        .into_iter()
        .map(|it| it["name"].as_str().unwrap())
        .collect();
    let quoted: Vec<String> = names.iter().map(|it| format!("\"{it}\"")).collect();
    assert_eq!(
        presto["originalSql"],
        format!("SELECT {} FROM {DATABASE}.{TABLE}", quoted.join(", "))
    );
    assert!(!names.contains(&REGISTRATION_ID));
    let of_glue: Vec<&str> = list(&view["StorageDescriptor"]["Columns"])
        .into_iter()
        .map(|it| it["Name"].as_str().unwrap())
        .collect();
    assert_eq!(of_glue, names);
}

#[test]
fn a_question_is_bounded_and_its_answer_encrypted() {
    let template = Template::full();
    let group = &template.resource("TelemetryWorkGroup").properties()["WorkGroupConfiguration"];
    assert_eq!(group["BytesScannedCutoffPerQuery"], 10_737_418_240_i64);
    assert_eq!(group["EnforceWorkGroupConfiguration"], true);
    let result = &group["ResultConfiguration"];
    assert_eq!(
        result["EncryptionConfiguration"]["EncryptionOption"],
        "SSE_S3"
    );
    let queries: Vec<_> = template
        .of_type("AWS::Athena::NamedQuery")
        .map(|it| it.properties()["QueryString"].as_str().unwrap())
        .collect();
    assert_eq!(queries.len(), 3);
    for query in queries {
        assert!(
            query.contains("FROM smartproduct_dataset\nWHERE day >= "),
            "{query}"
        );
    }
}

#[test]
fn the_bucket_is_private_encrypted_and_forgets() {
    let template = Template::full();
    let bucket = template.resource("TelemetryBucket").properties();
    for block in [
        "BlockPublicAcls",
        "BlockPublicPolicy",
        "IgnorePublicAcls",
        "RestrictPublicBuckets",
    ] {
        assert_eq!(bucket["PublicAccessBlockConfiguration"][block], true);
    }
    let rules = list(&bucket["LifecycleConfiguration"]["Rules"]);
    let expire: Vec<_> = rules
        .iter()
        .map(|it| (it["Prefix"].as_str(), it["ExpirationInDays"].as_i64()))
        .collect();
    assert_eq!(
        expire,
        [
            (Some("telemetry/"), Some(1_096)),
            (Some("errors/"), Some(90)),
            (Some("athena/"), Some(7)),
            (None, None),
        ]
    );
    let policy = template.resource("TelemetryBucketPolicy");
    let [statement] = policy.statements()[..] else {
        panic!("one statement")
    };
    assert_eq!(statement["Effect"], "Deny");
    assert_eq!(
        statement["Condition"]["Bool"]["aws:SecureTransport"],
        "false"
    );
}

#[test]
fn firehose_may_read_the_schema_and_write_into_its_folders_only() {
    let template = Template::full();
    let role = template.resource("TelemetryStreamRole");
    let writes: Vec<String> = role
        .statements()
        .into_iter()
        .filter(|it| list(&it["Action"]).contains(&&json!("s3:PutObject")))
        .flat_map(|it| list(&it["Resource"]))
        .map(|it| it["Fn::Sub"].as_str().unwrap().to_owned())
        .collect();
    assert_eq!(
        writes,
        [
            "${TelemetryBucket.Arn}/telemetry/*",
            "${TelemetryBucket.Arn}/errors/*"
        ]
    );
}
