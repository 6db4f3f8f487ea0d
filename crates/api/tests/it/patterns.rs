//! A pattern of the description takes what the domain takes.

use std::sync::LazyLock;

use domain::command::CommandId;
use domain::event::EventId;
use domain::id::{
    CommandName, DeviceId, DeviceName, FieldName, MessageId, ModelNumber, SettingId, ThresholdName,
    UserId,
};
use domain::page::Scope;
use jsonschema::Validator;
use proptest::prelude::*;

use crate::schema;

macro_rules! agree {
    ($($test:ident $schema:ident;)*) => {
        proptest! {
            $(
                #[test]
                fn $test(text in texts()) {
                    static SCHEMA: LazyLock<Validator> = LazyLock::new(|| schema(stringify!($schema)));
                    let described = SCHEMA.is_valid(&text.clone().into());
                    prop_assert_eq!($schema::new(&text).is_ok(), described, "{:?}", text);
                }
            )*
        }
    };
}

agree! {
    command_ids CommandId;
    command_names CommandName;
    device_ids DeviceId;
    device_names DeviceName;
    event_ids EventId;
    field_names FieldName;
    message_ids MessageId;
    model_numbers ModelNumber;
    setting_ids SettingId;
    threshold_names ThresholdName;
    user_ids UserId;
}

/// Texts near the rules: some that keep them, some that break them in one place.
fn texts() -> impl Strategy<Value = String> {
    let parts = prop_oneof![
        4 => "[A-Za-z0-9]{1,8}",
        4 => "[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}",
        2 => "[-_.,:@/#]",
        1 => "events|alerts",
        1 => "[ \u{a0}\u{1680}\u{2000}-\u{200b}\u{2028}\u{202f}\u{3000}\u{feff}]{1,3}",
        1 => "[\0-\u{20}\u{7f}-\u{a1}]",
        1 => any::<char>().prop_map(String::from),
        1 => "[a-z]{60,70}",
        1 => "[a-z]{125,130}",
    ];
    prop::collection::vec(parts, 0..4).prop_map(|parts| parts.concat())
}

proptest! {
    #[test]
    fn page_keys_keep_to_their_schema(position in "\\PC{1,190}") {
        static SCHEMA: LazyLock<Validator> = LazyLock::new(|| schema("PageKey"));
        prop_assume!(position.len() <= 200);
        prop_assert!(SCHEMA.is_valid(&Scope(&["anna", "GET /registration"]).seal(&position).into()));
    }
}
