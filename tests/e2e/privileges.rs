//! Each function's role allows what the function does, and not what lies beside it.
//!
//! The other tests prove the first half, as they run with IAM enforced. The
//! second is asked of IAM's own simulator, which knows the deployed roles.

use anyhow::{Context, Result};
use aws_sdk_dynamodb::config::Credentials;
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
        &[
            "iot:DeleteCertificate",
            "iot:DescribeCertificate",
            "iot:UpdateCertificate",
        ],
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
    role.may(&["iot:CreateThing", "iot:UpdateThing"], "thing/x")
        .await?;
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
async fn event_changes_events_and_makes_or_deletes_none() -> Result<()> {
    let role = Role::of("event").await?;
    for index in ["byDevice", "byUser", "unread"] {
        role.may(
            &["dynamodb:Query"],
            &format!("table/{{stack}}-Events/index/{index}"),
        )
        .await?;
    }
    role.may(
        &["dynamodb:GetItem", "dynamodb:UpdateItem"],
        "table/{stack}-Events",
    )
    .await?;
    role.may(&["dynamodb:GetItem"], "table/{stack}-Registrations")
        .await?;
    role.may(&["dynamodb:GetItem"], "table/{stack}-Settings")
        .await?;
    role.may_not(
        &[
            "dynamodb:PutItem",
            "dynamodb:DeleteItem",
            "dynamodb:BatchWriteItem",
            "dynamodb:Scan",
        ],
        "table/{stack}-Events",
    )
    .await?;
    for table in ["Registrations", "Settings", "Reference", "Commands"] {
        role.may_not(WRITES, &format!("table/{{stack}}-{table}"))
            .await?;
    }
    role.may_not(
        &["dynamodb:GetItem", "dynamodb:Query"],
        "table/{stack}-Reference",
    )
    .await?;
    role.may_not(&["iot:Publish"], "topic/smartproduct/commands/x")
        .await
}

#[tokio::test]
async fn device_takes_devices_apart_and_makes_or_admits_none() -> Result<()> {
    let role = Role::of("device").await?;
    role.may(
        &["dynamodb:GetItem", "dynamodb:Query", "dynamodb:UpdateItem"],
        "table/{stack}-Registrations",
    )
    .await?;
    role.may(&["dynamodb:UpdateItem"], "table/{stack}-Reference")
        .await?;
    role.may(
        &["iot:UpdateCertificate", "iot:DeleteCertificate"],
        "cert/x",
    )
    .await?;
    role.may(
        &[
            "iot:DeleteThing",
            "iot:DeleteThingShadow",
            "iot:DetachThingPrincipal",
            "iot:ListThingPrincipals",
        ],
        "thing/x",
    )
    .await?;
    role.may(&["iot:SearchIndex"], "index/AWS_Things").await?;
    role.may(&["lambda:InvokeFunction"], "function:{stack}-alert-cleanup")
        .await?;

    role.may_not(
        &["dynamodb:PutItem", "dynamodb:DeleteItem", "dynamodb:Scan"],
        "table/{stack}-Registrations",
    )
    .await?;
    role.may_not(
        &["dynamodb:PutItem", "dynamodb:DeleteItem", "dynamodb:Scan"],
        "table/{stack}-Reference",
    )
    .await?;
    for table in ["Events", "Settings", "Commands"] {
        role.may_not(WRITES, &format!("table/{{stack}}-{table}"))
            .await?;
    }
    role.may_not(
        &[
            "iot:CreateThing",
            "iot:UpdateThing",
            "iot:UpdateThingShadow",
        ],
        "thing/x",
    )
    .await?;
    role.may_not(&["iot:AttachThingPrincipal", "iot:AttachPolicy"], "cert/x")
        .await?;
    role.may_not(
        &["iot:UpdateCACertificate", "iot:DeleteCACertificate"],
        "cacert/x",
    )
    .await?;
    role.may_not(&["iot:DeletePolicy", "iot:CreatePolicy"], "policy/x")
        .await?;
    role.may_not(&["iot:Publish"], "topic/smartproduct/commands/x")
        .await?;
    role.may_not(&["lambda:InvokeFunction"], "function:{stack}-alert")
        .await
}

