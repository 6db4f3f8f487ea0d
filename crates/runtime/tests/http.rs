//! What the gateway sends, and what a client gets back for it.

#![expect(clippy::unwrap_used, reason = "a test fails by a panic")]

use aws_lambda_events::apigw::ApiGatewayV2httpResponse;
use aws_lambda_events::encodings::Body;
use domain::page::Limit;
use domain::store::{Cause, StoreError};
use lambda_runtime::{Context, LambdaEvent};
use runtime::http::{Answer, Problem, Request, respond};
use serde::Deserialize;
use serde_json::{Value, json};

#[tokio::test]
async fn a_request_reaches_its_operation_with_caller_parameters_and_body() {
    let event = event(|it| {
        it["rawQueryString"] = "deviceId=SN%3A1&eventType=error".into();
        it["pathParameters"] = json!({"deviceId": "SN-1"});
    });
    let (status, body) = answered(event, |request| async move {
        let body: NewThing = request.body()?;
        Answer::json(&json!({
            "user": request.user.as_str(),
            "route": request.route,
            "parameter": request.parameter("deviceId"),
            "query": request.query("deviceId"),
            "name": body.name,
        }))
    })
    .await;
    assert_eq!(status, 200);
    assert_eq!(
        body,
        json!({
            "user": "8c6f1c52-6f0a-4f0e-9a3a-5a0e4f0b7c11",
            "route": "POST /registration",
            "parameter": "SN-1",
            "query": "SN:1",
            "name": "Hall",
        })
    );
}

#[tokio::test]
async fn a_header_is_found_by_its_name_in_lower_case_and_none_names_the_caller() {
    let event = event(|it| {
        it["headers"] = json!({
            "Idempotency-Key": "k-1", "x-odd": "\u{fc}", "Authorization": "secret", "cookie": "secret",
        });
    });
    let (_, body) = answered(event, |request| async move {
        assert!(!format!("{request:?}").contains("secret"));
        Answer::json(&json!([
            request.header("idempotency-key"),
            request.header("x-odd"),
            request.header("authorization"),
            request.header("cookie"),
            request.header("x-none"),
        ]))
    })
    .await;
    assert_eq!(body, json!(["k-1", "", null, null, null]));
}

#[tokio::test]
async fn only_an_id_token_of_a_user_is_let_through() {
    type Change = fn(&mut Value);
    let cases: [(&str, Change); 5] = [
        ("access token", |it| it["token_use"] = "access".into()),
        ("no token_use", |it| {
            it.as_object_mut().unwrap().remove("token_use");
        }),
        ("no sub", |it| {
            it.as_object_mut().unwrap().remove("sub");
        }),
        ("odd sub", |it| it["sub"] = "a#b".into()),
        ("no claims at all", |it| *it = json!({})),
    ];
    for (case, change) in cases {
        let event = event(|it| change(&mut it["requestContext"]["authorizer"]["jwt"]["claims"]));
        let (status, body) = answered(event, |_| async { Answer::json(&json!({})) }).await;
        assert_eq!((status, &body["code"]), (401, &json!(401)), "{case}");
        assert_eq!(body["error"], "AccessDeniedException", "{case}");
    }
    let event = event(|it| it["requestContext"]["authorizer"] = Value::Null);
    assert_eq!(
        answered(event, |_| async { Answer::json(&json!({})) })
            .await
            .0,
        401
    );
}

