//! What is asked of Athena, and how its answers are read.

use std::time::Duration;

use adapters::AthenaHistories;
use domain::id::{ModelNumber, RegistrationId};
use domain::memory::at;
use domain::model::FieldKind;
use domain::store::{Cause, StoreError};
use domain::telemetry::history::{Asked, Found, Histories, Measured, Question, Span};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::service::Service;

const STARTED: &str = r#"{"QueryExecutionId": "q-1"}"#;

#[tokio::test]
async fn a_question_is_asked_once_and_its_answer_is_read() {
    let rows = [
        [
            "step", "messages", "f0_mean", "f0_min", "f0_max", "f1_last", "f2_last",
        ]
        .map(Some),
        ["1600000000", "3", "2.5", "1.0", "4.0", "HEAT", "true"].map(Some),
        [Some("1600000060"), Some("1"), None, None, None, None, None],
    ];
    let (running, done) = (status("RUNNING", ""), status("SUCCEEDED", ""));
    let athena = Service::answering_in_turn(&[
        (200, STARTED),
        (200, &running),
        (200, &done),
        (200, &results(&rows)),
    ])
    .await;
    let Found::Points(points) = ask(&athena).await.unwrap() else {
        panic!("a question over its limit")
    };
    let [first, second] = points.as_slice() else {
        panic!("{points:?}")
    };
    assert_eq!((first.at, first.messages), (at(0), 3));
    let number = Measured::Number {
        mean: 2.5,
        minimum: 1.0,
        maximum: 4.0,
    };
    assert_eq!(first.values["level"], number);
    assert_eq!(first.values["mode"], Measured::Text("HEAT".to_owned()));
    assert_eq!(first.values["on"], Measured::Boolean(true));
    assert_eq!(second.messages, 1);
    assert!(second.values.is_empty(), "{second:?}");

    let asked = athena.asked();
    let targets: Vec<_> = asked
        .iter()
        .map(|it| it.header("x-amz-target").unwrap())
        .collect();
    assert_eq!(
        targets,
        [
            "StartQueryExecution",
            "GetQueryExecution",
            "GetQueryExecution",
            "GetQueryResults"
        ]
        .map(|it| format!("AmazonAthena.{it}"))
    );
    let started = asked[0].json();
    assert_eq!(started["WorkGroup"], "group");
    assert_eq!(started["QueryExecutionContext"]["Database"], "database");
    let reuse = &started["ResultReuseConfiguration"]["ResultReuseByAgeConfiguration"];
    assert_eq!(*reuse, json!({"Enabled": true, "MaxAgeInMinutes": 5}));
    assert_eq!(
        started["QueryString"],
        "SELECT second - second % 60 AS step, count(*) AS messages, \
         avg(f0) AS f0_mean, min(f0) AS f0_min, max(f0) AS f0_max, \
         max_by(f1, \"timestamp\") FILTER (WHERE f1 IS NOT NULL) AS f1_last, \
         max_by(f2, \"timestamp\") FILTER (WHERE f2 IS NOT NULL) AS f2_last\n\
         FROM (\n  SELECT date_diff('second', TIMESTAMP '1970-01-01 00:00:00', \"timestamp\") AS second, \
         \"timestamp\", \"level\" AS f0, json_extract_scalar(extra, '$[\"mode\"]') AS f1, \
         TRY_CAST(json_extract_scalar(extra, '$[\"on\"]') AS boolean) AS f2\n  FROM telemetry\n  \
         WHERE registration_id = '00000000-0000-0000-0000-000000000007' AND model = 'T-100/a' \
         AND day BETWEEN '2020-09-13' AND '2020-09-13'\n    \
         AND \"timestamp\" >= TIMESTAMP '2020-09-13 12:26:40.000' \
         AND \"timestamp\" < TIMESTAMP '2020-09-14 00:00:00.000'\n)\n\
         GROUP BY 1 ORDER BY 1 LIMIT 1001"
    );
}