#[tokio::test]
async fn alert_cleanup_changes_events_and_reads_one_list() -> Result<()> {
    let role = Role::of("alert-cleanup").await?;
    role.may(&["dynamodb:UpdateItem"], "table/{stack}-Events")
        .await?;
    role.may(&["dynamodb:Query"], "table/{stack}-Events/index/byDevice")
        .await?;
    for index in ["byUser", "unread"] {
        role.may_not(
            &["dynamodb:Query"],
            &format!("table/{{stack}}-Events/index/{index}"),
        )
        .await?;
    }
    role.may_not(
        &["dynamodb:PutItem", "dynamodb:DeleteItem", "dynamodb:Scan"],
        "table/{stack}-Events",
    )
    .await?;
    for table in ["Registrations", "Settings", "Reference", "Commands"] {
        role.may_not(WRITES, &format!("table/{{stack}}-{table}"))
            .await?;
    }
    role.may_not(&["iot:DeleteThing"], "thing/x").await
}

#[tokio::test]
async fn command_speaks_to_devices_on_their_command_topics_only() -> Result<()> {
    let role = Role::of("command").await?;
    role.may(
        &[
            "dynamodb:GetItem",
            "dynamodb:PutItem",
            "dynamodb:Query",
            "dynamodb:UpdateItem",
        ],
        "table/{stack}-Commands",
    )
    .await?;
    role.may(&["dynamodb:GetItem"], "table/{stack}-Registrations")
        .await?;
    role.may(&["iot:Publish"], "topic/smartproduct/commands/x")
        .await?;
    role.may(&["iot:GetThingShadow", "iot:UpdateThingShadow"], "thing/x")
        .await?;

    role.may_not(
        &["dynamodb:DeleteItem", "dynamodb:Scan"],
        "table/{stack}-Commands",
    )
    .await?;
    role.may_not(&["dynamodb:Query"], "table/{stack}-Commands/index/open")
        .await?;
    role.may_not(&["iot:DeleteThingShadow"], "thing/x").await?;
    for table in ["Registrations", "Events", "Settings", "Reference"] {
        role.may_not(WRITES, &format!("table/{{stack}}-{table}"))
            .await?;
    }
    for topic in ["alerts/x", "event/x", "telemetry/x"] {
        role.may_not(&["iot:Publish"], &format!("topic/smartproduct/{topic}"))
            .await?;
    }
    role.may_not(&["iot:Publish"], "topic/$aws/things/x/shadow/update")
        .await?;
    role.may_not(&["iot:UpdateThing", "iot:DeleteThing"], "thing/x")
        .await
}

#[tokio::test]
async fn command_outcome_ends_commands_and_neither_makes_nor_sends_any() -> Result<()> {
    let role = Role::of("command-outcome").await?;
    role.may(
        &["dynamodb:Query", "dynamodb:UpdateItem"],
        "table/{stack}-Commands",
    )
    .await?;
    role.may(&["dynamodb:Query"], "table/{stack}-Commands/index/open")
        .await?;
    role.may(
        &["dynamodb:Query"],
        "table/{stack}-Registrations/index/byDevice",
    )
    .await?;
    role.may(&["iot:GetThingShadow", "iot:UpdateThingShadow"], "thing/x")
        .await?;

    role.may_not(
        &["dynamodb:PutItem", "dynamodb:DeleteItem", "dynamodb:Scan"],
        "table/{stack}-Commands",
    )
    .await?;
    for table in ["Registrations", "Events", "Settings", "Reference"] {
        role.may_not(WRITES, &format!("table/{{stack}}-{table}"))
            .await?;
    }
    role.may_not(&["dynamodb:Query"], "table/{stack}-Events")
        .await?;
    for topic in ["commands/x", "alerts/x", "event/x", "telemetry/x"] {
        role.may_not(&["iot:Publish"], &format!("topic/smartproduct/{topic}"))
            .await?;
    }
    role.may_not(
        &[
            "iot:DeleteThingShadow",
            "iot:UpdateThing",
            "iot:DeleteThing",
        ],
        "thing/x",
    )
    .await?;
    role.may_not(&["lambda:InvokeFunction"], "function:{stack}-alert")
        .await
}

