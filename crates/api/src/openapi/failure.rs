//! How operations fail.

use std::collections::BTreeMap;

use domain::command::CommandId;
use domain::event::EventId;
use domain::id::{DeviceId, FieldName, IdempotencyKey, InvalidId, SettingId, ThresholdName};
use domain::live::{LiveError, MOST_DEVICES};
use domain::page::{InvalidLimit, InvalidPageKey};
use domain::telemetry::history::HistoryError;
use serde_json::{Value, json};
use utoipa::openapi::header::{Header, HeaderBuilder};
use utoipa::openapi::schema::{AllOfBuilder, ObjectBuilder, OneOfBuilder, Type};
use utoipa::openapi::{Ref, RefOr, Response, ResponseBuilder, Schema};

use super::answer::{Sample, content, named};

/// One way of failing, with an example.
pub(super) struct Failure {
    status: u16,
    error: &'static str,
    /// Names the example.
    case: &'static str,
    when: &'static str,
    message: String,
}

impl Failure {
    fn bad(
        error: &'static str,
        case: &'static str,
        when: &'static str,
        message: impl Into<String>,
    ) -> Self {
        Self {
            status: 400,
            error,
            case,
            when,
            message: message.into(),
        }
    }

    fn sample(&self) -> Sample {
        let Self {
            status,
            error,
            message,
            ..
        } = self;
        Sample {
            name: self.case,
            summary: self.when,
            value: json!({"code": status, "error": error, "message": message}),
        }
    }
}

pub(super) fn unknown_parameter() -> Failure {
    Failure::bad(
        "BadRequest",
        "unknownParameter",
        "a query parameter that the operation has not, or one given twice",
        "query parameter `limt` is unknown here: accepted are `limit`, `lastevalkey`",
    )
}

pub(super) fn bad_body(message: &str) -> Failure {
    Failure::bad(
        "BadRequest",
        "body",
        "a body that breaks its schema, is not JSON or is too large",
        message,
    )
}

pub(super) fn bad_setting() -> Failure {
    Failure::bad(
        "InvalidSetting",
        "body",
        "a body that breaks its schema, is not JSON or is too large",
        "`setting.alertLevel[0]` is not valid: unknown variant `fatal`, expected one of `error`, `warning`, `info`, \
         `diagnostic` at line 1 column 35",
    )
}

pub(super) fn bad_command() -> Failure {
    Failure::bad(
        "InvalidParameter",
        "size",
        "`value` or `details` is too large",
        "`value` must be JSON of at most 32768 bytes",
    )
}

pub(super) fn unknown_command() -> Failure {
    Failure::bad(
        "InvalidParameter",
        "unknownCommand",
        "a command that the product does not take",
        "this product takes `set-mode` and `set-temp`, not `explode`",
    )
}

pub(super) fn bad_command_value() -> Failure {
    Failure::bad(
        "InvalidParameter",
        "commandValue",
        "a value that the command does not take",
        "`value` of `set-temp` is not what this product takes: it is greater than the maximum of 110; the schema of `value` \
         is {\"maximum\":110,\"minimum\":50,\"type\":\"number\"}",
    )
}

pub(super) fn bad_idempotency_key() -> Failure {
    invalid(
        "idempotencyKey",
        "a key that breaks its rule",
        rule(IdempotencyKey::new("")),
    )
}

pub(super) fn other_command() -> Failure {
    Failure {
        status: 409,
        error: "IdempotencyConflict",
        case: "otherCommand",
        when: "the key was sent with another command",
        message: "the `Idempotency-Key` was sent with another command, `019aa4c2-8d1e-7c33-9f41-2b7a90c3d5e8`: repeat \
                  that request as it was, or send a new key"
            .to_owned(),
    }
}

pub(super) fn bad_limit() -> Failure {
    invalid("limit", "a bad `limit`", InvalidLimit.to_string())
}

pub(super) fn bad_page_key() -> Failure {
    invalid(
        "lastevalkey",
        "a page key of another request",
        InvalidPageKey.to_string(),
    )
}

pub(super) fn bad_time() -> Failure {
    invalid(
        "time",
        "`from` or `to` is no time, or they are not one before the other",
        "`from` must be a time of RFC 3339 such as `2026-11-21T04:17:00Z`".to_owned(),
    )
}

pub(super) fn bad_fields() -> Failure {
    invalid(
        "fields",
        "a field that the product's model has not",
        "`fields` must hold fields of this device with commas between them: it has `actualTemperature`, `powerStatus`"
            .to_owned(),
    )
}

