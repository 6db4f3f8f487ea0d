//! The Lambda Runtime API, as far as `provided.al2023` needs it.
//!
//! <https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html>

use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use anyhow::{Context, Result, bail};
use http_body_util::{BodyExt, Full};
use hyper::body::{Bytes, Incoming};
use hyper::{Method, Request, Response, StatusCode};
use serde_json::Value;
use tokio::net::TcpListener;
use tokio::sync::{Mutex, mpsc};
use tokio::time::{Instant, timeout};
use uuid::Uuid;

use crate::proxy::serve;

/// Longer than any function's own time limit.
const PATIENCE: Duration = Duration::from_secs(30);

/// The side of the Runtime API that hands out events.
#[derive(Debug)]
pub(crate) struct RuntimeApi {
    /// `host:port`, for `AWS_LAMBDA_RUNTIME_API`.
    pub(crate) address: String,
    events: mpsc::UnboundedSender<Value>,
    answers: mpsc::UnboundedReceiver<Answer>,
}

/// What a function posted, and when.
#[derive(Debug)]
struct Answer {
    path: String,
    body: Bytes,
    at: Instant,
}

impl RuntimeApi {
    pub(crate) async fn start() -> Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let address = listener.local_addr()?.to_string();
        let (events, waiting) = mpsc::unbounded_channel();
        let (sender, answers) = mpsc::unbounded_channel();
        let waiting = Arc::new(Mutex::new(waiting));
        serve(listener, move |request| {
            handle(request, waiting.clone(), sender.clone())
        });
        Ok(Self {
            address,
            events,
            answers,
        })
    }

    /// Hands `event` to the function; returns when it answered.
    pub(crate) async fn invoke(&mut self, event: &Value) -> Result<Instant> {
        self.events.send(event.clone())?;
        let answer = timeout(PATIENCE, self.answers.recv())
            .await
            .context("no answer")?;
        let answer = answer.context("the runtime API is gone")?;
        if !answer.path.ends_with("/response") {
            bail!("{}: {}", answer.path, String::from_utf8_lossy(&answer.body));
        }
        // A function of the API answers its failures, too.
        let status = serde_json::from_slice::<Value>(&answer.body)?["statusCode"].as_u64();
        if status.is_some_and(|it| it != 200) {
            bail!("{}", String::from_utf8_lossy(&answer.body));
        }
        Ok(answer.at)
    }
}

async fn handle(
    request: Request<Incoming>,
    waiting: Arc<Mutex<mpsc::UnboundedReceiver<Value>>>,
    answers: mpsc::UnboundedSender<Answer>,
) -> Result<Response<Full<Bytes>>> {
    let path = request.uri().path().to_owned();
    if request.method() == Method::GET {
        let next = waiting.lock().await.recv().await;
        // The function is about to be ended, and waits.
        let Some(event) = next else {
            return std::future::pending().await;
        };
        let deadline = SystemTime::now().duration_since(UNIX_EPOCH)? + PATIENCE;
        let response = Response::builder()
            .header("Lambda-Runtime-Aws-Request-Id", Uuid::new_v4().to_string())
            .header(
                "Lambda-Runtime-Deadline-Ms",
                deadline.as_millis().to_string(),
            )
            .header(
                "Lambda-Runtime-Invoked-Function-Arn",
                "arn:aws:lambda:us-east-1:000000000000:function:bench",
            )
            .header("Content-Type", "application/json");
        return Ok(response.body(Full::from(event.to_string()))?);
    }
    let body = request.into_body().collect().await?.to_bytes();
    answers.send(Answer {
        path,
        body,
        at: Instant::now(),
    })?;
    Ok(Response::builder()
        .status(StatusCode::ACCEPTED)
        .body(Full::default())?)
}