#[tokio::test]
async fn live_knows_who_has_a_device_and_lends_one_role() -> Result<()> {
    let role = Role::of("live").await?;
    role.may(&["dynamodb:GetItem"], "table/{stack}-Registrations")
        .await?;
    let lent = role.environment("LIVE_ROLE_ARN").await?;
    role.decides("allowed", &["sts:AssumeRole"], &lent).await?;

    role.decides("implicitDeny", &["sts:AssumeRole"], &role.arn)
        .await?;
    role.may_not(
        &["dynamodb:Query", "dynamodb:Scan"],
        "table/{stack}-Registrations",
    )
    .await?;
    for table in [
        "Registrations",
        "Events",
        "Settings",
        "Reference",
        "Commands",
    ] {
        role.may_not(WRITES, &format!("table/{{stack}}-{table}"))
            .await?;
    }
    // What it lends it may not do itself.
    role.may_not(&["iot:Connect"], "client/console-x").await?;
    role.may_not(&["iot:Subscribe"], "topicfilter/smartproduct/alerts/x")
        .await?;
    role.may_not(&["iot:Publish"], "topic/smartproduct/commands/x")
        .await
}

#[tokio::test]
async fn the_role_of_live_sessions_listens_to_the_products_topics_only() -> Result<()> {
    let live = Role::of("live").await?;
    let role = Role {
        arn: live.environment("LIVE_ROLE_ARN").await?,
        ..live
    };
    let topics = [
        "smartproduct/alerts/x",
        "smartproduct/telemetry/x",
        "smartproduct/commands/x",
        "$aws/things/x/shadow/update/documents",
    ];
    role.may(&["iot:Connect"], "client/console-x").await?;
    for topic in topics {
        role.may(&["iot:Subscribe"], &format!("topicfilter/{topic}"))
            .await?;
        role.may(&["iot:Receive"], &format!("topic/{topic}"))
            .await?;
        role.may_not(&["iot:Publish"], &format!("topic/{topic}"))
            .await?;
    }
    role.may_not(&["iot:Connect"], "client/x").await?;
    for topic in [
        "smartproduct/event/x",
        "$aws/things/x/shadow/update",
        "$aws/things/x/shadow/get/accepted",
        "$aws/events/presence/connected/x",
        "anything",
    ] {
        role.may_not(&["iot:Subscribe"], &format!("topicfilter/{topic}"))
            .await?;
        role.may_not(&["iot:Receive", "iot:Publish"], &format!("topic/{topic}"))
            .await?;
    }
    role.may_not(&["iot:GetThingShadow", "iot:UpdateThingShadow"], "thing/x")
        .await?;
    role.may_not(&["dynamodb:GetItem"], "table/{stack}-Registrations")
        .await
}

#[tokio::test]
async fn status_reads_and_changes_nothing() -> Result<()> {
    let role = Role::of("status").await?;
    role.may(&["dynamodb:GetItem"], "table/{stack}-Registrations")
        .await?;
    role.may(&["iot:GetThingShadow"], "thing/x").await?;
    role.may(&["iot:SearchIndex"], "index/AWS_Things").await?;

    for table in [
        "Registrations",
        "Events",
        "Settings",
        "Reference",
        "Commands",
    ] {
        role.may_not(WRITES, &format!("table/{{stack}}-{table}"))
            .await?;
    }
    role.may_not(
        &["dynamodb:Query", "dynamodb:Scan"],
        "table/{stack}-Registrations",
    )
    .await?;
    role.may_not(&["dynamodb:GetItem"], "table/{stack}-Events")
        .await?;
    role.may_not(
        &[
            "iot:UpdateThingShadow",
            "iot:DeleteThingShadow",
            "iot:DeleteThing",
        ],
        "thing/x",
    )
    .await?;
    role.may_not(&["iot:Publish"], "topic/smartproduct/commands/x")
        .await
}

