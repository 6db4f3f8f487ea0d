//! The user pool: owners sign in by e-mail, and may have a verified phone
//! number for text messages.

use serde_json::json;
use stratosphere::services::aws::cognito;
use stratosphere::services::aws::cognito::{userpool, userpoolclient};
use stratosphere::value::{AWS_REGION, ExpString};

use crate::function::{Function, define_role};
use crate::policy::{self, Statement};
use crate::stack::Stack;
use crate::value::{arn, literal, named, reference, sub};

const POOL: &str = "UserPool";
const CLIENT: &str = "UserPoolClient";
const SMS_ROLE: &str = "UserPoolSmsRole";

/// Group whose members may read and write the solution's settings; a function
/// finds it in the claim `cognito:groups`.
const ADMINISTRATORS: &str = "admin";

/// The defined user pool and its client.
#[derive(Clone, Copy, Debug)]
pub struct Users(());

impl Users {
    /// Id of the pool.
    #[must_use]
    pub fn pool(&self) -> ExpString {
        reference(POOL)
    }

    /// Id of the client.
    #[must_use]
    pub fn client(&self) -> ExpString {
        reference(CLIENT)
    }

    /// Who issues the tokens, as their claim `iss` says.
    #[must_use]
    pub fn issuer(&self) -> ExpString {
        sub(format!("https://${{{POOL}.ProviderName}}"))
    }

    /// Lets a function look up a user.
    pub fn grant_get(&self, function: &mut Function) {
        function.grant(Statement::allow(&["cognito-idp:AdminGetUser"], arn(POOL)));
    }
}

/// Defines the pool, its client, the group of administrators, and the role by
/// which Cognito sends a code to a phone number.
pub fn define(stack: &mut Stack, after_confirmation: Option<&Function>) -> Users {
    define_sms_role(stack);
    define_pool(stack, after_confirmation);
    stack
        .add(
            CLIENT,
            &cognito::UserPoolClient! {
                user_pool_id: reference(POOL),
                client_name: named("console"),
                generate_secret: false,
                explicit_auth_flows: vec![
                    // `scripts` and tests sign in by it, with AWS credentials.
                    "ALLOW_ADMIN_USER_PASSWORD_AUTH".into(),
                    "ALLOW_REFRESH_TOKEN_AUTH".into(),
                    "ALLOW_USER_SRP_AUTH".into(),
                ],
                prevent_user_existence_errors: "ENABLED",
                enable_token_revocation: true,
                id_token_validity: 60,
                access_token_validity: 60,
                refresh_token_validity: 30,
                token_validity_units: userpoolclient::TokenValidityUnits! {
                    id_token: "minutes",
                    access_token: "minutes",
                    refresh_token: "days",
                },
            },
        )
        .retain();
    stack
        .add(
            "AdminGroup",
            &cognito::UserPoolGroup! {
                user_pool_id: reference(POOL),
                group_name: ADMINISTRATORS,
                description: "May read and write the settings of the solution",
            },
        )
        .retain();
    if let Some(function) = after_confirmation {
        function.allow_service(stack, "Users", "cognito-idp.amazonaws.com", arn(POOL));
    }
    Users(())
}

fn define_pool(stack: &mut Stack, after_confirmation: Option<&Function>) {
    let mut properties = cognito::UserPool! {
        user_pool_name: stratosphere::value::AWS_STACK_NAME,
        deletion_protection: "ACTIVE",
        username_attributes: vec!["email".into()],
        username_configuration: userpool::UsernameConfiguration! { case_sensitive: false },
        auto_verified_attributes: vec!["email".into()],
        // A new address replaces the old one only once it is verified.
        user_attribute_update_settings: userpool::UserAttributeUpdateSettings! {
            attributes_require_verification_before_update: vec!["email".into()],
        },
        account_recovery_setting: userpool::AccountRecoverySetting! {
            recovery_mechanisms: vec![
                userpool::RecoveryOption! { name: "verified_email", priority: 1 },
            ],
        },
        policies: userpool::Policies! {
            password_policy: userpool::PasswordPolicy! {
                minimum_length: 12,
                require_lowercase: true,
                require_uppercase: true,
                require_numbers: true,
                require_symbols: true,
                temporary_password_validity_days: 3,
            },
        },
        mfa_configuration: "OPTIONAL",
        enabled_mfas: vec!["SOFTWARE_TOKEN_MFA".into()],
        sms_configuration: userpool::SmsConfiguration! {
            external_id: external_id(),
            sns_caller_arn: arn(SMS_ROLE),
            sns_region: AWS_REGION,
        },
    };
    properties.lambda_config = after_confirmation.map(|function| {
        userpool::LambdaConfig! { post_confirmation: function.arn() }
    });
    stack.add(POOL, &properties).retain();
}

fn define_sms_role(stack: &mut Stack) {
    let trust = policy::trust(
        "cognito-idp.amazonaws.com",
        Some(json!({
            "StringEquals": { "sts:ExternalId": external_id() },
            // Cognito tries the role before there is a pool to speak for.
            "StringEqualsIfExists": { "aws:SourceAccount": { "Ref": "AWS::AccountId" } },
        })),
    );
    define_role(stack, SMS_ROLE, trust, &[text_messages()]);
}

/// The right to send text messages and nothing else.
#[must_use]
pub fn text_messages() -> Statement {
    Statement::allow_except(
        &["sns:Publish"],
        vec![literal("arn:*:sns:*:*:*")],
        "a phone number has no ARN; every topic is left out",
    )
}

/// Shared between the pool and the trust policy of its role.
fn external_id() -> ExpString {
    named("sms")
}