pub(super) fn bad_resolution() -> Failure {
    invalid(
        "resolution",
        "steps that are too short for the time",
        "`resolution` must be at least 87 seconds for this time, so that there are at most 1000 steps".to_owned(),
    )
}

pub(super) fn too_much() -> Failure {
    invalid(
        "tooMuch",
        "more would have to be read than one request may",
        HistoryError::TooMuch.to_string(),
    )
}

pub(super) fn bad_filter(name: &'static str, rule: &str) -> Failure {
    invalid(
        name,
        "a value that the filter has not",
        format!("`{name}` must be {rule}"),
    )
}

pub(super) fn bad_device_id() -> Failure {
    invalid(
        "deviceId",
        "an id that no device can have",
        rule(DeviceId::new("")),
    )
}

pub(super) fn too_many_devices() -> Failure {
    let message = LiveError::TooMany(MOST_DEVICES + 1).to_string();
    invalid("tooMany", "more devices than one address can have", message)
}

pub(super) fn long_device_ids() -> Failure {
    let message = LiveError::NoRoom.to_string();
    invalid("noRoom", "devices whose ids are long", message)
}

pub(super) fn bad_setting_id() -> Failure {
    invalid(
        "settingId",
        "an id that no setting can have",
        rule(SettingId::new("")),
    )
}

pub(super) fn bad_command_id() -> Failure {
    invalid(
        "commandId",
        "an id that no command can have",
        rule(CommandId::new("")),
    )
}

pub(super) fn bad_field() -> Failure {
    invalid(
        "field",
        "a name that nothing measured can have",
        rule(FieldName::new("")),
    )
}

pub(super) fn bad_threshold() -> Failure {
    invalid(
        "name",
        "a name that no threshold can have",
        rule(ThresholdName::new("")),
    )
}

pub(super) fn bad_limits() -> Failure {
    invalid(
        "limits",
        "limits that break a rule together with what is not sent",
        "the threshold must have a `below` that is not over its `above`, not 33000 and 20000"
            .to_owned(),
    )
}

pub(super) fn no_such_threshold() -> Failure {
    Failure::bad(
        "MissingThreshold",
        "noSuchThreshold",
        "the product's model has no such threshold",
        "`lux` has no threshold `gloom`: `GET /devices/{deviceId}/thresholds` lists those that there are",
    )
}

pub(super) fn bad_event_id() -> Failure {
    invalid(
        "eventId",
        "an id that no event can have",
        rule(EventId::new("")),
    )
}

fn invalid(case: &'static str, when: &'static str, message: String) -> Failure {
    Failure::bad("InvalidParameter", case, when, message)
}

fn rule<T>(parsed: Result<T, InvalidId>) -> String {
    parsed.err().map(|it| it.to_string()).unwrap_or_default()
}

pub(super) fn no_such_device() -> Failure {
    Failure::bad(
        "DeviceNotFoundFailure",
        "noSuchDevice",
        "a device that does not exist, or is not the caller's now",
        "you have no such device: `GET /registration` lists the devices that you have",
    )
}

pub(super) fn not_manufactured() -> Failure {
    Failure::bad(
        "DeviceNotFoundFailure",
        "notManufactured",
        "nobody made such a device",
        "no device `SP-0001` of model `thermostat-9` was manufactured: compare serial and model number with its label",
    )
}

pub(super) fn taken() -> Failure {
    Failure {
        status: 409,
        error: "DeviceRegisteredFailure",
        case: "taken",
        when: "somebody, perhaps the caller, has the device",
        message: "device `SP-0001` is registered already: its owner must delete it first"
            .to_owned(),
    }
}

pub(super) fn no_such_command() -> Failure {
    Failure::bad(
        "MissingCommand",
        "noSuchCommand",
        "the caller has sent the device no such command",
        "the device was sent no command `019aa4c2-8d1e-7c33-9f41-2b7a90c3d5e8`: \
         `GET /devices/{deviceId}/commands` lists those that it was sent",
    )
}

pub(super) fn no_such_event() -> Failure {
    Failure::bad(
        "MissingEvent",
        "noSuchEvent",
        "the device has reported no such event to the caller",
        "the device has no event `6fa459ea-ee8a-5ca4-894e-db77e160355e`: \
         `GET /devices/{deviceId}/events` lists those it has",
    )
}

pub(super) fn no_such_setting() -> Failure {
    Failure::bad(
        "MissingSetting",
        "noSuchSetting",
        "a setting of the solution that nobody has stored",
        "there is no setting `us-east-1_example`",
    )
}

