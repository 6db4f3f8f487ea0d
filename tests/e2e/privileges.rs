//! Each function's role allows what the function does, and not what lies beside it.
//!
//! The other tests prove the first half, as they run with IAM enforced. The
//! second is asked of IAM's own simulator, which knows the deployed roles.

use anyhow::{Context, Result};
use aws_sdk_dynamodb::config::Credentials;
use serde_json::Value;
use tests::Stack;

#[tokio::test]
async fn credentials_that_nobody_gave_out_reach_nothing() -> Result<()> {
    let stack = Stack::connect().await?;
    let nobody = Credentials::new("AKIAIOSFODNN7EXAMPLE", "nobody", None, None, "test");
    let config = stack
        .dynamo
        .config()
        .to_builder()
        .credentials_provider(nobody)
        .build();
    let dynamo = aws_sdk_dynamodb::Client::from_conf(config);
    let read = dynamo
        .scan()
        .table_name(stack.table(contract::table::EVENTS))
        .send()
        .await;
    assert!(read.is_err(), "{read:?}");
    Ok(())
}

#[tokio::test]
async fn event_proxy_stores_events_and_nothing_else() -> Result<()> {
    let role = Role::of("event-proxy").await?;
    role.may(&["dynamodb:PutItem"], "table/{stack}-Events")
        .await?;
    role.may(
        &["dynamodb:Query"],
        "table/{stack}-Registrations/index/byDevice",
    )
    .await?;
    role.may(&["lambda:InvokeFunction"], "function:{stack}-alert")
        .await?;
    role.may_not(
        &["dynamodb:DeleteItem", "dynamodb:Scan", "dynamodb:Query"],
        "table/{stack}-Events",
    )
    .await?;
    role.may_not(WRITES, "table/{stack}-Registrations").await?;
    role.may_not(WRITES, "table/{stack}-Settings").await?;
    role.may_not(&["lambda:InvokeFunction"], "function:{stack}-jitr")
        .await?;
    role.may_not(&["iot:Publish"], "topic/smartproduct/commands/x")
        .await
}

#[tokio::test]
async fn alert_tells_owners_and_nobody_else() -> Result<()> {
    let role = Role::of("alert").await?;
    role.may(&["iot:Publish"], "topic/smartproduct/alerts/x")
        .await?;
    role.may(&["dynamodb:GetItem"], "table/{stack}-Settings")
        .await?;
    role.may(&["dynamodb:UpdateItem"], "table/{stack}-Events")
        .await?;
    role.may_not(&["iot:Publish"], "topic/smartproduct/commands/x")
        .await?;
    role.may_not(&["iot:Publish"], "topic/smartproduct/event/x")
        .await?;
    role.may_not(
        &["iot:UpdateCertificate", "iot:UpdateThingShadow"],
        "thing/x",
    )
    .await?;
    role.may_not(
        &["dynamodb:DeleteItem", "dynamodb:Scan"],
        "table/{stack}-Events",
    )
    .await?;
    role.may_not(
        &["dynamodb:PutItem", "dynamodb:DeleteItem"],
        "table/{stack}-Settings",
    )
    .await?;
    role.may_not(WRITES, "table/{stack}-Registrations").await?;
    role.may_not(&["sns:Publish"], "topic-of-somebody-else")
        .await
}

#[tokio::test]
async fn jitr_lets_devices_in_and_cannot_write_events() -> Result<()> {
    let role = Role::of("jitr").await?;
    role.may(
        &["iot:DescribeCertificate", "iot:UpdateCertificate"],
        "cert/x",
    )
    .await?;
    role.may(
        &["dynamodb:Query"],
        "table/{stack}-Registrations/index/byDevice",
    )
    .await?;
    role.may(&["dynamodb:UpdateItem"], "table/{stack}-Registrations")
        .await?;
    role.may_not(&["iot:DeleteCertificate"], "cert/x").await?;
    role.may_not(
        &["iot:DeleteThing", "iot:CreateThing", "iot:UpdateThing"],
        "thing/x",
    )
    .await?;
    role.may_not(
        &[
            "iot:CreatePolicy",
            "iot:CreatePolicyVersion",
            "iot:DeletePolicy",
        ],
        "policy/x",
    )
    .await?;
    role.may_not(
        &["iot:UpdateCACertificate", "iot:RegisterCACertificate"],
        "cacert/x",
    )
    .await?;
    role.may_not(
        &["dynamodb:PutItem", "dynamodb:DeleteItem"],
        "table/{stack}-Registrations",
    )
    .await?;
    role.may_not(WRITES, "table/{stack}-Events").await?;
    role.may_not(WRITES, "table/{stack}-Reference").await
}

