//! Events, as the gateway makes them.

use std::collections::HashMap;

use serde_json::{Value, json};
use tests::Owner;

/// A request of `owner`, payload format 2.0.
pub(crate) fn request(
    owner: &Owner,
    route: &str,
    parameters: &[(&str, &str)],
    query: &str,
    body: Option<&Value>,
) -> Value {
    let (method, path) = route.split_once(' ').unwrap_or_default();
    let mut path = path.to_owned();
    for (name, value) in parameters {
        path = path.replace(&format!("{{{name}}}"), value);
    }
    let parameters: HashMap<_, _> = parameters.iter().copied().collect();
    json!({
        "version": "2.0",
        "routeKey": route,
        "rawPath": format!("/api{path}"),
        "rawQueryString": query,
        "headers": {"authorization": "Bearer x", "content-type": "application/json"},
        "requestContext": {
            "accountId": "000000000000",
            "apiId": "bench",
            "authorizer": {"jwt": {
                "claims": {"sub": owner.id, "token_use": "id", "email": owner.email},
                "scopes": null,
            }},
            "domainName": "bench.execute-api.us-east-1.amazonaws.com",
            "domainPrefix": "bench",
            "http": {
                "method": method,
                "path": format!("/api{path}"),
                "protocol": "HTTP/1.1",
                "sourceIp": "192.0.2.1",
                "userAgent": "bench",
            },
            "requestId": "bench",
            "routeKey": route,
            "stage": "api",
            "time": "21/Nov/2026:04:17:00 +0000",
            "timeEpoch": 1_795_234_620_000_i64,
        },
        "pathParameters": parameters,
        "body": body.map(Value::to_string),
        "isBase64Encoded": false,
    })
}
