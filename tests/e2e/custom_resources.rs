//! Custom resources, made by the deployed helper for stacks of the tests' own.

use std::time::Duration;

use anyhow::{Context, Result};
use contract::{resource, table};
use serde_json::{Value, json};
use tests::Stack;
use tokio::io::AsyncReadExt;
use tokio::net::TcpListener;
use tokio::time::timeout;

#[tokio::test]
async fn a_uuid_is_the_same_for_the_life_of_a_stack_and_another_in_the_next() -> Result<()> {
    let stack = Stack::connect().await?;
    let formation = stack.formation();
    let outputs = json!({ "Uuid": { "Value": { "Fn::GetAtt": ["Id", "Uuid"] } } });
    let mut lives = Vec::new();
    for _ in 0..2 {
        let mut drawn = Vec::new();
        for (command, version) in [("create-stack", 1), ("update-stack", 2)] {
            let properties = json!({ "Version": version });
            let id = stack.custom(resource::STACK_UUID, properties).await?;
            let end = formation.put(command, json!({ "Id": id }), outputs.clone());
            assert!(end.await?.ends_with("E_COMPLETE"));
            drawn.push(formation.output("Uuid").await?);
        }
        assert_eq!(drawn[0], drawn[1]);
        formation.delete().await?;
        lives.push(drawn.remove(0));
    }
    assert_ne!(lives[0], lives[1]);
    Ok(())
}

#[tokio::test]
async fn a_region_that_lacks_a_service_is_refused_before_anything_else_is_made() -> Result<()> {
    let stack = Stack::connect().await?;
    let iot = json!({ "Id": "iot", "Name": "AWS IoT Core" });
    let defender = json!({
        "Id": "iotdevicedefender",
        "Name": "AWS IoT Device Defender",
        "Flag": "defender",
    });
    for (services, end) in [
        (json!([iot]), "CREATE_COMPLETE"),
        (json!([iot, defender]), "ROLLBACK_COMPLETE"),
    ] {
        let properties = json!({
            "Partition": { "Ref": "AWS::Partition" },
            "Region": { "Ref": "AWS::Region" },
            "Services": services,
        });
        let requirements = stack.custom(resource::REQUIREMENTS, properties).await?;
        let queue = json!({ "Type": "AWS::SQS::Queue", "DependsOn": "Requirements" });
        let resources = json!({ "Requirements": requirements, "Queue": queue });
        let formation = stack.formation();
        let ended = formation
            .put("create-stack", resources, Value::Null)
            .await?;
        assert_eq!(ended, end);
        let taken = end == "CREATE_COMPLETE";
        assert_eq!(formation.began("Queue").await?, taken);
        if !taken {
            let reason = formation.reason("Requirements").await?;
            let sentence = "AWS IoT Device Defender is not offered in us-east-1: set \
                            default.defender.deploy to false in the manifest, or take another region";
            assert!(reason.contains(sentence), "{reason}");
        }
        formation.delete().await?;
    }
    Ok(())
}

/// What goes out is TLS, and whoever has no certificate that the function trusts
/// gets no report; the deployment goes on. That a trusted one gets exactly the
/// report is a test of the function's own.
#[tokio::test]
async fn usage_data_goes_to_nobody_who_is_not_trusted_and_stops_no_deployment() -> Result<()> {
    let stack = Stack::connect().await?;
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let port = listener.local_addr()?.port();
    let registrations = stack.table(table::REGISTRATIONS);
    let rights = json!({
        "Type": "AWS::IAM::Policy",
        "Properties": {
            "PolicyName": "Count",
            "Roles": [stack.helper_role().await?],
            "PolicyDocument": {
                "Version": "2012-10-17",
                "Statement": [{
                    "Effect": "Allow",
                    "Action": "dynamodb:DescribeTable",
                    "Resource": {
                        "Fn::Sub": format!(
                            "arn:${{AWS::Partition}}:dynamodb:${{AWS::Region}}:\
                             ${{AWS::AccountId}}:table/{registrations}"
                        ),
                    },
                }],
            },
        },
    });
    let properties = json!({
        "Components": 3,
        "Table": registrations,
        "Url": format!("https://localhost:{port}/reports"),
        "Uuid": "5f0c0c3e-7d3e-4d37-9c55-0f6f6b1e2d11",
    });
    let mut report = stack.custom(resource::USAGE_REPORT, properties).await?;
    report["DependsOn"] = json!("Rights");
    let formation = stack.formation();
    let resources = json!({ "Rights": rights, "Report": report });
    let asked = tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await?;
        // The first byte of TLS says that a handshake begins.
        stream.read_u8().await
    });
    let ended = formation
        .put("create-stack", resources, Value::Null)
        .await?;
    assert_eq!(ended, "CREATE_COMPLETE");
    let first = timeout(Duration::from_secs(10), asked).await;
    let first = first.context("nobody came to the address")???;
    assert_eq!(first, 22);
    stack
        .logged("custom-resource", "usage data was not sent")
        .await?;
    formation.delete().await
}
