//! Users of the user pool.

use anyhow::{Context, Result};
use aws_sdk_cognitoidentityprovider::types::{AttributeType, AuthFlowType};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use contract::output;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::{Api, Stack};

/// The local cloud sends no mail; this code is always right there.
const CODE: &str = "123456";
/// Long, with every kind of character that a pool's policy can ask for.
const PASSWORD: &str = "Correct-Horse-4-Battery";

/// A user who signed up, confirmed the address and signed in.
#[derive(Clone, Debug)]
pub struct Owner {
    /// E-mail address, the name for signing in.
    pub email: String,
    /// The `sub` of the tokens, called `userId` by the API.
    pub id: String,
    /// What the API wants.
    pub id_token: String,
    /// What the API must refuse.
    pub access_token: String,
}

impl Stack {
    /// A new user, made the way users make themselves.
    ///
    /// # Errors
    ///
    /// When the user pool refuses a step.
    pub async fn owner(&self) -> Result<Owner> {
        let email = format!("{}@example.com", Uuid::new_v4().simple());
        let (pool, client) = (
            self.output(output::USER_POOL_ID),
            self.output(output::USER_POOL_CLIENT_ID),
        );
        self.sign_up(client, &email).await?;
        self.sign_in(pool, client, &email).await
    }

    /// Signs `email` up with `client` and confirms it by the mailed code.
    ///
    /// # Errors
    ///
    /// When the user pool refuses a step.
    pub async fn sign_up(&self, client: &str, email: &str) -> Result<()> {
        self.cognito
            .sign_up()
            .client_id(client)
            .username(email)
            .password(PASSWORD)
            .user_attributes(
                AttributeType::builder()
                    .name("email")
                    .value(email)
                    .build()?,
            )
            .send()
            .await
            .context("sign-up")?;
        self.cognito
            .confirm_sign_up()
            .client_id(client)
            .username(email)
            .confirmation_code(CODE)
            .send()
            .await
            .context("confirmation of a sign-up")?;
        Ok(())
    }

    /// Signs `email` in.
    ///
    /// # Errors
    ///
    /// When the user pool refuses.
    pub async fn sign_in(&self, pool: &str, client: &str, email: &str) -> Result<Owner> {
        let tokens = self
            .cognito
            .admin_initiate_auth()
            .user_pool_id(pool)
            .client_id(client)
            .auth_flow(AuthFlowType::AdminUserPasswordAuth)
            .auth_parameters("USERNAME", email)
            .auth_parameters("PASSWORD", PASSWORD)
            .send()
            .await
            .context("sign-in")?
            .authentication_result
            .context("a sign-in without tokens")?;
        let id_token = tokens.id_token.context("a sign-in without an ID token")?;
        let claims = claims(&id_token)?;
        Ok(Owner {
            email: email.to_owned(),
            id: claims["sub"]
                .as_str()
                .context("an ID token without `sub`")?
                .to_owned(),
            id_token,
            access_token: tokens
                .access_token
                .context("a sign-in without an access token")?,
        })
    }

    /// Gives `owner` a phone number that nobody else has.
    ///
    /// # Errors
    ///
    /// When the user pool refuses.
    pub async fn give_phone(&self, owner: &Owner, verified: bool) -> Result<String> {
        // From the digits of the user's id.
        let digits = owner.id.bytes().map(|it| char::from(b'0' + it % 10));
        let phone = format!("+1{}", digits.take(10).collect::<String>());
        let verified = verified.to_string();
        let attribute =
            |name: &str, value: &str| AttributeType::builder().name(name).value(value).build();
        self.cognito
            .admin_update_user_attributes()
            .user_pool_id(self.output(output::USER_POOL_ID))
            .username(&owner.email)
            .user_attributes(attribute("phone_number", &phone)?)
            .user_attributes(attribute("phone_number_verified", &verified)?)
            .send()
            .await?;
        Ok(phone)
    }

    /// Has `owner` want a text message for each error.
    ///
    /// # Errors
    ///
    /// When the API refuses.
    pub async fn notify(&self, owner: &Owner) -> Result<()> {
        let setting = json!({"setting": {"alertLevel": ["error"], "sendNotification": true}});
        let path = format!("/settings/config/{}", owner.id);
        self.api(owner).put(&path, &setting).await?.ok()?;
        Ok(())
    }

    /// The API as `owner` sees it.
    #[must_use]
    pub fn api<'a>(&'a self, owner: &'a Owner) -> Api<'a> {
        self.api_with(Some(&owner.id_token))
    }
}

/// The claims in a token, not checked.
fn claims(token: &str) -> Result<Value> {
    let payload = token.split('.').nth(1).context("a token without claims")?;
    Ok(serde_json::from_slice(&URL_SAFE_NO_PAD.decode(payload)?)?)
}
