//! What each operation takes and answers.

use contract::route;
use domain::id::{FieldName, ThresholdName};
use domain::settings::UserSettings;
use serde_json::json;
use utoipa::openapi::schema::{AnyOfBuilder, ArrayBuilder, ObjectBuilder, Type};
use utoipa::openapi::{RefOr, Schema};

use super::answer::named;
use super::draft::Draft;
use super::{example, failure, history, parameter};
use crate::command::{CommandPage, CommandView, NewCommand};
use crate::device::DeviceView;
use crate::error::{Error, GatewayMessage};
use crate::event::{AlertsCount, EventPage, EventUpdate};
use crate::json::JsonObject;
use crate::live::LiveView;
use crate::registration::{NewRegistration, RegistrationView};
use crate::setting::{SettingBody, SettingView};
use crate::status::StatusView;
use crate::threshold::{LimitsView, OwnLimitsView, ThresholdUpdate, ThresholdView, ThresholdsView};

/// The operation of a route, `None` for a route that nobody has described.
pub(super) fn describe(key: &str) -> Option<Draft> {
    let draft = match key {
        route::SETTING_GET => setting_get(),
        route::SETTING_PUT => setting_put(),
        route::REGISTRATION_LIST => registration_list(),
        route::REGISTRATION_CREATE => registration_create(),
        route::DEVICE_LIST => device_list(),
        route::DEVICE_GET => device_get(),
        route::DEVICE_DELETE => device_delete(),
        route::THRESHOLD_LIST => threshold_list(),
        route::THRESHOLD_PUT => threshold_put(),
        route::COMMAND_LIST => command_list(),
        route::COMMAND_CREATE => command_create(),
        route::COMMAND_GET => command_get(),
        route::EVENTS_OF_USER => events_of_user(),
        route::ALERTS => alerts(),
        route::ALERTS_COUNT => alerts_count(),
        route::EVENTS_OF_DEVICE => events_of_device(),
        route::EVENT_GET => event_get(),
        route::EVENT_UPDATE => event_update(),
        route::STATUS_GET => status_get(),
        route::HISTORY_GET => history::history_get(),
        route::LIVE => live(),
        _ => return None,
    };
    Some(
        draft
            .knows::<Error>("Error")
            .knows::<GatewayMessage>("GatewayMessage"),
    )
}

fn setting_get() -> Draft {
    let draft = Draft::new(
        "getSetting",
        "Read a setting",
        "A user's own setting is the one under the user's id; a user who has stored none gets the one that holds, \
         without times. Every other setting belongs to the solution, and only members of the user pool's group `admin` \
         may read it: anybody else is answered 401, whether there is such a setting or not.",
    );
    setting(draft).fails(failure::no_such_setting()).answers(
        "The setting.",
        setting_schema(),
        example::settings(),
    )
}

fn setting_put() -> Draft {
    let draft = Draft::new(
        "putSetting",
        "Store a setting",
        "Stores the whole setting in place of the one before. Repeating it changes nothing but `updatedAt`. Under the \
         caller's own id `setting` must be a `UserSettings`; under another one it is free, and only members of the user \
         pool's group `admin` may store it.",
    );
    let body = AnyOfBuilder::new()
        .item(named("UserSettingBody"))
        .item(named("SolutionSettingBody"));
    setting(draft)
        .knows::<SettingBody<UserSettings>>("UserSettingBody")
        .knows::<SettingBody<JsonObject>>("SolutionSettingBody")
        .takes(body.into(), example::setting_bodies())
        .fails(failure::bad_setting())
        .answers(
            "The setting as it is stored.",
            setting_schema(),
            example::settings(),
        )
}

/// What both operations on settings have.
fn setting(draft: Draft) -> Draft {
    draft
        .parameter(parameter::setting_id())
        .fails(failure::bad_setting_id())
        .knows::<SettingView<UserSettings>>("UserSetting")
        .knows::<SettingView<JsonObject>>("SolutionSetting")
        .knows::<UserSettings>("UserSettings")
        .knows::<JsonObject>("JsonObject")
}

fn setting_schema() -> RefOr<Schema> {
    AnyOfBuilder::new()
        .item(named("UserSetting"))
        .item(named("SolutionSetting"))
        .into()
}