#[tokio::test]
async fn an_answer_of_several_pages_is_read_to_its_end() {
    let names = ["step", "messages"].map(Some);
    let mut first: Value =
        serde_json::from_str(&results(&[names, ["1600000000", "1"].map(Some)])).unwrap();
    first["NextToken"] = json!("more");
    let second = results(&[["1600000060", "2"].map(Some)]);
    let done = status("SUCCEEDED", "");
    let athena = Service::answering_in_turn(&[
        (200, STARTED),
        (200, &done),
        (200, &first.to_string()),
        (200, &second),
    ])
    .await;
    let Found::Points(points) = ask_for(&athena, Vec::new()).await.unwrap() else {
        panic!("a question over its limit")
    };
    assert_eq!(
        points.iter().map(|it| it.messages).collect::<Vec<_>>(),
        [1, 2]
    );
    assert_eq!(athena.asked()[3].json()["NextToken"], "more");
}

#[tokio::test]
async fn what_the_work_group_cancels_is_too_much() {
    let cancelled = status(
        "CANCELLED",
        "Query cancelled! : Bytes scanned limit was exceeded",
    );
    let athena = Service::answering_in_turn(&[(200, STARTED), (200, &cancelled)]).await;
    assert_eq!(ask(&athena).await.unwrap(), Found::TooMuch);
}

#[tokio::test]
async fn a_query_that_fails_or_lasts_is_told_apart_by_its_reason() {
    for (state, reason, cause) in [
        ("FAILED", "SYNTAX_ERROR: line 1:8", Cause::Broken),
        (
            "FAILED",
            "Query exhausted resources at this scale factor",
            Cause::Busy,
        ),
        ("RUNNING", "", Cause::Busy),
    ] {
        let status = status(state, reason);
        let athena = Service::answering_in_turn(&[(200, STARTED), (200, &status)]).await;
        let err = ask(&athena).await.unwrap_err();
        assert_eq!(err.cause, cause, "{state} {reason}");
    }
    let busy = r#"{"__type": "TooManyRequestsException", "Message": "too many"}"#;
    let athena = Service::answering(400, busy).await;
    assert_eq!(ask(&athena).await.unwrap_err().cause, Cause::Busy);
}

#[tokio::test]
async fn an_answer_that_is_none_is_an_error() {
    for row in [["soon", "1"], ["1600000000", "-1"], ["99999999999999", "1"]] {
        let done = status("SUCCEEDED", "");
        let results = results(&[["step", "messages"].map(Some), row.map(Some)]);
        let athena =
            Service::answering_in_turn(&[(200, STARTED), (200, &done), (200, &results)]).await;
        let err = ask_for(&athena, Vec::new()).await.unwrap_err();
        assert_eq!(err.cause, Cause::Broken, "{row:?}");
    }
}

async fn ask(athena: &Service) -> Result<Found, StoreError> {
    let field = |name: &str, kind, column: Option<&str>| Asked {
        name: name.to_owned(),
        kind,
        column: column.map(ToOwned::to_owned),
    };
    let fields = vec![
        field("level", FieldKind::Integer, Some("level")),
        field("mode", FieldKind::String, None),
        field("on", FieldKind::Boolean, None),
    ];
    ask_for(athena, fields).await
}

/// From 12:26:40 until midnight; patience for three looks.
async fn ask_for(athena: &Service, fields: Vec<Asked>) -> Result<Found, StoreError> {
    let histories = AthenaHistories::new(
        aws_sdk_athena::Client::new(&athena.sdk),
        "group".to_owned(),
        "database".to_owned(),
        Duration::from_millis(500),
    );
    let question = Question {
        registration: RegistrationId(Uuid::from_u128(7)),
        model: ModelNumber::new("T-100/a").unwrap(),
        span: Span {
            from: at(0),
            to: "2020-09-14T00:00:00Z".parse().unwrap(),
            resolution: 60,
        },
        fields,
    };
    histories.ask(&question).await
}

fn status(state: &str, reason: &str) -> String {
    let status = json!({"State": state, "StateChangeReason": reason});
    json!({"QueryExecution": {"QueryExecutionId": "q-1", "Status": status}}).to_string()
}

fn results<const N: usize>(rows: &[[Option<&str>; N]]) -> String {
    let value = |it: &Option<&str>| match it {
        Some(text) => json!({"VarCharValue": text}),
        None => json!({}),
    };
    let rows: Vec<_> = rows
        .iter()
        .map(|row| json!({"Data": row.iter().map(value).collect::<Vec<_>>()}))
        .collect();
    json!({"ResultSet": {"Rows": rows}}).to_string()
}
