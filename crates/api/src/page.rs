//! Pages.

use utoipa::openapi::schema::{ObjectBuilder, Type};
use utoipa::openapi::{RefOr, Schema};
use utoipa::{PartialSchema, ToSchema};

/// A place in a list, as [`domain::page::Scope`] seals it: opaque to clients.
#[derive(Debug)]
pub struct PageKey;

impl PartialSchema for PageKey {
    fn schema() -> RefOr<Schema> {
        ObjectBuilder::new()
            .schema_type(Type::String)
            .min_length(Some(1))
            .max_length(Some(512))
            .pattern(Some("^[A-Za-z0-9_-]{1,512}$"))
            .description(Some(
                "A place in a list. It works for the same caller, operation and filters only, \
                 and means nothing to a client.",
            ))
            .into()
    }
}

impl ToSchema for PageKey {}
