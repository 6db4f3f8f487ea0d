//! A user's settings.

use anyhow::{Context, Result};
use contract::output;
use serde_json::{Value, json};
use tests::{Owner, Stack};

// The local cloud does not run this trigger. So one test asks the user pool for
// it, and the other hands the function what Cognito hands it.

#[tokio::test]
async fn the_user_pool_tells_admin_of_each_confirmed_account() -> Result<()> {
    let stack = Stack::connect().await?;
    let pool = stack.output(output::USER_POOL_ID);
    let described = stack
        .cognito
        .describe_user_pool()
        .user_pool_id(pool)
        .send()
        .await?;
    let triggers = described
        .user_pool
        .and_then(|it| it.lambda_config)
        .context("no triggers")?;
    let function = stack
        .lambda
        .get_function_configuration()
        .function_name(stack.function("admin"));
    assert_eq!(
        triggers.post_confirmation,
        function.send().await?.function_arn
    );

    let policy = stack
        .lambda
        .get_policy()
        .function_name(stack.function("admin"))
        .send()
        .await?;
    let policy: Value = serde_json::from_str(policy.policy().unwrap_or_default())?;
    let statements = policy["Statement"].as_array().context("no statements")?;
    let allowed = statements
        .iter()
        .find(|it| it["Principal"]["Service"] == "cognito-idp.amazonaws.com");
    let source = allowed.context("Cognito may not call it")?["Condition"].to_string();
    assert!(source.contains(&format!("userpool/{pool}")), "{source}");
    Ok(())
}

#[tokio::test]
async fn a_confirmed_account_gets_settings_once() -> Result<()> {
    let stack = Stack::connect().await?;
    let owner = stack.owner().await?;
    let event = confirmed(&stack, &owner, "PostConfirmation_ConfirmSignUp");

    assert_eq!(stack.call("admin", &event).await?, event);
    let row = stack.settings(&owner.id).await?.context("no settings")?;
    let default = json!({"alertLevel": ["error", "warning"], "sendNotification": false});
    assert_eq!(row["setting"], default);
    assert_eq!(row["createdAt"], row["updatedAt"]);

    // Told again, it leaves what the user has chosen since.
    stack.alert_level(&owner, &["info"]).await?;
    stack.call("admin", &event).await?;
    let row = stack.settings(&owner.id).await?.context("no settings")?;
    assert_eq!(row["setting"]["alertLevel"], json!(["info"]));
    Ok(())
}

#[tokio::test]
async fn a_new_password_is_no_new_account() -> Result<()> {
    let stack = Stack::connect().await?;
    let owner = stack.owner().await?;
    let event = confirmed(&stack, &owner, "PostConfirmation_ConfirmForgotPassword");
    assert_eq!(stack.call("admin", &event).await?, event);
    assert_eq!(stack.settings(&owner.id).await?, None);
    Ok(())
}

/// What Cognito hands to the trigger, version 1.
fn confirmed(stack: &Stack, owner: &Owner, source: &str) -> Value {
    json!({
        "version": "1",
        "region": "us-east-1",
        "userPoolId": stack.output(output::USER_POOL_ID),
        "userName": owner.id,
        "callerContext": {
            "awsSdkVersion": "aws-sdk-unknown-unknown",
            "clientId": stack.output(output::USER_POOL_CLIENT_ID),
        },
        "triggerSource": source,
        "request": {"userAttributes": {
            "sub": owner.id,
            "email": owner.email,
            "email_verified": "true",
            "cognito:user_status": "CONFIRMED",
        }},
        "response": {},
    })
}
