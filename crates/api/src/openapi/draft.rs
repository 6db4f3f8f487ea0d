//! One operation while it is put together.

use serde_json::Value;
use utoipa::ToSchema;
use utoipa::openapi::path::{Operation, OperationBuilder, ParameterIn};
use utoipa::openapi::request_body::RequestBodyBuilder;
use utoipa::openapi::{Components, Ref, RefOr, Required, ResponseBuilder, Schema};

use super::answer::{Sample, content};
use super::failure::{self, Failure};
use super::parameter::{self, Declared};

/// An operation, the schemas that it refers to, and how it fails.
pub(super) struct Draft {
    operation: OperationBuilder,
    schemas: Vec<(String, RefOr<Schema>)>,
    failures: Vec<Failure>,
    in_path: bool,
}

impl Draft {
    pub(super) fn new(id: &str, summary: &str, description: &str) -> Self {
        Self {
            operation: OperationBuilder::new()
                .operation_id(Some(id))
                .summary(Some(summary))
                .description(Some(description)),
            schemas: Vec::new(),
            failures: vec![failure::unknown_parameter()],
            in_path: false,
        }
    }

    /// An operation on one of the caller's devices.
    pub(super) fn of_device(id: &str, summary: &str, description: &str) -> Self {
        Self::new(id, summary, description)
            .parameter(parameter::device_id())
            .fails(failure::bad_device_id())
            .fails(failure::no_such_device())
    }

    pub(super) fn parameter(mut self, declared: Declared) -> Self {
        self.in_path |= declared.parameter.parameter_in == ParameterIn::Path;
        self.operation = self.operation.parameter(declared.parameter);
        self.schemas.extend(declared.schema);
        self
    }

    /// Pages of at most 100 rows, of `default` where the caller says nothing.
    pub(super) fn paged(self, default: u8) -> Self {
        self.parameter(parameter::limit(default))
            .parameter(parameter::page_key())
            .fails(failure::bad_limit())
            .fails(failure::bad_page_key())
    }

    /// Makes the schema of `T` known under `name`, and what it consists of.
    pub(super) fn knows<T: ToSchema>(mut self, name: &str) -> Self {
        self.schemas.push((name.to_owned(), T::schema()));
        T::schemas(&mut self.schemas);
        self
    }

    pub(super) fn takes<const N: usize>(
        mut self,
        schema: RefOr<Schema>,
        examples: [(&'static str, &'static str, Value); N],
    ) -> Self {
        let body = RequestBodyBuilder::new()
            .required(Some(Required::True))
            .content("application/json", content(schema, examples.map(sample)));
        self.operation = self.operation.request_body(Some(body.build()));
        self
    }

    pub(super) fn answers<const N: usize>(
        self,
        description: &str,
        schema: RefOr<Schema>,
        examples: [(&'static str, &'static str, Value); N],
    ) -> Self {
        self.responds(answer(description, schema, examples))
    }

    /// As [`Self::answers`], with the next page in a header.
    pub(super) fn lists<const N: usize>(
        self,
        description: &str,
        schema: RefOr<Schema>,
        examples: [(&'static str, &'static str, Value); N],
    ) -> Self {
        self.responds(
            answer(description, schema, examples)
                .header_ref("Link", Ref::new("#/components/headers/NextPage")),
        )
    }

    fn responds(mut self, response: ResponseBuilder) -> Self {
        self.operation = self.operation.response("200", response);
        self
    }

    pub(super) fn fails(mut self, failure: Failure) -> Self {
        self.failures.push(failure);
        self
    }

    /// The operation of `service`; its schemas go into `components`.
    pub(super) fn finish(self, service: &str, components: &mut Components) -> Operation {
        components.schemas.extend(self.schemas);
        let mut operation = self.operation.tag(service);
        for (status, response) in failure::responses(&self.failures) {
            operation = operation.response(status.to_string(), response);
        }
        for (status, name) in [
            ("401", "Unauthorized"),
            ("429", "TooManyRequests"),
            ("500", "InternalFailure"),
            ("503", "Unavailable"),
        ] {
            operation = operation.response(status, Ref::from_response_name(name));
        }
        if self.in_path {
            operation = operation.response("404", Ref::from_response_name("NoRoute"));
        }
        operation.build()
    }
}

fn sample((name, summary, value): (&'static str, &'static str, Value)) -> Sample {
    Sample {
        name,
        summary,
        value,
    }
}

/// A response of JSON, with what it may look like.
fn answer<const N: usize>(
    description: &str,
    schema: RefOr<Schema>,
    examples: [(&'static str, &'static str, Value); N],
) -> ResponseBuilder {
    let content = content(schema, examples.map(sample));
    ResponseBuilder::new()
        .description(description)
        .content("application/json", content)
}