fn registration_list() -> Draft {
    Draft::new(
        "listRegistrations",
        "List registrations",
        "The caller's registrations by device id, deleted ones included.",
    )
    .paged(100)
    .knows::<RegistrationView>("Registration")
    .lists(
        "A page of registrations.",
        array("Registration"),
        [(
            "some",
            "a device that is let in",
            json!([example::registration("complete")]),
        )],
    )
}

fn registration_create() -> Draft {
    Draft::new(
        "createRegistration",
        "Register a device",
        "Makes the caller the owner of a device that was manufactured and that nobody has. It is `pending` until the \
         device has connected for the first time, then `complete`. Of several requests at once, one wins. A request \
         whose answer was lost can be repeated: 409 and the device in `GET /devices` then mean that it was done.",
    )
    .knows::<NewRegistration>("NewRegistration")
    .knows::<RegistrationView>("Registration")
    .takes(
        named("NewRegistration"),
        [(
            "thermostat",
            "serial and model number from the label",
            json!({"deviceId": "SP-0001", "deviceName": "Hall", "modelNumber": "thermostat-1"}),
        )],
    )
    .fails(failure::bad_body(
        "`deviceName` is not valid: invalid type: integer `5`, expected a string at line 1 column 15",
    ))
    .fails(failure::not_manufactured())
    .fails(failure::taken())
    .answers(
        "The new registration.",
        named("Registration"),
        [("new", "nobody has connected yet", example::registration("pending"))],
    )
}

fn device_list() -> Draft {
    Draft::new(
        "listDevices",
        "List devices",
        "The caller's devices by device id, without the deleted ones, each with whether it is connected.",
    )
    .paged(100)
    .knows::<DeviceView>("Device")
    .lists(
        "A page of devices.",
        array("Device"),
        [("some", "a device that is connected", json!([example::device()]))],
    )
}

fn device_get() -> Draft {
    Draft::of_device("getDevice", "Read a device", "One of the caller's devices.")
        .knows::<DeviceView>("Device")
        .answers(
            "The device.",
            named("Device"),
            [("connected", "a device that is connected", example::device())],
        )
}

fn device_delete() -> Draft {
    Draft::of_device(
        "deleteDevice",
        "Let go of a device",
        "The device is cut off: its certificates, its thing and its shadow are deleted, its alerts are gone. Then the \
         registration is `deleted`, and anybody may register the device. Its events stay in `GET /devices/events` of the \
         caller. Every step can be repeated: where an answer is 500 or 503, or is lost, send the request again until it \
         is done; `DeviceNotFoundFailure` then means that it was done before. While one deletion runs, another one of \
         the same device is answered 503.",
    )
    .answers(
        "Done.",
        ObjectBuilder::new()
            .schema_type(Type::String)
            .enum_values(Some(["Delete successful"]))
            .into(),
        [("done", "the only answer", json!("Delete successful"))],
    )
}

fn threshold_list() -> Draft {
    let draft = Draft::of_device(
        "listThresholds",
        "List thresholds",
        "The thresholds that the product's model has for what the device measures, by field and name, as they hold now: \
         with what the owner has changed of them.",
    );
    thresholds(draft)
        .knows::<ThresholdsView>("DeviceThresholds")
        .answers(
            "The thresholds.",
            named("DeviceThresholds"),
            [
                (
                    "changed",
                    "one that the owner has moved",
                    json!({"deviceId": "SP-0001", "thresholds": [example::threshold()]}),
                ),
                (
                    "none",
                    "a product without thresholds",
                    json!({"deviceId": "SP-0001", "thresholds": []}),
                ),
            ],
        )
}

fn threshold_put() -> Draft {
    let draft = Draft::of_device(
        "putThreshold",
        "Change a threshold",
        "Changes the limits, the time, or whether the threshold is judged at all. What is left out stays as it is, \
         `null` puts the model's back. It holds for what the device measures from then on, for as long as the device is \
         the caller's: a limit that is moved starts the time anew, and so does a threshold that is switched on again.",
    );
    thresholds(draft)
        .parameter(parameter::field())
        .parameter(parameter::threshold())
        .fails(failure::bad_field())
        .fails(failure::bad_threshold())
        .fails(failure::no_such_threshold())
        .fails(failure::bad_limits())
        .fails(failure::bad_body(
            "`seconds` is not valid: it must be a whole number from 0 to 86400 at line 1 column 16",
        ))
        .knows::<ThresholdUpdate>("ThresholdUpdate")
        .takes(
            named("ThresholdUpdate"),
            [
                (
                    "move",
                    "other limits",
                    json!({"above": 40_000, "below": 38_000}),
                ),
                ("switchOff", "no more of it", json!({"enabled": false})),
                (
                    "takeBack",
                    "the model's again",
                    json!({"above": null, "below": null, "seconds": null, "enabled": null}),
                ),
            ],
        )
        .answers(
            "The threshold as it holds now.",
            named("Threshold"),
            [("moved", "other limits", example::threshold())],
        )
}

