//! Who may not ask at all: every operation wants an ID token of this user pool,
//! of this client, still valid.

use anyhow::{Context, Result};
use aws_sdk_cognitoidentityprovider::types::{ExplicitAuthFlowsType, VerifiedAttributeType};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use contract::{output, route};
use jiff::Timestamp;
use reqwest::Method;
use reqwest::header::AUTHORIZATION;
use serde_json::{Value, json};
use tests::{Answer, Stack, serial};
use tokio::task::JoinSet;
use uuid::Uuid;

#[tokio::test]
async fn no_operation_answers_without_an_id_token_of_this_client() -> Result<()> {
    let stack = Stack::connect().await?;
    let owner = stack.owner().await?;
    let (start, signature) = owner.id_token.rsplit_once('.').context("a token")?;
    let (header, claims) = start.split_once('.').context("a token")?;
    let now = Timestamp::now().as_second();

    let tokens = [
        ("none", None),
        ("an empty one", Some(String::new())),
        ("text", Some("nonsense".to_owned())),
        ("three parts of text", Some("a.b.c".to_owned())),
        ("one without a signature", Some(start.to_owned())),
        ("one with an empty signature", Some(format!("{start}."))),
        (
            "one with algorithm none",
            Some(format!("{}.{claims}.", unsigned(header)?)),
        ),
        (
            "one with algorithm none, signed",
            Some(format!("{}.{claims}.{signature}", unsigned(header)?)),
        ),
        (
            "one with another signature",
            Some(format!("{start}.A{}", &signature[1..])),
        ),
        (
            "one with other claims",
            Some(format!("{header}.{}.{signature}", grown(claims)?)),
        ),
        (
            "one of another user pool",
            Some(stack.strangers_token().await?),
        ),
        (
            "one of another client",
            Some(stack.token_of_another_client().await?),
        ),
        (
            "an expired one",
            Some(
                stack
                    .resigned(&owner, |it| it["exp"] = json!(now - 1))
                    .await?,
            ),
        ),
        (
            "one of the future",
            Some(
                stack
                    .resigned(&owner, |it| it["iat"] = json!(now + 600))
                    .await?,
            ),
        ),
        ("an access token", Some(owner.access_token.clone())),
        (
            "one for another use",
            Some(
                stack
                    .resigned(&owner, |it| it["token_use"] = json!("refresh"))
                    .await?,
            ),
        ),
        (
            "one of another issuer",
            Some(
                stack
                    .resigned(&owner, |it| it["iss"] = json!("https://example.com"))
                    .await?,
            ),
        ),
    ];
    // What is refused below is refused for what was changed: signed again as it
    // is, the same token is let in.
    let same = stack
        .resigned(&owner, |it| it["exp"] = json!(now + 60))
        .await?;
    assert_eq!(
        stack
            .api_with(Some(&same))
            .get("/registration")
            .await?
            .status,
        200
    );

    let mut asking = JoinSet::new();
    for route in route::ALL {
        let (stack, tokens) = (stack.clone(), tokens.clone());
        asking.spawn(async move {
            for (what, token) in tokens {
                let answer = ask(&stack, route.key, token.as_deref()).await?;
                assert_eq!(
                    answer.status, 401,
                    "{} with {what}: {}",
                    route.key, answer.text
                );
                // These the gateway lets through; the function does not.
                if ["an access token", "one for another use"].contains(&what) {
                    assert_eq!(
                        answer.body["error"], "AccessDeniedException",
                        "{} with {what}",
                        route.key
                    );
                }
            }
            anyhow::Ok(())
        });
    }
    while let Some(done) = asking.join_next().await {
        done??;
    }
    Ok(())
}

#[tokio::test]
async fn a_bare_token_is_as_good_as_a_bearer_token() -> Result<()> {
    let stack = Stack::connect().await?;
    let owner = stack.owner().await?;
    let url = format!("{}/registration", stack.api_url());
    let answer = stack
        .http
        .get(url)
        .header(AUTHORIZATION, &owner.id_token)
        .send()
        .await?;
    assert_eq!(answer.status().as_u16(), 200);
    Ok(())
}

/// A request for a route, with the names of its parameters as their values.
async fn ask(stack: &Stack, key: &str, token: Option<&str>) -> Result<Answer> {
    let (method, path) = key.split_once(' ').context("a route key")?;
    let method: Method = method.parse()?;
    let path = path.replace(['{', '}'], "");
    stack.api_with(token).send(method, &path, None).await
}

/// `header` with the algorithm `none`.
fn unsigned(header: &str) -> Result<String> {
    let mut header: Value = serde_json::from_slice(&URL_SAFE_NO_PAD.decode(header)?)?;
    header["alg"] = json!("none");
    Ok(URL_SAFE_NO_PAD.encode(header.to_string()))
}

/// `claims` of a member of the group that administers the solution.
fn grown(claims: &str) -> Result<String> {
    let mut claims: Value = serde_json::from_slice(&URL_SAFE_NO_PAD.decode(claims)?)?;
    claims["cognito:groups"] = json!(["admin"]);
    Ok(URL_SAFE_NO_PAD.encode(claims.to_string()))
}

/// Tokens that are genuine, and of somewhere else.
trait Elsewhere {
    /// An ID token of another user pool.
    async fn strangers_token(&self) -> Result<String>;
    /// An ID token of this user pool, made for another client.
    async fn token_of_another_client(&self) -> Result<String>;
}

impl Elsewhere for Stack {
    async fn strangers_token(&self) -> Result<String> {
        let pool = self
            .cognito
            .create_user_pool()
            .pool_name(serial())
            .auto_verified_attributes(VerifiedAttributeType::Email)
            .send()
            .await?
            .user_pool
            .and_then(|it| it.id)
            .context("a user pool without an id")?;
        token_of_a_new_client(self, &pool).await
    }

    async fn token_of_another_client(&self) -> Result<String> {
        token_of_a_new_client(self, self.output(output::USER_POOL_ID)).await
    }
}

async fn token_of_a_new_client(stack: &Stack, pool: &str) -> Result<String> {
    let client = stack
        .cognito
        .create_user_pool_client()
        .user_pool_id(pool)
        .client_name(serial())
        .explicit_auth_flows(ExplicitAuthFlowsType::AllowAdminUserPasswordAuth)
        .send()
        .await?
        .user_pool_client
        .and_then(|it| it.client_id)
        .context("a client without an id")?;
    let email = format!("{}@example.com", Uuid::new_v4().simple());
    stack.sign_up(&client, &email).await?;
    Ok(stack.sign_in(pool, &client, &email).await?.id_token)
}
