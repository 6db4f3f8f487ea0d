//! The API's description: OpenAPI 3.1, made from the types that travel and
//! from the routes of the template.

mod answer;
mod draft;
mod example;
mod failure;
mod history;
mod operation;
mod parameter;
mod schema;

use contract::route;
use utoipa::openapi::path::{HttpMethod, Paths};
use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa::openapi::tag::TagBuilder;
use utoipa::openapi::{
    Components, ComponentsBuilder, InfoBuilder, LicenseBuilder, OpenApi, OpenApiBuilder,
    SecurityRequirement, ServerBuilder,
};

/// Name of the security scheme.
const ID_TOKEN: &str = "idToken";

/// The description. The same types give the same bytes.
#[must_use]
pub fn document() -> OpenApi {
    let mut components = components();
    let mut paths = Paths::new();
    for route in route::ALL {
        let Some((method, path)) = route.key.split_once(' ') else {
            continue;
        };
        // A route that is not described is missing here, which a test tells.
        let (Some(method), Some(draft)) = (method_of(method), operation::describe(route.key))
        else {
            continue;
        };
        let operation = draft.finish(route.service, &mut components);
        paths.add_path_operation(path, vec![method], operation);
    }
    schema::tidy(&mut components.schemas);
    OpenApiBuilder::new()
        .info(
            InfoBuilder::new()
                .title("Smart Product API")
                .version(env!("CARGO_PKG_VERSION"))
                .description(Some(INTRODUCTION))
                .license(Some(
                    LicenseBuilder::new()
                        .name("Apache License 2.0")
                        .identifier(Some("Apache-2.0"))
                        .build(),
                )),
        )
        .servers(Some([ServerBuilder::new()
            .url("/api")
            .description(Some(
                "The stage of the API; the stack's output `ApiUrl` is its whole address.",
            ))
            .build()]))
        .tags(Some(TAGS.map(|(name, description)| {
            TagBuilder::new()
                .name(name)
                .description(Some(description))
                .build()
        })))
        .security(Some([SecurityRequirement::new(ID_TOKEN, [""; 0])]))
        .paths(paths)
        .components(Some(components))
        .build()
}

const INTRODUCTION: &str = "\
The API of a connected product: register devices, read what they report, send them commands.

Every operation needs the ID token of a signed-in user in `Authorization`. A user reaches only what belongs to that \
user: a device of somebody else is answered exactly as one that does not exist.

JSON in, JSON out, UTF-8, at most 65,536 bytes in a body. Times are RFC 3339 in UTC with milliseconds, except an \
event's `timestamp`, which is epoch milliseconds. An unknown query parameter and an unknown field in a body are errors \
that name it. Clients should ignore fields of answers that they do not know.";

/// One tag for each service, in the order of the template.
const TAGS: [(&str, &str); 8] = [
    (
        "admin",
        "Settings: a user's own, and those of the solution.",
    ),
    (
        "registration",
        "Registrations: a device's way from its label to its owner.",
    ),
    ("device", "Devices: registrations that are not deleted."),
    ("command", "Commands to devices."),
    (
        "event",
        "Events that devices report, and the unread alerts among them.",
    ),
    ("status", "What devices say about themselves."),
    ("history", "What devices have measured."),
    ("live", "Live data: what happens, at once, over MQTT."),
];

fn components() -> Components {
    failure::common()
        .into_iter()
        .fold(ComponentsBuilder::new(), |components, (name, response)| {
            components.response(name, response)
        })
        .header("RetryAfter", failure::retry_after())
        .header("NextPage", answer::next_page())
        .security_scheme(
            ID_TOKEN,
            SecurityScheme::Http(
                HttpBuilder::new()
                    .scheme(HttpAuthScheme::Bearer)
                    .bearer_format("JWT")
                    .description(Some(
                        "The `IdToken` of a sign-in with the Cognito user pool (stack outputs `UserPoolId` and \
                         `UserPoolClientId`), valid for an hour. The access token is refused.",
                    ))
                    .build(),
            ),
        )
        .build()
}

fn method_of(name: &str) -> Option<HttpMethod> {
    Some(match name {
        "GET" => HttpMethod::Get,
        "POST" => HttpMethod::Post,
        "PUT" => HttpMethod::Put,
        "DELETE" => HttpMethod::Delete,
        _ => return None,
    })
}