/// What both operations on thresholds have.
fn thresholds(draft: Draft) -> Draft {
    draft
        .knows::<ThresholdView>("Threshold")
        .knows::<LimitsView>("ThresholdLimits")
        .knows::<OwnLimitsView>("OwnThresholdLimits")
        .knows::<FieldName>("FieldName")
        .knows::<ThresholdName>("ThresholdName")
}

fn command_list() -> Draft {
    Draft::of_device(
        "listCommands",
        "List commands",
        "The commands that the caller has sent to the device since it is the caller's, newest first. A page of a rare \
         status may be short, or empty, and carry a `LastEvaluatedKey` all the same: the next page goes on.",
    )
    .parameter(parameter::only_status())
    .fails(failure::bad_filter("commandStatus", "one of pending, success, failed"))
    .paged(20)
    .knows::<CommandPage>("CommandPage")
    .answers(
        "A page of commands.",
        named("CommandPage"),
        [("page", "more follow", example::command_page())],
    )
}

fn command_create() -> Draft {
    Draft::of_device(
        "createCommand",
        "Send a command",
        "Stores the command as `pending`, sets in the device's shadow what the product's model says, and publishes it to \
         the device, on `smartproduct/commands/{deviceId}`. The device's answer makes it `success` or `failed`; without one \
         it is `failed` with the reason `timeout` at the end of the time that the model gives it, a minute unless it says \
         otherwise. A command that could not be sent is `failed` with the reason `not sent`, and the answer is an error. \
         Two requests are two commands, unless they carry the same `Idempotency-Key`: then the second one is answered \
         with the command of the first as it is now, and sends it again while it is `pending`. A request with a key can be \
         repeated after any failure.",
    )
    .parameter(parameter::idempotency_key())
    .knows::<NewCommand>("NewCommand")
    .knows::<CommandView>("Command")
    .knows::<JsonObject>("JsonObject")
    .takes(
        named("NewCommand"),
        [(
            "setTemp",
            "a command with details",
            json!({"command": "set-temp", "value": 72.5, "details": {"unit": "F"}}),
        )],
    )
    .fails(failure::bad_body(
        "`value.a` is not valid: duplicate field `a` at line 1 column 35",
    ))
    .fails(failure::bad_command())
    .fails(failure::unknown_command())
    .fails(failure::bad_command_value())
    .fails(failure::bad_idempotency_key())
    .fails(failure::other_command())
    .answers(
        "The new command.",
        named("Command"),
        [("new", "the device has not answered yet", example::command())],
    )
}

fn command_get() -> Draft {
    Draft::of_device(
        "getCommand",
        "Read a command",
        "One command that the caller has sent to the device.",
    )
    .parameter(parameter::command_id())
    .fails(failure::bad_command_id())
    .fails(failure::no_such_command())
    .knows::<CommandView>("Command")
    .answers(
        "The command.",
        named("Command"),
        [(
            "pending",
            "the device has not answered yet",
            example::command(),
        )],
    )
}

fn events_of_user() -> Draft {
    let draft = Draft::new(
        "listEvents",
        "List events of all devices",
        "The events of all devices that the caller has or had, newest first by the time of receipt, kept for 365 days. \
         A page of a rare type may be short, or empty, and carry a `LastEvaluatedKey` all the same: the next page goes \
         on.",
    );
    event_page(only_type(only_device(draft)))
}

fn alerts() -> Draft {
    let draft = Draft::new(
        "listAlerts",
        "List alerts",
        "Alerts are events of a type in the caller's alert level (see settings) that are neither acknowledged nor \
         suppressed, and whose device the caller still has. Newest first.",
    );
    event_page(only_device(draft))
}

fn alerts_count() -> Draft {
    Draft::new(
        "countAlerts",
        "Count alerts",
        "The number of the caller's alerts. Of more than some thousands the newest are counted.",
    )
    .knows::<AlertsCount>("AlertsCount")
    .answers(
        "The number.",
        named("AlertsCount"),
        [("some", "two alerts", json!({"alertsCount": 2}))],
    )
}

