//! How users sign in, whatever the manifest switches on.

use serde_json::{Value, json};

use crate::template::{Template, list};

/// The properties of the user pool in each template.
fn pools(check: impl Fn(&Value)) {
    for template in Template::all() {
        check(template.resource("UserPool").properties());
    }
}

/// The properties of the pool's client in each template.
fn clients(check: impl Fn(&Value)) {
    for template in Template::all() {
        check(template.resource("UserPoolClient").properties());
    }
}

#[test]
fn a_password_is_strong() {
    pools(|pool| {
        let policy = &pool["Policies"]["PasswordPolicy"];
        let length = policy["MinimumLength"].as_i64();
        assert!(length.is_some_and(|it| it >= 12), "{policy}");
        for kind in [
            "RequireLowercase",
            "RequireUppercase",
            "RequireNumbers",
            "RequireSymbols",
        ] {
            assert_eq!(policy[kind], true, "{kind}");
        }
    });
}

/// Cognito's own default is a week.
#[test]
fn a_password_that_an_administrator_has_sent_is_good_for_days_only() {
    pools(|pool| {
        let days = &pool["Policies"]["PasswordPolicy"]["TemporaryPasswordValidityDays"];
        let days = days.as_i64();
        assert!(days.is_some_and(|it| (1..=3).contains(&it)), "{days:?}");
    });
}

/// A text message is no second factor: a number can be taken over.
#[test]
fn a_second_factor_is_offered_and_is_no_text_message() {
    pools(|pool| {
        assert_eq!(pool["MfaConfiguration"], "OPTIONAL");
        assert_eq!(pool["EnabledMfas"], json!(["SOFTWARE_TOKEN_MFA"]));
    });
}

#[test]
fn a_lost_password_comes_back_by_the_verified_address_only() {
    pools(|pool| {
        assert_eq!(
            pool["AccountRecoverySetting"],
            json!({ "RecoveryMechanisms": [{ "Name": "verified_email", "Priority": 1 }] })
        );
        assert_eq!(pool["AutoVerifiedAttributes"], json!(["email"]));
        assert_eq!(
            pool["UserAttributeUpdateSettings"]["AttributesRequireVerificationBeforeUpdate"],
            json!(["email"])
        );
    });
}

#[test]
fn one_address_is_one_user_however_it_is_written() {
    pools(|pool| {
        assert_eq!(pool["UsernameAttributes"], json!(["email"]));
        assert_eq!(pool["UsernameConfiguration"]["CaseSensitive"], false);
    });
}

/// Seconds, for a validity and its unit.
fn seconds(client: &Value, token: &str) -> i64 {
    let unit = match client["TokenValidityUnits"][token].as_str() {
        Some("minutes") => 60,
        Some("days") => 24 * 60 * 60,
        other => panic!("{token} is valid for {other:?}"),
    };
    client[format!("{token}Validity")].as_i64().unwrap() * unit
}

#[test]
fn a_stolen_token_is_of_no_use_for_long_and_can_be_revoked() {
    clients(|client| {
        assert_eq!(seconds(client, "IdToken"), 60 * 60);
        assert_eq!(seconds(client, "AccessToken"), 60 * 60);
        assert_eq!(seconds(client, "RefreshToken"), 30 * 24 * 60 * 60);
        assert_eq!(client["EnableTokenRevocation"], true);
    });
}

#[test]
fn a_stranger_cannot_find_out_who_is_a_user() {
    clients(|client| assert_eq!(client["PreventUserExistenceErrors"], "ENABLED"));
}

#[test]
fn a_password_does_not_go_over_the_wire() {
    clients(|client| {
        assert_eq!(client["GenerateSecret"], false);
        let flows = list(&client["ExplicitAuthFlows"]);
        for flow in ["ALLOW_USER_PASSWORD_AUTH", "USER_PASSWORD_AUTH"] {
            assert!(!flows.contains(&&json!(flow)), "{flow}");
        }
    });
}