#[tokio::test]
async fn custom_resource_changes_indexing_and_no_device_or_row_of_anybody() -> Result<()> {
    let role = Role::of("custom-resource").await?;
    role.may(
        &[
            "iot:GetIndexingConfiguration",
            "iot:UpdateIndexingConfiguration",
            "iot:DescribeEndpoint",
        ],
        "*",
    )
    .await?;
    role.may_not(
        &["iot:SearchIndex", "iot:UpdateThing", "iot:DeleteThing"],
        "thing/x",
    )
    .await?;
    // What only some stacks need comes and goes with the resource that needs it.
    role.may_not(
        &[
            "iam:PassRole",
            "iot:AttachPolicy",
            "iot:UpdateAccountAuditConfiguration",
        ],
        "*",
    )
    .await?;
    // Of the settings it may change rows of its own, by the key that a request names.
    role.may_not(
        &["dynamodb:PutItem", "dynamodb:Scan", "dynamodb:Query"],
        "table/{stack}-Settings",
    )
    .await?;
    for table in ["Registrations", "Events", "Reference", "Commands"] {
        role.may_not(WRITES, &format!("table/{{stack}}-{table}"))
            .await?;
    }
    Ok(())
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
    function: String,
    arn: String,
}

impl Role {
    async fn of(service: &str) -> Result<Self> {
        let stack = Stack::connect().await?;
        let name = stack.function(service);
        let function = stack
            .lambda
            .get_function_configuration()
            .function_name(&name)
            .send()
            .await?;
        Ok(Self {
            arn: function.role.context("a function without a role")?,
            function: name,
            stack,
        })
    }

    /// What the function's environment says.
    async fn environment(&self, variable: &str) -> Result<String> {
        let function = self.stack.lambda.get_function_configuration();
        let function = function.function_name(&self.function).send().await?;
        let variables = function.environment.and_then(|it| it.variables);
        let value = variables.and_then(|mut it| it.remove(variable));
        value.with_context(|| format!("no variable {variable}"))
    }

    async fn may(&self, actions: &[&str], resource: &str) -> Result<()> {
        let arn = self.arn_of(actions, resource);
        self.decides("allowed", actions, &arn).await
    }

    async fn may_not(&self, actions: &[&str], resource: &str) -> Result<()> {
        let arn = self.arn_of(actions, resource);
        self.decides("implicitDeny", actions, &arn).await
    }

    /// A resource of the service that the actions belong to.
    fn arn_of(&self, actions: &[&str], resource: &str) -> String {
        let service = actions[0].split(':').next().unwrap_or_default();
        let resource = resource.replace("{stack}", &self.stack.name);
        let region = if service == "s3" { "" } else { "us-east-1" };
        format!("arn:aws:{service}:{region}:000000000000:{resource}")
    }

    async fn decides(&self, decision: &str, actions: &[&str], arn: &str) -> Result<()> {
        let simulated = self
            .stack
            .iam
            .simulate_principal_policy()
            .policy_source_arn(&self.arn)
            .resource_arns(arn)
            .set_action_names(Some(actions.iter().map(|it| (*it).to_owned()).collect()))
            .send()
            .await?;
        let results = simulated.evaluation_results.unwrap_or_default();
        let found: Vec<_> = results
            .iter()
            .map(|it| (it.eval_action_name.as_str(), it.eval_decision.as_str()))
            .collect();
        let wanted: Vec<_> = actions.iter().map(|it| (*it, decision)).collect();
        assert_eq!(found, wanted, "{arn}");
        Ok(())
    }
}
