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

#[tokio::test]
async fn a_user_reads_and_writes_the_own_settings_and_no_others() -> Result<()> {
    let stack = Stack::connect().await?;
    let (owner, stranger) = (stack.owner().await?, stack.owner().await?);
    let path = format!("/settings/config/{}", owner.id);
    let api = stack.api(&owner);
    let default = json!({"alertLevel": ["error", "warning"], "sendNotification": false});
    assert_eq!(
        api.read(&path).await?,
        json!({"settingId": owner.id, "setting": default})
    );

    let setting = json!({"alertLevel": ["info"], "sendNotification": true});
    let stored = api.put(&path, &json!({"setting": setting})).await?.ok()?;
    assert_eq!(stored["setting"], setting);
    assert_eq!(api.read(&path).await?, stored);

    for wrong in [
        json!({}),
        json!({"setting": {"alertLevel": ["info"]}}),
        json!({"setting": {"alertLevel": "info", "sendNotification": true}}),
        json!({"setting": {"alertLevel": ["urgent"], "sendNotification": true}}),
        json!({"setting": {"alertLevel": [], "sendNotification": 1}}),
        json!({"setting": {"alertLevel": [], "sendNotification": true, "more": 1}}),
        json!({"setting": setting, "settingId": stranger.id}),
    ] {
        let answer = api.put(&path, &wrong).await?;
        assert_eq!(
            (answer.status, &answer.body["error"]),
            (400, &json!("InvalidSetting")),
            "{wrong}"
        );
    }
    for id in [
        stranger.id.as_str(),
        stack.output(output::USER_POOL_ID),
        "nothing",
    ] {
        let others = format!("/settings/config/{id}");
        for answer in [
            api.get(&others).await?,
            api.put(&others, &json!({"setting": {}})).await?,
        ] {
            let error = (answer.status, &answer.body["error"]);
            assert_eq!(error, (401, &json!("AccessDeniedException")), "{id}");
        }
    }
    assert_eq!(api.read(&path).await?, stored);
    assert_eq!(stack.settings(&stranger.id).await?, None);
    Ok(())
}

#[tokio::test]
async fn administrators_read_and_write_settings_of_the_solution() -> Result<()> {
    let stack = Stack::connect().await?;
    let user = stack.owner().await?;
    let pool = stack.output(output::USER_POOL_ID);
    let join = stack.cognito.admin_add_user_to_group().user_pool_id(pool);
    join.username(&user.email)
        .group_name("admin")
        .send()
        .await?;
    // The group is in the tokens of the next sign-in.
    let client = stack.output(output::USER_POOL_CLIENT_ID);
    let admin = stack.sign_in(pool, client, &user.email).await?;

    let api = stack.api(&admin);
    let path = format!("/settings/config/{}", tests::serial());
    let missing = api.get(&path).await?;
    assert_eq!(
        (missing.status, &missing.body["error"]),
        (400, &json!("MissingSetting"))
    );
    let setting = json!({"theme": {"dark": true}, "limits": [1, 2.5]});
    let stored = api.put(&path, &json!({"setting": setting})).await?.ok()?;
    assert_eq!(stored["setting"], setting);
    assert_eq!(api.read(&path).await?, stored);
    assert_eq!(stack.api(&user).get(&path).await?.status, 401);
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
