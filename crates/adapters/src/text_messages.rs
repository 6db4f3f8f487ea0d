//! Text messages: the number from the user pool, the cap in Settings, the
//! message through SNS.

use aws_sdk_cognitoidentityprovider as cognito;
use aws_sdk_dynamodb as dynamodb;
use aws_sdk_dynamodb::types::AttributeValue;
use aws_sdk_sns as sns;
use aws_sdk_sns::types::MessageAttributeValue;
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use contract::table;
use domain::alert::{DAILY_CAP, Phone, TextMessages};
use domain::event::EventId;
use domain::id::UserId;
use domain::store::StoreError;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};

use crate::aws::{failed, unreadable};
use crate::dynamo::text;

/// Text messages to users of one pool.
#[derive(Clone, Debug)]
pub struct SnsTextMessages {
    cognito: cognito::Client,
    user_pool: String,
    dynamo: dynamodb::Client,
    settings_table: String,
    sns: sns::Client,
}

impl SnsTextMessages {
    /// Texts users of `user_pool`, counts in `settings_table`, sends through `sns`.
    #[must_use]
    pub fn new(
        cognito: cognito::Client,
        user_pool: String,
        dynamo: dynamodb::Client,
        settings_table: String,
        sns: sns::Client,
    ) -> Self {
        Self {
            cognito,
            user_pool,
            dynamo,
            settings_table,
            sns,
        }
    }
}

impl TextMessages for SnsTextMessages {
    async fn verified_phone(&self, user: &UserId) -> Result<Option<Phone>, StoreError> {
        const OPERATION: &str = "look up the phone number of a user";
        let found = self
            .cognito
            .admin_get_user()
            .user_pool_id(&self.user_pool)
            .username(user.as_str())
            .send()
            .await;
        let attributes = match found {
            Ok(found) => found.user_attributes.unwrap_or_default(),
            Err(SdkError::ServiceError(it)) if it.err().is_user_not_found_exception() => {
                return Ok(None);
            }
            Err(err) => return Err(anonymous(OPERATION, err)),
        };
        let value = |name| {
            let found = attributes.iter().find(|it| it.name() == name);
            found.and_then(|it| it.value()).unwrap_or_default()
        };
        let phone = Phone::new(value("phone_number").to_owned());
        let verified = value("phone_number_verified") == "true" && !phone.number().is_empty();
        Ok(verified.then_some(phone))
    }

    async fn allow(&self, user: &UserId, day: Date, event: EventId) -> Result<bool, StoreError> {
        const OPERATION: &str = "count a text message";
        let counted = self
            .dynamo
            .update_item()
            .table_name(&self.settings_table)
            .key(table::SETTING_ID, text(format!("sms#{user}#{day}")))
            .update_expression("ADD sent :one SET expiresAt = :expires")
            .condition_expression(
                "attribute_not_exists(sent) OR size(sent) < :cap OR contains(sent, :event)",
            )
            .expression_attribute_values(":one", AttributeValue::Ss(vec![event.to_string()]))
            .expression_attribute_values(":event", text(event.to_string()))
            .expression_attribute_values(":cap", AttributeValue::N(DAILY_CAP.to_string()))
            .expression_attribute_values(":expires", expires(OPERATION, day)?)
            .send()
            .await;
        match counted {
            Ok(_) => Ok(true),
            Err(SdkError::ServiceError(it)) if it.err().is_conditional_check_failed_exception() => {
                Ok(false)
            }
            Err(err) => Err(failed(OPERATION, err)),
        }
    }

    async fn send(&self, phone: &Phone, text: &str) -> Result<(), StoreError> {
        const OPERATION: &str = "send a text message";
        // Transactional: SNS spends more to have it arrive.
        let kind = MessageAttributeValue::builder()
            .data_type("String")
            .string_value("Transactional")
            .build()
            .map_err(|err| unreadable(OPERATION, err))?;
        self.sns
            .publish()
            .phone_number(phone.number())
            .message(text)
            .message_attributes("AWS.SNS.SMS.SMSType", kind)
            .send()
            .await
            .map_err(|err| anonymous(OPERATION, err))?;
        Ok(())
    }
}

/// Two days after the start of `day`, in epoch seconds: no retry asks later.
fn expires(operation: &'static str, day: Date) -> Result<AttributeValue, StoreError> {
    let midnight = day.to_zoned(TimeZone::UTC).map(|it| it.timestamp());
    let expires = midnight.and_then(|it: Timestamp| it.checked_add(48.hours()));
    let expires = expires.map_err(|err| unreadable(operation, err))?;
    Ok(AttributeValue::N(expires.as_second().to_string()))
}

/// The domain's error with nothing in it but the service's code: its message
/// may quote the number.
fn anonymous<E>(operation: &'static str, err: SdkError<E, HttpResponse>) -> StoreError
where
    E: ProvideErrorMetadata + std::error::Error + Send + Sync + 'static,
{
    let code = match err.as_service_error() {
        Some(err) => err.code().unwrap_or("a refusal without a code"),
        None => "no answer",
    };
    let code = code.to_owned();
    StoreError {
        source: code.into(),
        ..failed(operation, err)
    }
}
