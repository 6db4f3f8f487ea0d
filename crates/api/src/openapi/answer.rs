//! Bodies and answers.

use serde_json::{Value, json};
use utoipa::openapi::example::ExampleBuilder;
use utoipa::openapi::header::{Header, HeaderBuilder};
use utoipa::openapi::schema::{ObjectBuilder, Type};
use utoipa::openapi::{Content, ContentBuilder, Ref, RefOr, Schema};

/// A named example.
pub(super) struct Sample {
    pub(super) name: &'static str,
    pub(super) summary: &'static str,
    pub(super) value: Value,
}

/// JSON of `schema`.
pub(super) fn content(schema: RefOr<Schema>, samples: impl IntoIterator<Item = Sample>) -> Content {
    let examples = samples.into_iter().map(|it| {
        let example = ExampleBuilder::new()
            .summary(it.summary)
            .value(Some(it.value));
        (it.name, example.build())
    });
    ContentBuilder::new()
        .schema(Some(schema))
        .examples_from_iter(examples)
        .build()
}

/// A schema of the components.
pub(super) fn named(name: &str) -> RefOr<Schema> {
    RefOr::Ref(Ref::from_schema_name(name))
}

/// `Link` of a plain list.
pub(super) fn next_page() -> Header {
    let schema = ObjectBuilder::new()
        .schema_type(Type::String)
        .pattern(Some("^<\\?[^<>]+>; rel=\"next\"$"));
    HeaderBuilder::new()
        .schema(Some(schema))
        .description(Some(
            "The next request, relative to this one (RFC 8288); absent where there is no more.",
        ))
        .example(Some(json!(
            "<?limit=100&lastevalkey=Zb4nT0p1V5wq2xYcU04tMDEwMA>; rel=\"next\""
        )))
        .build()
}