/// An answer for each status in `failures`.
pub(super) fn responses(failures: &[Failure]) -> BTreeMap<u16, Response> {
    let mut by_status: BTreeMap<u16, Vec<&Failure>> = BTreeMap::new();
    for failure in failures {
        by_status.entry(failure.status).or_default().push(failure);
    }
    by_status
        .into_iter()
        .map(|(status, failures)| {
            let mut names: Vec<_> = failures.iter().map(|it| it.error).collect();
            names.sort_unstable();
            names.dedup();
            let response = ResponseBuilder::new()
                .description(format!("Not done: `{}`.", names.join("`, `")))
                .content(
                    "application/json",
                    content(error(status, &names), failures.iter().map(|it| it.sample())),
                );
            (status, response.build())
        })
        .collect()
}

/// Answers that every operation may give, by the name of the component.
pub(super) fn common() -> [(&'static str, Response); 5] {
    let gateway = |name, message: &str| Sample {
        name,
        summary: "the gateway",
        value: json!({ "message": message }),
    };
    let service = |status: u16, error: &str, message: &str| Sample {
        name: "service",
        summary: "the service",
        value: json!({"code": status, "error": error, "message": message}),
    };
    let json = |schema, samples| content(schema, samples);
    let answer = |description: &str| ResponseBuilder::new().description(description);

    let unauthorized = answer(
        "No token, a bad, expired or foreign one (the gateway); not an ID token, or an operation that this caller may \
         not use: `AccessDeniedException`.",
    )
    .content(
        "application/json",
        json(
            either(401, "AccessDeniedException"),
            vec![
                gateway("gateway", "Unauthorized"),
                service(
                    401,
                    "AccessDeniedException",
                    "the token is not an ID token: send the `IdToken` of the sign-in",
                ),
            ],
        ),
    );
    let no_route = answer(
        "The path is none of the API's: an identifier in it is empty or holds a `/` (the gateway).",
    )
    .content(
        "application/json",
        json(
            named("GatewayMessage"),
            vec![gateway("gateway", "Not Found")],
        ),
    );
    let too_many = answer(
        "More requests than the operation takes (the gateway): repeat it after a second, then after twice as long.",
    )
    .content(
        "application/json",
        json(
            named("GatewayMessage"),
            vec![gateway("gateway", "Too Many Requests")],
        ),
    );
    let internal = answer(
        "A failure on our side; the log has the reason. `POST` may be done all the same; the others may be repeated.",
    )
    .content(
        "application/json",
        json(
            either(500, "InternalFailure"),
            vec![
                gateway("gateway", "Internal Server Error"),
                service(
                    500,
                    "InternalFailure",
                    "the request failed on our side; the log has the reason under the request id",
                ),
            ],
        ),
    );
    let unavailable = answer(
        "Something that we depend on is busy, or the same work is being done already: repeat the request.",
    )
    .header_ref("Retry-After", Ref::new("#/components/headers/RetryAfter"))
    .content(
        "application/json",
        json(
            either(503, "ServiceUnavailable"),
            vec![
                gateway("gateway", "Service Unavailable"),
                service(
                    503,
                    "ServiceUnavailable",
                    "a service we depend on is busy: repeat the request after the seconds in `Retry-After`",
                ),
            ],
        ),
    );
    [
        ("Unauthorized", unauthorized.build()),
        ("NoRoute", no_route.build()),
        ("TooManyRequests", too_many.build()),
        ("InternalFailure", internal.build()),
        ("Unavailable", unavailable.build()),
    ]
}

/// `Retry-After` of what may work in a moment.
pub(super) fn retry_after() -> Header {
    HeaderBuilder::new()
        .schema(Some(
            ObjectBuilder::new()
                .schema_type(Type::Integer)
                .minimum(Some(1)),
        ))
        .description(Some(
            "Seconds to wait before the request is repeated; absent where the gateway answers.",
        ))
        .example(Some(json!(1)))
        .build()
}

/// An error of one status, under one of `names`.
fn error(status: u16, names: &[&str]) -> RefOr<Schema> {
    let one_of = |values: Vec<Value>| ObjectBuilder::new().enum_values(Some(values));
    AllOfBuilder::new()
        .item(named("Error"))
        .item(
            ObjectBuilder::new()
                .property(
                    "code",
                    one_of(vec![json!(status)]).schema_type(Type::Integer),
                )
                .property(
                    "error",
                    one_of(names.iter().map(|it| json!(it)).collect()).schema_type(Type::String),
                ),
        )
        .into()
}

/// What the gateway says, or an error of a service.
fn either(status: u16, name: &str) -> RefOr<Schema> {
    OneOfBuilder::new()
        .item(named("GatewayMessage"))
        .item(error(status, &[name]))
        .into()
}