#[tokio::test]
async fn each_bad_body_is_told_what_is_wrong_with_it() {
    let deep = format!("{{\"value\":{}1{}}}", "[".repeat(33), "]".repeat(33));
    let deeper = format!("{{\"value\":{}", "[".repeat(60_000));
    let large = format!("{{\"name\":\"{}\"}}", "x".repeat(1 << 20));
    let cases = [
        ("", "the body must be a JSON object"),
        ("no json", "the body must be a JSON object"),
        ("[\"Hall\", 5]", "the body must be a JSON object"),
        ("null", "the body must be a JSON object"),
        ("{", "the body is not valid: EOF"),
        ("{\"na", "the body is not valid: EOF"),
        ("{\"name\":", "`name` is not valid: EOF"),
        ("{\"name\":\"Hall\"", "the body is not valid: EOF"),
        ("{\"value\":[1,{\"a\":tru", "`value[1].a` is not valid: EOF"),
        ("{\"value\":[1", "`value[1]` is not valid: EOF"),
        (
            "{name:\"Hall\"}",
            "the body is not valid: key must be a string",
        ),
        (r#"{"name":"Hall","limit":1} {}"#, "after its JSON object"),
        (
            r#"{"limit":1}"#,
            "the body is not valid: missing field `name`",
        ),
        (
            r#"{"name":"Hall","limit":1,"color":1}"#,
            "unknown field `color`",
        ),
        (
            r#"{"name":"Hall","name":"Attic","limit":1}"#,
            "`name` is not valid: duplicate field `name`",
        ),
        (
            r#"{"value":{"a":[{"b":1,"b":1}]}}"#,
            "`value.a[0].b` is not valid: duplicate field `b`",
        ),
        (
            r#"{"name":5,"limit":1}"#,
            "`name` is not valid: invalid type",
        ),
        (
            r#"{"name":"Hall","limit":"1"}"#,
            "`limit` is not valid: invalid type",
        ),
        (
            r#"{"name":"Hall","limit":null}"#,
            "`limit` is not valid: invalid type",
        ),
        (
            r#"{"name":"Hall","limit":1.5}"#,
            "`limit` is not valid: invalid type",
        ),
        (
            r#"{"name":"Hall","limit":1e999}"#,
            "`limit` is not valid: number out of range",
        ),
        (
            r#"{"name":"Hall","limit":9223372036854775808}"#,
            "`limit` is not valid: number out of range",
        ),
        (
            r#"{"value":9223372036854775808}"#,
            "`value` is not valid: number out of range",
        ),
        (
            r#"{"value":[-9223372036854775809]}"#,
            "`value[0]` is not valid: number out of range",
        ),
        (
            r#"{"value":{"a":1e19}}"#,
            "`value.a` is not valid: number out of range",
        ),
        (
            r#"{"name":"\u0000","limit":1}"#,
            "`name` is not valid: a text must not hold the character NUL",
        ),
        (
            r#"{"value":{"a":["\u0000"]}}"#,
            "`value.a[0]` is not valid: a text must not hold",
        ),
        (
            r#"{"value":{"\u0000":1}}"#,
            "`value` is not valid: a text must not hold",
        ),
        (r#"{"name":"\ud800","limit":1}"#, "`name` is not valid: "),
        (r#"{"value":["\udc00x"]}"#, "`value[0]` is not valid: "),
        (
            "{\"name\":\"\u{7}\",\"limit\":1}",
            "`name` is not valid: control character",
        ),
        (
            &deep,
            "it is nested too deep: at most 32 levels are accepted",
        ),
        (
            &deeper,
            "it is nested too deep: at most 32 levels are accepted",
        ),
        (&large, "at most 65536 are accepted"),
    ];
    for (text, expected) in cases {
        let (status, body) = read(text).await;
        let message = body["message"].as_str().unwrap();
        let start: String = text.chars().take(40).collect();
        assert_eq!(status, 400, "{start}");
        assert_eq!(body["error"], "BadRequest", "{start}");
        assert!(message.contains(expected), "{start}: {message}");
        assert!(message.len() < 300, "{start}: {message}");
    }
}

#[tokio::test]
async fn what_is_free_in_a_body_comes_through_as_sent() {
    let deepest = format!("{}1{}", "[".repeat(32), "]".repeat(32));
    for value in [
        "null",
        "[true, -9223372036854775808, 9223372036854775807, 0.5, 1e-300, 9e18]",
        r#"{"": 1, "a": {"a": {"a": "Zu hei\u00df \ud83d\ude00"}}, "b": [{"a": 1}, {"a": 1}]}"#,
        &deepest,
    ] {
        let sent = format!(r#"{{"name": "Hall", "limit": 1, "value": {value}}}"#);
        let expected: Value = serde_json::from_str(value).unwrap();
        assert_eq!(read(&sent).await, (200, expected));
    }
}

/// Status and JSON for a request whose operation answers with `value` of its body.
async fn read(body: &str) -> (i64, Value) {
    let event = event(|it| it["body"] = body.into());
    answered(event, |request| async move {
        Answer::json(&request.body::<NewThing>()?.value)
    })
    .await
}

#[tokio::test]
async fn a_body_may_come_in_base64_and_a_broken_one_is_a_400() {
    let body = |text: &str| {
        let text = text.to_owned();
        event(move |it| {
            it["body"] = text.into();
            it["isBase64Encoded"] = true.into();
        })
    };
    let name = |request: Request| async move { Answer::json(&request.body::<NewThing>()?.name) };
    let (status, answer) = answered(body("eyJuYW1lIjoiSGFsbCIsImxpbWl0Ijo1fQ=="), name).await;
    assert_eq!((status, answer), (200, json!("Hall")));
    assert_eq!(answered(body("!"), name).await.0, 400);
}

#[tokio::test]
async fn a_misspelt_or_repeated_query_parameter_is_refused_by_name() {
    let cases = [
        (
            "limt=5",
            "query parameter `limt` is unknown here: accepted are `limit`, `lastevalkey`",
        ),
        ("limit=5&limit=6", "query parameter `limit` is given twice"),
        ("limit=0", "`limit` must be a whole number from 1 to 100"),
    ];
    for (query, expected) in cases {
        let event = event(|it| it["rawQueryString"] = query.into());
        let (status, body) = answered(event, |request| async move {
            request.accept_query(&["limit", "lastevalkey"])?;
            Limit::parse(request.query("limit"), 20)?;
            Answer::json(&json!({}))
        })
        .await;
        assert_eq!(status, 400, "{query}");
        assert!(
            body["message"].as_str().unwrap().contains(expected),
            "{query}: {body}"
        );
    }
}

#[tokio::test]
async fn a_parameter_that_may_be_repeated_has_all_its_values_in_their_order() {
    let list = async |query: &str| {
        let event = event(|it| it["rawQueryString"] = query.into());
        answered(event, |request| async move {
            Answer::json(&request.query_list("deviceId")?)
        })
        .await
    };
    for (query, expected) in [
        ("", json!([])),
        ("deviceId=SN-1", json!(["SN-1"])),
        (
            "deviceId=SN-2&deviceId=SN%3A1&deviceId=SN-2",
            json!(["SN-2", "SN:1", "SN-2"]),
        ),
        ("deviceId=a,b&deviceId=", json!(["a,b", ""])),
    ] {
        assert_eq!(list(query).await, (200, expected), "{query}");
    }
    let (status, body) = list("deviceId=SN-1&limit=5").await;
    let message = "query parameter `limit` is unknown here: accepted are `deviceId`";
    assert_eq!((status, &body["message"]), (400, &json!(message)));
}

#[tokio::test]
async fn a_failing_store_tells_the_client_when_to_come_back_and_nothing_of_its_inside() {
    for (cause, status, retry) in [(Cause::Busy, 503, Some("1")), (Cause::Broken, 500, None)] {
        let failing = |_| async move {
            Err(Problem::from(StoreError {
                operation: "read",
                cause,
                source: "arn:aws:dynamodb:secret".into(),
            }))
        };
        let response = response(event(|_| ()), failing).await;
        let header = response
            .headers
            .get("retry-after")
            .map(|it| it.to_str().unwrap());
        assert_eq!((response.status_code, header), (status, retry));
        let body = text(&response);
        assert!(
            !body.contains("secret") && !body.contains("could not"),
            "{body}"
        );
    }
}

#[tokio::test]
async fn a_list_names_its_next_request_in_a_header() {
    let response = response(event(|_| ()), |_| async {
        Ok(Answer::json(&json!([]))?.next(Some("lastevalkey=x".into())))
    })
    .await;
    let link = response.headers.get("link").unwrap();
    assert_eq!(link, "<?lastevalkey=x>; rel=\"next\"");
    assert_eq!(response.headers.get("cache-control").unwrap(), "no-store");
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct NewThing {
    name: String,
    #[expect(dead_code, reason = "only its type is of interest")]
    limit: i64,
    #[serde(default)]
    value: Value,
}

fn event(change: impl FnOnce(&mut Value)) -> Value {
    let mut event = serde_json::from_str(include_str!("fixtures/request.json")).unwrap();
    change(&mut event);
    event
}

async fn answered<F>(event: Value, operation: impl FnOnce(Request) -> F) -> (i64, Value)
where
    F: Future<Output = Result<Answer, Problem>>,
{
    let response = response(event, operation).await;
    (
        response.status_code,
        serde_json::from_str(&text(&response)).unwrap(),
    )
}

async fn response<F>(event: Value, operation: impl FnOnce(Request) -> F) -> ApiGatewayV2httpResponse
where
    F: Future<Output = Result<Answer, Problem>>,
{
    let event = serde_json::from_value(event).unwrap();
    respond(LambdaEvent::new(event, Context::default()), operation)
        .await
        .unwrap()
}

fn text(response: &ApiGatewayV2httpResponse) -> String {
    match &response.body {
        Some(Body::Text(text)) => text.clone(),
        other => panic!("{other:?}"),
    }
}
