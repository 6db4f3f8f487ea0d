//! Parameters of paths and queries.

use domain::command::{CommandId, CommandStatus};
use domain::event::{EventId, EventType};
use domain::id::{DeviceId, FieldName, IdempotencyKey, SettingId, ThresholdName};
use domain::live::MOST_DEVICES;
use domain::page::MOST;
use serde_json::{Value, json};
use utoipa::openapi::path::{Parameter, ParameterBuilder, ParameterIn, ParameterStyle};
use utoipa::openapi::schema::{ArrayBuilder, ObjectBuilder, Type};
use utoipa::openapi::{RefOr, Required, Schema};
use utoipa::{PartialSchema, ToSchema};

use super::answer::named;
use crate::page::PageKey;

/// A parameter, and the schema that it refers to, if any.
pub(super) struct Declared {
    pub(super) parameter: Parameter,
    pub(super) schema: Option<(String, RefOr<Schema>)>,
}

impl Declared {
    /// One with a schema of its own.
    pub(super) fn alone(parameter: ParameterBuilder) -> Self {
        Self {
            parameter: parameter.build(),
            schema: None,
        }
    }
}

/// A parameter of a query that may be left out.
pub(super) fn optional(
    name: &str,
    description: &str,
    schema: impl Into<RefOr<Schema>>,
) -> ParameterBuilder {
    new(name, ParameterIn::Query)
        .description(Some(description))
        .schema(Some(schema))
}

pub(super) fn setting_id() -> Declared {
    in_path::<SettingId>(
        "settingId",
        "The caller's own user id (`sub` of the token), or the name of a setting of the solution.",
        "8c6f1c52-6f0a-4f0e-9a3a-5a0e4f0b7c11",
    )
}

pub(super) fn device_id() -> Declared {
    in_path::<DeviceId>("deviceId", "Serial number of the device.", "SP-0001")
}

pub(super) fn field() -> Declared {
    in_path::<FieldName>(
        "field",
        "What is measured, as the list of thresholds shows it.",
        "lux",
    )
}

pub(super) fn threshold() -> Declared {
    in_path::<ThresholdName>(
        "name",
        "Name of the threshold, as the list shows it.",
        "glare",
    )
}

pub(super) fn command_id() -> Declared {
    in_path::<CommandId>(
        "commandId",
        "Id of the command, as the lists of commands show it.",
        "019aa4c2-8d1e-7c33-9f41-2b7a90c3d5e8",
    )
}

pub(super) fn idempotency_key() -> Declared {
    let parameter = new("Idempotency-Key", ParameterIn::Header).description(Some(
        "What the caller calls this request, to be able to repeat it: new for each command, such as a random UUID. It \
         counts for 24 hours, for one device and as long as it is the caller's.",
    ));
    let example = "8e03978e-40d5-43e8-bc93-6894a57f9324";
    declared::<IdempotencyKey>(parameter.example(Some(json!(example))))
}

pub(super) fn event_id() -> Declared {
    in_path::<EventId>(
        "eventId",
        "Id of the event, as the lists of events show it.",
        "6fa459ea-ee8a-5ca4-894e-db77e160355e",
    )
}

pub(super) fn only_device() -> Declared {
    in_query::<DeviceId>(
        "deviceId",
        "Only what this device reported. One that the caller has not gives an empty page.",
        Some("SP-0001"),
    )
}

pub(super) fn only_type() -> Declared {
    in_query::<EventType>("eventType", "Only events of this type.", Some("warning"))
}

pub(super) fn only_status() -> Declared {
    in_query::<CommandStatus>(
        "commandStatus",
        "Only commands of this status.",
        Some("pending"),
    )
}

/// `deviceId`, again and again.
pub(super) fn live_devices() -> Declared {
    let schema = ArrayBuilder::new()
        .items(named("DeviceId"))
        .max_items(Some(MOST_DEVICES));
    Declared {
        parameter: new("deviceId", ParameterIn::Query)
            .description(Some(
                "A device of the caller, once for each device: `deviceId=SP-0001&deviceId=SP-0002`. Without it, only \
                 alerts arrive.",
            ))
            .schema(Some(schema))
            .style(Some(ParameterStyle::Form))
            .explode(Some(true))
            .example(Some(json!(["SP-0001"])))
            .build(),
        schema: Some(("DeviceId".to_owned(), DeviceId::schema())),
    }
}

pub(super) fn page_key() -> Declared {
    in_query::<PageKey>(
        "lastevalkey",
        "Where the page starts: the key that the page before ended with, sent with the same filters.",
        None,
    )
}

pub(super) fn limit(default: u8) -> Declared {
    let schema = ObjectBuilder::new()
        .schema_type(Type::Integer)
        .minimum(Some(1))
        .maximum(Some(MOST))
        .default(Some(json!(default)));
    let parameter = optional("limit", "Most rows of the page.", schema);
    Declared::alone(parameter.example(Some(json!(default))))
}

fn in_path<T: ToSchema>(name: &str, description: &str, example: &str) -> Declared {
    let parameter = new(name, ParameterIn::Path).description(Some(description));
    declared::<T>(parameter.example(Some(json!(example))))
}

fn in_query<T: ToSchema>(name: &str, description: &str, example: Option<&str>) -> Declared {
    let parameter = new(name, ParameterIn::Query).description(Some(description));
    declared::<T>(parameter.example(example.map(Value::from)))
}

fn new(name: &str, place: ParameterIn) -> ParameterBuilder {
    let required = match place {
        ParameterIn::Path => Required::True,
        _ => Required::False,
    };
    ParameterBuilder::new()
        .name(name)
        .parameter_in(place)
        .required(required)
}

fn declared<T: ToSchema>(parameter: ParameterBuilder) -> Declared {
    let name = T::name().into_owned();
    Declared {
        parameter: parameter.schema(Some(named(&name))).build(),
        schema: Some((name, T::schema())),
    }
}
