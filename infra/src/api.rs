//! The REST API: an HTTP API that checks the token and hands each route to its
//! function.

mod functions;
mod live;
mod outcome;
mod throttle;

use std::collections::BTreeSet;

use contract::route::Route;
use contract::{output, route};
use serde_json::json;
use stratosphere::services::aws::apigatewayv2 as api;
use stratosphere::services::aws::apigatewayv2::{authorizer, stage};

use crate::base::Base;
use crate::function::{Function, define_log_group};
use crate::manifest::Manifest;
use crate::stack::Stack;
use crate::value::{arn, arn_of, camel_case, literal, named, reference, sub};

pub use functions::define_admin;

/// The binaries it needs.
pub const SERVICES: &[&str] = &[
    "admin",
    "alert-cleanup",
    "command",
    "command-outcome",
    "device",
    "event",
    "live",
    "registration",
    "status",
];

/// Logical ids.
pub(crate) const API: &str = "HttpApi";
const AUTHORIZER: &str = "HttpApiAuthorizer";
const STAGE: &str = "HttpApiStage";
const ACCESS_LOGS: &str = "HttpApiAccessLogs";

/// Seconds for which a browser remembers the answer to a preflight: two hours,
/// the longest that any of them keeps one.
const PREFLIGHT_MAX_AGE: i32 = 2 * 60 * 60;

/// Name of the stage, and so the first segment of every path: the console is
/// served from the same origin, where `/api/*` leads here.
const STAGE_NAME: &str = "api";

/// Defines the API, its stage, routes and functions.
///
/// Logical ids: `HttpApi…`, `Route…`, `{service}Service…`, `{service}Integration`
/// for each function, and those of what becomes of commands.
///
/// `others` are functions behind its routes that are defined elsewhere.
pub fn define(stack: &mut Stack, manifest: &Manifest, base: &Base, others: [Option<&Function>; 2]) {
    define_gateway(stack, base, manifest);
    for service in others.into_iter().flatten() {
        integrate(stack, service);
    }
    for service in functions::define(stack, base) {
        integrate(stack, &service);
    }
    let live = live::define(stack, manifest, base);
    integrate(stack, &live);
    outcome::define(stack, base);
    for route in routes(manifest) {
        define_route(stack, route);
    }
    let url = stack.target().cloud.api_url(API, STAGE_NAME);
    stack.output(output::API_URL, "Address of the REST API", url);
}

/// The routes of an API: all, but for that to telemetry where there is none.
fn routes(manifest: &Manifest) -> impl Iterator<Item = &'static Route> {
    let has_history = manifest.has_history();
    let is_there = move |it: &&Route| has_history || it.key != route::HISTORY_GET;
    route::ALL.iter().filter(is_there)
}

fn define_gateway(stack: &mut Stack, base: &Base, manifest: &Manifest) {
    let allow_origins = &manifest.api.allow_origins;
    let mut gateway = api::Api! {
        name: named("api"),
        protocol_type: "HTTP",
        description: "Devices, events and alerts of their owners",
    };
    gateway.cors_configuration = (!allow_origins.is_empty()).then(|| cors(allow_origins));
    stack.add(API, &gateway);
    stack.add(
        AUTHORIZER,
        &api::Authorizer! {
            api_id: reference(API),
            name: "user-pool",
            authorizer_type: "JWT",
            identity_source: vec!["$request.header.Authorization".into()],
            jwt_configuration: authorizer::JWTConfiguration! {
                issuer: base.users.issuer(),
                audience: vec![base.users.client()],
            },
        },
    );
    define_log_group(
        stack,
        ACCESS_LOGS,
        sub("/aws/apigateway/${AWS::StackName}-api"),
    );
    define_stage(stack, manifest);
}

/// What scripts of other origins may send and read. The token is in a header,
/// so no credentials of the browser's own are let in.
fn cors(allow_origins: &[String]) -> api::api::Cors_ {
    api::api::Cors! {
        allow_origins: allow_origins.iter().map(literal).collect::<Vec<_>>(),
        allow_methods: methods().map(literal).collect::<Vec<_>>(),
        allow_headers: vec![
            "authorization".into(),
            "content-type".into(),
            "idempotency-key".into(),
        ],
        expose_headers: vec!["link".into(), "retry-after".into()],
        max_age: PREFLIGHT_MAX_AGE,
    }
}

/// The methods of all routes, each once.
fn methods() -> impl Iterator<Item = &'static str> {
    let methods: BTreeSet<&str> = route::ALL
        .iter()
        .filter_map(|route| route.key.split(' ').next())
        .collect();
    methods.into_iter()
}

fn define_stage(stack: &mut Stack, manifest: &Manifest) {
    let stage = stack.add(
        STAGE,
        &api::Stage! {
            api_id: reference(API),
            stage_name: STAGE_NAME,
            auto_deploy: true,
            access_log_settings: stage::AccessLogSettings! {
                destination_arn: arn(ACCESS_LOGS),
                format: access_log_format().as_str(),
            },
            default_route_settings: stage::RouteSettings! {
                throttling_rate_limit: throttle::READS.rate,
                throttling_burst_limit: throttle::READS.burst,
            },
            route_settings: throttle::route_settings(routes(manifest)),
        },
    );
    // A stage with a setting for a route that does not exist is refused.
    for (route, _) in throttle::limited(routes(manifest)) {
        stage.after(&route_id(route));
    }
}

/// One JSON object a request. No token, address, user or device: the request
/// id leads to the function's own log.
fn access_log_format() -> String {
    json!({
        "requestId": "$context.requestId",
        "time": "$context.requestTimeEpoch",
        "route": "$context.routeKey",
        "status": "$context.status",
        "milliseconds": "$context.responseLatency",
        "bytes": "$context.responseLength",
        "error": "$context.error.message",
        "authorizerError": "$context.authorizer.error",
        "integrationError": "$context.integrationErrorMessage",
    })
    .to_string()
}

/// Connects a function to the API, and lets the API invoke it.
fn integrate(stack: &mut Stack, service: &Function) {
    stack.add(
        integration(service.service()),
        &api::Integration! {
            api_id: reference(API),
            integration_type: "AWS_PROXY",
            integration_uri: service.arn(),
            payload_format_version: "2.0",
        },
    );
    let any_route = format!("${{{API}}}/{STAGE_NAME}/*/*");
    service
        .allow_service(
            stack,
            "Api",
            "apigateway.amazonaws.com",
            arn_of("execute-api", &any_route),
        )
        .suppress(
            "lambda_function_public_access_prohibited_check",
            "the permission names account and API; the rule does not look into Fn::Sub",
        );
}

fn define_route(stack: &mut Stack, route: &Route) {
    let target = format!("integrations/${{{}}}", integration(route.service));
    stack.add(
        route_id(route),
        &api::Route! {
            api_id: reference(API),
            route_key: route.key,
            target: sub(target),
            authorization_type: "JWT",
            authorizer_id: reference(AUTHORIZER),
        },
    );
}

/// Logical id of a route.
fn route_id(route: &Route) -> String {
    format!("Route{}", camel_case(route.key))
}

/// Logical id of a service's integration.
fn integration(service: &str) -> String {
    format!("{}Integration", camel_case(service))
}
