//! JSON that means nothing to us.

use utoipa::openapi::schema::{AnyOfBuilder, ArrayBuilder, ObjectBuilder, Type};
use utoipa::openapi::{Ref, RefOr, Schema};
use utoipa::{PartialSchema, ToSchema};

/// Any JSON that a body may hold. `runtime` checks it: no NUL in a text, no
/// number that 64 bits do not hold, no key twice, at most 32 levels.
#[derive(Debug)]
pub struct Json;

/// The largest number.
const MOST: i64 = i64::MAX;

/// A text without NUL.
const TEXT: &str = "^[^\\u0000]*$";

impl PartialSchema for Json {
    fn schema() -> RefOr<Schema> {
        let of = |kind| ObjectBuilder::new().schema_type(kind);
        let text = || of(Type::String).pattern(Some(TEXT));
        let this = || Ref::from_schema_name("Json");
        AnyOfBuilder::new()
            .item(of(Type::Null))
            .item(of(Type::Boolean))
            .item(of(Type::Number).minimum(Some(i64::MIN)).maximum(Some(MOST)))
            .item(text())
            .item(ArrayBuilder::new().items(this()))
            .item(
                of(Type::Object)
                    .property_names(Some(text()))
                    .additional_properties(Some(this())),
            )
            .description(Some(
                "Any JSON of at most 32 levels, without the character NUL in a text or key, \
                 without a key twice in an object, with numbers from -2^63 to 2^63 - 1.",
            ))
            .into()
    }
}

impl ToSchema for Json {}

/// A JSON object, free but for the same rules.
#[derive(Debug)]
pub struct JsonObject;

impl PartialSchema for JsonObject {
    fn schema() -> RefOr<Schema> {
        ObjectBuilder::new()
            .schema_type(Type::Object)
            .property_names(Some(
                ObjectBuilder::new()
                    .schema_type(Type::String)
                    .pattern(Some(TEXT)),
            ))
            .additional_properties(Some(Ref::from_schema_name("Json")))
            .description(Some("A JSON object whose fields are as free as `Json`."))
            .into()
    }
}

impl ToSchema for JsonObject {
    fn schemas(schemas: &mut Vec<(String, RefOr<Schema>)>) {
        schemas.push(("Json".to_owned(), Json::schema()));
    }
}