#[tokio::test]
async fn registration_claims_and_cannot_release() -> Result<()> {
    let role = Role::of("registration").await?;
    role.may(
        &["dynamodb:Query", "dynamodb:UpdateItem"],
        "table/{stack}-Reference",
    )
    .await?;
    role.may(
        &["dynamodb:PutItem", "dynamodb:Query"],
        "table/{stack}-Registrations",
    )
    .await?;
    role.may(&["iot:CreateThing"], "thing/x").await?;
    role.may_not(
        &["dynamodb:DeleteItem", "dynamodb:PutItem", "dynamodb:Scan"],
        "table/{stack}-Reference",
    )
    .await?;
    role.may_not(
        &["dynamodb:DeleteItem", "dynamodb:Scan"],
        "table/{stack}-Registrations",
    )
    .await?;
    role.may_not(&["iot:DeleteThing"], "thing/x").await?;
    role.may_not(&["iot:UpdateCertificate"], "cert/x").await?;
    role.may_not(WRITES, "table/{stack}-Events").await
}

#[tokio::test]
async fn event_reads_and_cannot_write() -> Result<()> {
    let role = Role::of("event").await?;
    for index in ["byDevice", "byUser", "unread"] {
        role.may(
            &["dynamodb:Query"],
            &format!("table/{{stack}}-Events/index/{index}"),
        )
        .await?;
    }
    role.may(&["dynamodb:GetItem"], "table/{stack}-Registrations")
        .await?;
    role.may(&["dynamodb:GetItem"], "table/{stack}-Settings")
        .await?;
    for table in [
        "Events",
        "Registrations",
        "Settings",
        "Reference",
        "Commands",
    ] {
        role.may_not(WRITES, &format!("table/{{stack}}-{table}"))
            .await?;
    }
    role.may_not(&["dynamodb:Scan"], "table/{stack}-Events")
        .await?;
    role.may_not(
        &["dynamodb:GetItem", "dynamodb:Query"],
        "table/{stack}-Reference",
    )
    .await
}

#[tokio::test]
async fn admin_keeps_settings_and_sees_nothing_else() -> Result<()> {
    let role = Role::of("admin").await?;
    role.may(
        &["dynamodb:GetItem", "dynamodb:PutItem"],
        "table/{stack}-Settings",
    )
    .await?;
    role.may_not(
        &["dynamodb:Scan", "dynamodb:DeleteItem"],
        "table/{stack}-Settings",
    )
    .await?;
    for table in ["Events", "Registrations", "Reference", "Commands"] {
        role.may_not(WRITES, &format!("table/{{stack}}-{table}"))
            .await?;
    }
    role.may_not(
        &["cognito-idp:AdminGetUser", "cognito-idp:AdminDeleteUser"],
        "userpool/x",
    )
    .await
}

const WRITES: &[&str] = &[
    "dynamodb:PutItem",
    "dynamodb:UpdateItem",
    "dynamodb:DeleteItem",
    "dynamodb:BatchWriteItem",
];

/// The role of a deployed function.
struct Role {
    stack: Stack,
    arn: String,
}

impl Role {
    async fn of(service: &str) -> Result<Self> {
        let stack = Stack::connect().await?;
        let name = stack.function(service);
        let function = stack
            .lambda
            .get_function_configuration()
            .function_name(name)
            .send()
            .await?;
        Ok(Self {
            arn: function.role.context("a function without a role")?,
            stack,
        })
    }

    async fn may(&self, actions: &[&str], resource: &str) -> Result<()> {
        self.decides("allowed", actions, resource).await
    }

    async fn may_not(&self, actions: &[&str], resource: &str) -> Result<()> {
        self.decides("implicitDeny", actions, resource).await
    }

    async fn decides(&self, decision: &str, actions: &[&str], resource: &str) -> Result<()> {
        let service = actions[0].split(':').next().unwrap_or_default();
        let resource = resource.replace("{stack}", &self.stack.name);
        let region = if service == "s3" { "" } else { "us-east-1" };
        let arn = format!("arn:aws:{service}:{region}:000000000000:{resource}");
        let command = [
            "iam",
            "simulate-principal-policy",
            "--policy-source-arn",
            &self.arn,
            "--resource-arns",
            &arn,
        ];
        let command = [&command[..], &["--action-names"], actions].concat();
        let answer = self.stack.aws(&command).await?;
        let results = answer["EvaluationResults"]
            .as_array()
            .context("no results")?;
        let found: Vec<_> = results
            .iter()
            .map(|it| (&it["EvalActionName"], &it["EvalDecision"]))
            .collect();
        let wanted: Vec<_> = actions
            .iter()
            .map(|it| (Value::from(*it), Value::from(decision)))
            .collect();
        assert_eq!(
            found,
            wanted.iter().map(|(a, b)| (a, b)).collect::<Vec<_>>(),
            "{arn}"
        );
        Ok(())
    }
}
