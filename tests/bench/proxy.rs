//! Between a function and the cloud: counts its calls and how long each takes.

use std::sync::{Arc, Mutex, PoisonError};

use anyhow::{Context, Result};
use http_body_util::{BodyExt, Full};
use hyper::body::{Bytes, Incoming};
use hyper::header::TRANSFER_ENCODING;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{HeaderMap, Request, Response, StatusCode};
use hyper_util::rt::TokioIo;
use tokio::net::TcpListener;
use tokio::time::{Duration, Instant};

/// One call to AWS.
#[derive(Clone, Debug)]
pub(crate) struct Call {
    /// The operation, as far as a request tells it.
    pub(crate) name: String,
    /// What was sent.
    pub(crate) body: Bytes,
    began: Instant,
    ended: Instant,
}

/// The proxy; `address` is the function's `AWS_ENDPOINT_URL`.
#[derive(Clone, Debug)]
pub(crate) struct Proxy {
    pub(crate) address: String,
    calls: Arc<Mutex<Vec<Call>>>,
}

impl Proxy {
    /// A proxy for the cloud at `endpoint`. Functions that the function invokes
    /// do not run: they would be measured with it.
    pub(crate) async fn start(endpoint: &str) -> Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let address = format!("http://{}", listener.local_addr()?);
        let calls = Arc::new(Mutex::new(Vec::new()));
        let (log, cloud) = (
            calls.clone(),
            Cloud {
                endpoint: endpoint.to_owned(),
                http: reqwest::Client::new(),
            },
        );
        serve(listener, move |request| {
            forward(request, cloud.clone(), log.clone())
        });
        Ok(Self { address, calls })
    }

    /// The calls since the last time.
    pub(crate) fn take(&self) -> Vec<Call> {
        std::mem::take(&mut self.calls.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// How long at least one of `calls` was on its way.
pub(crate) fn elsewhere(calls: &[Call]) -> Duration {
    let mut spans: Vec<_> = calls.iter().map(|it| (it.began, it.ended)).collect();
    spans.sort();
    let (mut total, mut until) = (Duration::ZERO, None);
    for (began, ended) in spans {
        let began = until.map_or(began, |it| began.max(it));
        total += ended.saturating_duration_since(began);
        until = Some(until.map_or(ended, |it| ended.max(it)));
    }
    total
}

#[derive(Clone, Debug)]
struct Cloud {
    endpoint: String,
    http: reqwest::Client,
}

async fn forward(
    request: Request<Incoming>,
    cloud: Cloud,
    calls: Arc<Mutex<Vec<Call>>>,
) -> Result<Response<Full<Bytes>>> {
    let began = Instant::now();
    let (parts, body) = request.into_parts();
    let body = body.collect().await?.to_bytes();
    let path = parts
        .uri
        .path_and_query()
        .context("a request without a path")?
        .as_str();
    let name = name(parts.method.as_str(), path, &parts.headers, &body);
    let response = match name.as_str() {
        "Invoke" => Response::builder()
            .status(StatusCode::ACCEPTED)
            .body(Full::default())?,
        // The signature covers the host, so it stays the one that was signed.
        _ => {
            let answer = cloud
                .http
                .request(parts.method, format!("{}{path}", cloud.endpoint))
                .headers(parts.headers)
                .body(body.clone())
                .send()
                .await?;
            let mut response = Response::builder().status(answer.status());
            for (name, value) in answer.headers() {
                if name != TRANSFER_ENCODING {
                    response = response.header(name, value);
                }
            }
            response.body(Full::from(answer.bytes().await?))?
        }
    };
    let call = Call {
        name,
        body,
        began,
        ended: Instant::now(),
    };
    calls
        .lock()
        .unwrap_or_else(PoisonError::into_inner)
        .push(call);
    Ok(response)
}

/// What AWS calls the operation, where the protocol names it; else method and path.
fn name(method: &str, path: &str, headers: &HeaderMap, body: &[u8]) -> String {
    if let Some(target) = headers.get("x-amz-target").and_then(|it| it.to_str().ok()) {
        return target.rsplit('.').next().unwrap_or(target).to_owned();
    }
    if path.contains("/functions/") {
        return "Invoke".to_owned();
    }
    let body = String::from_utf8_lossy(body);
    let action = body.split('&').find_map(|it| it.strip_prefix("Action="));
    match action {
        Some(action) => action.to_owned(),
        None => format!(
            "{method} /{}",
            path.split(['/', '?']).nth(1).unwrap_or_default()
        ),
    }
}

/// Answers every request on `listener` by `handle`, until the program ends.
pub(crate) fn serve<F, A>(listener: TcpListener, handle: F)
where
    F: Fn(Request<Incoming>) -> A + Clone + Send + 'static,
    A: Future<Output = Result<Response<Full<Bytes>>>> + Send + 'static,
{
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            // Small packets go out at once, as they do between real machines.
            let _ = stream.set_nodelay(true);
            let handle = handle.clone();
            let service = service_fn(move |request| {
                let answer = handle(request);
                async { answer.await.inspect_err(|err| eprintln!("bench: {err:#}")) }
            });
            tokio::spawn(async move {
                // Ends with an error when the function is ended.
                let _ = http1::Builder::new()
                    .serve_connection(TokioIo::new(stream), service)
                    .await;
            });
        }
    });
}