fn events_of_device() -> Draft {
    let draft = Draft::of_device(
        "listDeviceEvents",
        "List events of a device",
        "The events that the device has reported since it is the caller's, newest first by the time of receipt. A page \
         of a rare type may be short, or empty, and carry a `LastEvaluatedKey` all the same: the next page goes on.",
    );
    event_page(only_type(draft))
}

fn event_page(draft: Draft) -> Draft {
    draft.paged(20).knows::<EventPage>("EventPage").answers(
        "A page of events.",
        named("EventPage"),
        [("page", "more follow", example::event_page())],
    )
}

fn only_device(draft: Draft) -> Draft {
    draft
        .parameter(parameter::only_device())
        .fails(failure::bad_device_id())
}

fn only_type(draft: Draft) -> Draft {
    draft
        .parameter(parameter::only_type())
        .fails(failure::bad_filter(
            "eventType",
            "one of error, warning, info, diagnostic",
        ))
}

fn event_get() -> Draft {
    let draft = Draft::of_device(
        "getEvent",
        "Read an event",
        "One event that the device has reported since it is the caller's.",
    );
    event(draft).answers(
        "The event.",
        named("Event"),
        [(
            "unread",
            "an event that nobody has seen yet",
            example::event(false),
        )],
    )
}

fn event_update() -> Draft {
    let draft = Draft::of_device(
        "updateEvent",
        "Acknowledge or suppress an event",
        "Sets the flags that are sent and leaves the other as it is, so that two clients at once lose nothing. An event \
         with a flag set is no alert any more; with both taken back it is one again. Repeating it changes nothing but \
         `updatedAt`.",
    );
    event(draft)
        .knows::<EventUpdate>("EventUpdate")
        .takes(
            named("EventUpdate"),
            [
                ("acknowledge", "seen", json!({"ack": true})),
                ("suppress", "no more of it", json!({"suppress": true})),
                (
                    "takeBack",
                    "an alert again",
                    json!({"ack": false, "suppress": false}),
                ),
            ],
        )
        .fails(failure::bad_body(
            "`ack` is not valid: invalid type: null, expected a boolean at line 1 column 11",
        ))
        .answers(
            "The event as it is stored.",
            named("Event"),
            [(
                "acknowledged",
                "an event that was seen",
                example::event(true),
            )],
        )
}

/// What both operations on one event have.
fn event(draft: Draft) -> Draft {
    draft
        .parameter(parameter::event_id())
        .fails(failure::bad_event_id())
        .fails(failure::no_such_event())
        .knows::<domain::event::Event>("Event")
}

fn status_get() -> Draft {
    Draft::of_device(
        "getStatus",
        "Read a device's status",
        "What the device last said about itself (its shadow), and its connection: whether it is there, since when, and \
         why the last one ended. A device without a shadow has an empty `state` and `metadata`; one that has never been \
         connected is not connected, since no time and for no reason.",
    )
    .knows::<StatusView>("DeviceStatus")
    .answers(
        "The status.",
        named("DeviceStatus"),
        [
            ("connected", "a device that reports", example::status()),
            (
                "silent",
                "a device that has never been connected",
                json!({
                    "deviceId": "SP-0001", "state": {}, "metadata": {},
                    "connected": false, "since": null, "disconnectReason": null,
                }),
            ),
        ],
    )
}

fn live() -> Draft {
    Draft::new(
        "openLive",
        "Open an address for live data",
        "A presigned address for MQTT over WebSocket, on which the caller's alerts arrive and, of each device that is \
         named, its telemetry, its shadow and the commands to it; with up to three devices their answers to commands, \
         too. It takes one client id, lets subscribe to nothing but the topics that are listed and lets nobody publish. \
         Each request makes a new one: a client that was disconnected asks again, and so does one at `expiresAt`. The \
         address is a secret of its user.",
    )
    .parameter(parameter::live_devices())
    .fails(failure::bad_device_id())
    .fails(failure::no_such_device())
    .fails(failure::too_many_devices())
    .fails(failure::long_device_ids())
    .knows::<LiveView>("Live")
    .answers(
        "The address.",
        named("Live"),
        [("open", "one device", example::live())],
    )
}

fn array(name: &str) -> RefOr<Schema> {
    ArrayBuilder::new()
        .items(named(name))
        .max_items(Some(100))
        .into()
}
