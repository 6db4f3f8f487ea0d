//! The REST API: an HTTP API that checks the token and hands each route to its
//! function.

use contract::{env, index, output, route};
use serde_json::json;
use stratosphere::services::aws::apigatewayv2 as api;
use stratosphere::services::aws::apigatewayv2::{authorizer, stage};

use crate::base::{Base, Tables};
use crate::function::{Function, define_log_group};
use crate::policy::Statement;
use crate::stack::Stack;
use crate::value::{arn, arn_of, named, reference, sub};

/// The binaries it needs.
pub const SERVICES: &[&str] = &["admin", "event", "registration"];

/// Logical ids.
const API: &str = "HttpApi";
const AUTHORIZER: &str = "HttpApiAuthorizer";
const STAGE: &str = "HttpApiStage";
const ACCESS_LOGS: &str = "HttpApiAccessLogs";

/// Requests a second, and in a burst, over all routes and callers: enough for
/// a fleet's owners, and a bound on what an attack can cost.
const RATE_LIMIT: f64 = 500.0;
const BURST_LIMIT: i32 = 1000;

/// Seconds; API Gateway itself waits for 30.
const TIMEOUT: i32 = 10;

/// Name of the stage, and so the first segment of every path: the console is
/// served from the same origin, where `/api/*` leads here.
const STAGE_NAME: &str = "api";

/// Defines the function that gives each new user settings of their own, and
/// answers what the API has to say of settings. The user pool invokes it, too,
/// and needs it to exist first.
#[must_use]
pub fn define_admin(stack: &mut Stack, tables: &Tables) -> Function {
    let mut admin = Function::new("AdminService", "admin", "Settings", 5);
    admin.env(env::SETTINGS_TABLE, tables.settings.name());
    tables.settings.grant_get(&mut admin);
    tables.settings.grant_put(&mut admin);
    tables.settings.grant_update(&mut admin);
    admin.define(stack);
    admin
}

/// Defines the API, its stage, routes and functions.
///
/// Logical ids: `HttpApi…`, `RegistrationService…`, `EventService…`, `Route…`.
pub fn define(stack: &mut Stack, base: &Base, admin: &Function) {
    define_gateway(stack, base);
    integrate(stack, admin);
    for service in [define_registration(stack, base), define_event(stack, base)] {
        integrate(stack, &service);
    }
    for route in route::ALL {
        define_route(stack, route);
    }
    let url = stack.target().cloud.api_url(API, STAGE_NAME);
    stack.output(output::API_URL, "Address of the REST API", url);
}

fn define_gateway(stack: &mut Stack, base: &Base) {
    stack.add(
        API,
        &api::Api! {
            name: named("api"),
            protocol_type: "HTTP",
            description: "Devices, events and alerts of their owners",
        },
    );
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
    stack.add(
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
                throttling_rate_limit: RATE_LIMIT,
                throttling_burst_limit: BURST_LIMIT,
            },
        },
    );
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

fn define_registration(stack: &mut Stack, base: &Base) -> Function {
    let tables = &base.tables;
    let mut service = Function::new(
        "RegistrationService",
        "registration",
        "Registers devices",
        TIMEOUT,
    );
    service.env(env::REFERENCE_TABLE, tables.reference.name());
    service.env(env::REGISTRATIONS_TABLE, tables.registrations.name());
    base.things.name_type(&mut service);
    tables.reference.grant_query(&mut service);
    tables.reference.grant_update(&mut service);
    tables.reference.grant_check(&mut service);
    tables.registrations.grant_query(&mut service);
    tables.registrations.grant_put(&mut service);
    service.grant(Statement::allow_pattern(
        &["iot:CreateThing"],
        vec![arn_of("iot", "thing/*")],
        "serial numbers are not known when the stack is deployed",
    ));
    service.define(stack);
    service
}

fn define_event(stack: &mut Stack, base: &Base) -> Function {
    let tables = &base.tables;
    let mut service = Function::new("EventService", "event", "Events and alerts", TIMEOUT);
    service.env(env::EVENTS_TABLE, tables.events.name());
    service.env(env::REGISTRATIONS_TABLE, tables.registrations.name());
    service.env(env::SETTINGS_TABLE, tables.settings.name());
    for index in [
        index::EVENTS_BY_DEVICE,
        index::EVENTS_BY_USER,
        index::EVENTS_UNREAD,
    ] {
        tables.events.grant_query_index(&mut service, index);
    }
    tables.registrations.grant_get(&mut service);
    tables.settings.grant_get(&mut service);
    service.define(stack);
    service
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

fn define_route(stack: &mut Stack, route: &route::Route) {
    let target = format!("integrations/${{{}}}", integration(route.service));
    stack.add(
        format!("Route{}", camel_case(route.key)),
        &api::Route! {
            api_id: reference(API),
            route_key: route.key,
            target: sub(target),
            authorization_type: "JWT",
            authorizer_id: reference(AUTHORIZER),
        },
    );
}

/// Logical id of a service's integration.
fn integration(service: &str) -> String {
    format!("{}Integration", camel_case(service))
}

/// `GET /devices/{deviceId}/events` as `GetDevicesDeviceIdEvents`.
fn camel_case(text: &str) -> String {
    text.split(|c: char| !c.is_ascii_alphanumeric())
        .map(|word| {
            let word = if word.chars().all(|c| c.is_ascii_uppercase()) {
                word.to_ascii_lowercase()
            } else {
                word.to_owned()
            };
            let (first, rest) = word.split_at(word.len().min(1));
            first.to_ascii_uppercase() + rest
        })
        .collect()
}
