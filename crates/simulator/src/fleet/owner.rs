//! The owner of the fleet: registers its devices through the API.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result, anyhow, bail, ensure};
use aws_smithy_http_client::Connector;
use aws_smithy_http_client::tls::{Provider, rustls_provider::CryptoMode};
use aws_smithy_runtime_api::client::http::HttpConnector;
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use aws_smithy_types::body::SdkBody;
use aws_smithy_types::byte_stream::ByteStream;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use tokio::sync::Semaphore;
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};

use crate::serial::Serial;

/// Requests under way at once: the gateway throttles each route.
const AT_ONCE: usize = 16;
/// How often a request is made that the API is too busy for.
const ATTEMPTS: u32 = 6;
/// How long one answer may take.
const PATIENCE: Duration = Duration::from_secs(30);
/// The longest wait that the API may ask for.
const LONGEST_WAIT: u64 = 10;

/// An owner's ID token. It is never printed.
#[derive(Clone)]
pub(crate) struct Token(String);

impl Token {
    /// The name of the environment variable that holds it: a command line can
    /// be read by everybody on the machine.
    pub(crate) const VARIABLE: &str = "SMARTPRODUCT_TOKEN";

    pub(crate) fn from_env() -> Result<Self> {
        #[expect(
            clippy::disallowed_methods,
            reason = "the one setting that must not be an option of the command line"
        )]
        let token = std::env::var(Self::VARIABLE).unwrap_or_default();
        let token = token.trim().trim_start_matches("Bearer ").to_owned();
        ensure!(
            !token.is_empty() && token.bytes().all(|it| it.is_ascii_graphic()),
            "`--register` needs an owner's ID token in the environment variable {}",
            Self::VARIABLE
        );
        Ok(Self(token))
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Token(…)")
    }
}

/// What the API says of a fleet's devices.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq, Serialize)]
pub(crate) struct Registrations {
    /// Registered by this run.
    pub(crate) made: usize,
    /// Registered before, by this owner or by another one.
    pub(crate) found: usize,
    /// Devices whose registration is complete at the end of the run.
    pub(crate) complete: usize,
    /// Devices that have not been let in at the end of the run.
    pub(crate) pending: usize,
    /// Rows of those two beyond one for each device.
    pub(crate) twice: usize,
}

impl fmt::Display for Registrations {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            made,
            found,
            complete,
            pending,
            twice,
        } = self;
        write!(
            f,
            "{made} made, {found} found; at the end {complete} complete, {pending} pending, \
             {twice} twice"
        )
    }
}

/// One answer of the API.
#[derive(Clone, Debug)]
pub(crate) struct Answer {
    status: u16,
    /// Seconds.
    retry_after: Option<u64>,
    /// Where the next page of a list is: a query.
    next: Option<String>,
    body: Value,
}

/// Where the API is.
pub(crate) trait Api: Send + Sync + 'static {
    /// Makes one request; `path` begins with a slash.
    fn call(
        &self,
        method: &'static str,
        path: String,
        body: Option<Value>,
    ) -> impl Future<Output = Result<Answer>> + Send;
}

/// The API behind its gateway.
#[derive(Debug)]
pub(crate) struct Gateway {
    url: String,
    token: Token,
    connector: Connector,
}

impl Gateway {
    /// `url` is the stack's output `ApiUrl`.
    pub(crate) fn new(url: &str, token: Token) -> Self {
        Self {
            url: url.trim_end_matches('/').to_owned(),
            token,
            connector: Connector::builder()
                .tls_provider(Provider::Rustls(CryptoMode::Ring))
                .build(),
        }
    }

    async fn ask(&self, method: &'static str, path: &str, body: Option<Value>) -> Result<Answer> {
        let content = body.map_or_else(SdkBody::empty, |it| SdkBody::from(it.to_string()));
        let mut request = HttpRequest::new(content);
        request.set_method(method)?;
        request.set_uri(format!("{}{path}", self.url))?;
        let authorization = format!("Bearer {}", self.token.0);
        request.headers_mut().insert("authorization", authorization);
        request
            .headers_mut()
            .insert("content-type", "application/json");
        let mut answer = self
            .connector
            .call(request)
            .await
            .map_err(|error| anyhow!(error))?;
        let header = |name: &str| answer.headers().get(name).map(str::to_owned);
        let (retry_after, link) = (header("retry-after"), header("link"));
        let status = answer.status().as_u16();
        let body = ByteStream::new(answer.take_body()).collect().await?;
        Ok(Answer {
            status,
            retry_after: retry_after.and_then(|it| it.parse().ok()),
            next: link.as_deref().and_then(next_page),
            body: serde_json::from_slice(&body.into_bytes()).unwrap_or(Value::Null),
        })
    }
}

impl Api for Gateway {
    async fn call(
        &self,
        method: &'static str,
        path: String,
        body: Option<Value>,
    ) -> Result<Answer> {
        timeout(PATIENCE, self.ask(method, &path, body))
            .await
            .unwrap_or_else(|_| bail!("no answer within {} s", PATIENCE.as_secs()))
            .with_context(|| format!("the API at `{}` does not answer", self.url))
    }
}

/// The query in `<?…>; rel="next"`.
fn next_page(link: &str) -> Option<String> {
    let query = link.strip_prefix("<?")?.strip_suffix(">; rel=\"next\"")?;
    Some(query.to_owned())
}

/// Registers all `serials` as products of `model`, several at once; how many
/// were registered by it, and how many before.
///
/// # Errors
///
/// The API's, for the first device that it refuses for another reason than
/// that somebody has it.
pub(crate) async fn register(
    api: &Arc<impl Api>,
    serials: &[Serial],
    model: &str,
    done: impl Fn(),
) -> Result<Registrations> {
    let gate = Arc::new(Semaphore::new(AT_ONCE));
    let mut tasks = JoinSet::new();
    for serial in serials {
        let (api, gate) = (Arc::clone(api), Arc::clone(&gate));
        let device = json!({
            "deviceId": serial.as_str(),
            "deviceName": serial.as_str(),
            "modelNumber": model,
        });
        let serial = serial.clone();
        tasks.spawn(async move {
            let _permit = gate.acquire().await?;
            let answer = patiently(&*api, "POST", "/registration", Some(device)).await?;
            match answer.status {
                200 | 201 => Ok(true),
                409 => Ok(false),
                _ => Err(refused(&answer).context(format!("could not register {serial}"))),
            }
        });
    }
    let mut counts = Registrations::default();
    while let Some(made) = tasks.join_next().await {
        match made?? {
            true => counts.made += 1,
            false => counts.found += 1,
        }
        done();
    }
    Ok(counts)
}

/// One row of the owner's list.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Row {
    device_id: String,
    status: String,
}

/// Adds to `counts` what the owner's list says of `serials`.
///
/// # Errors
///
/// When the list cannot be read.
pub(crate) async fn look(
    api: &impl Api,
    serials: &[Serial],
    counts: &mut Registrations,
) -> Result<()> {
    let mut rows: BTreeMap<&str, usize> = serials.iter().map(|it| (it.as_str(), 0)).collect();
    let mut query = "limit=100".to_owned();
    loop {
        let path = format!("/registration?{query}");
        let answer = patiently(api, "GET", &path, None).await?;
        if answer.status != 200 {
            return Err(refused(&answer).context("could not list the registrations"));
        }
        let page: Vec<Row> = serde_json::from_value(answer.body)
            .context("the API's list of registrations is none")?;
        for row in page {
            let Some(seen) = rows.get_mut(row.device_id.as_str()) else {
                continue;
            };
            match row.status.as_str() {
                "complete" => counts.complete += 1,
                "pending" => counts.pending += 1,
                _ => continue,
            }
            *seen += 1;
        }
        match answer.next {
            Some(next) => query = next,
            None => break,
        }
    }
    counts.twice = rows.values().map(|count| count.saturating_sub(1)).sum();
    Ok(())
}

/// Repeats a request that the API is too busy for.
async fn patiently(
    api: &impl Api,
    method: &'static str,
    path: &str,
    body: Option<Value>,
) -> Result<Answer> {
    let mut attempt = 1;
    loop {
        let answer = api.call(method, path.to_owned(), body.clone()).await?;
        if !matches!(answer.status, 429 | 502..=504) || attempt == ATTEMPTS {
            return Ok(answer);
        }
        let asked = answer.retry_after.unwrap_or(1).min(LONGEST_WAIT);
        sleep(Duration::from_secs(asked).mul_f64(1.0 + fastrand::f64())).await;
        attempt += 1;
    }
}

fn refused(answer: &Answer) -> anyhow::Error {
    let text = |name: &str| answer.body[name].as_str().map(str::to_owned);
    let message = text("message").unwrap_or_else(|| "no reason given".to_owned());
    match text("error") {
        Some(error) => anyhow!("{} {error}: {message}", answer.status),
        None => anyhow!("{}: {message}", answer.status),
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use super::*;

    /// Answers in turn; remembers what was asked.
    #[derive(Default)]
    struct Script {
        answers: Mutex<Vec<Answer>>,
        asked: Mutex<Vec<(String, Option<Value>)>>,
    }

    impl Script {
        fn new(answers: impl IntoIterator<Item = Answer>) -> Arc<Self> {
            let mut answers: Vec<_> = answers.into_iter().collect();
            answers.reverse();
            Arc::new(Self {
                answers: Mutex::new(answers),
                ..Self::default()
            })
        }
    }

    impl Api for Script {
        async fn call(
            &self,
            method: &'static str,
            path: String,
            body: Option<Value>,
        ) -> Result<Answer> {
            let asked = (format!("{method} {path}"), body);
            self.asked.lock().unwrap().push(asked);
            Ok(self.answers.lock().unwrap().pop().unwrap())
        }
    }

    fn answer(status: u16, body: Value) -> Answer {
        Answer {
            status,
            retry_after: Some(0),
            next: None,
            body,
        }
    }

    fn serials(names: &[&str]) -> Vec<Serial> {
        names.iter().map(|it| it.parse().unwrap()).collect()
    }

    #[tokio::test]
    async fn what_somebody_has_already_is_no_error() {
        let api = Script::new([answer(201, json!({})), answer(409, json!({}))]);
        let counts = register(&api, &serials(&["a", "b"]), "m", || {})
            .await
            .unwrap();
        assert_eq!((counts.made, counts.found), (1, 1));
        let asked = api.asked.lock().unwrap();
        let body = json!({ "deviceId": "a", "deviceName": "a", "modelNumber": "m" });
        assert_eq!(asked[0], ("POST /registration".to_owned(), Some(body)));
    }

    #[tokio::test]
    async fn a_busy_api_is_asked_again_and_a_refusal_is_told() {
        let refusal = json!({ "error": "MissingDevice", "message": "no such product" });
        let api = Script::new([
            answer(429, json!({})),
            answer(503, json!({})),
            answer(400, refusal),
        ]);
        let error = register(&api, &serials(&["a"]), "m", || {})
            .await
            .unwrap_err();
        assert_eq!(
            format!("{error:#}"),
            "could not register a: 400 MissingDevice: no such product"
        );
        assert_eq!(api.asked.lock().unwrap().len(), 3);

        let busy = Script::new([(); 6].map(|()| answer(429, json!({}))));
        let error = register(&busy, &serials(&["a"]), "m", || {})
            .await
            .unwrap_err();
        assert!(format!("{error:#}").contains("429: no reason given"));
    }

    #[tokio::test]
    async fn the_whole_list_is_read_and_only_the_fleet_is_counted() {
        let row = |id: &str, status: &str| json!({ "deviceId": id, "status": status });
        let mut first = answer(200, json!([row("a", "complete"), row("x", "complete")]));
        first.next = Some("limit=100&lastevalkey=k".to_owned());
        let rows = [
            row("b", "pending"),
            row("a", "deleted"),
            row("a", "pending"),
        ];
        let api = Script::new([first, answer(200, json!(rows))]);
        let mut counts = Registrations::default();
        look(&*api, &serials(&["a", "b", "c"]), &mut counts)
            .await
            .unwrap();
        assert_eq!((counts.complete, counts.pending, counts.twice), (1, 2, 1));
        let asked = api.asked.lock().unwrap();
        assert_eq!(asked[0].0, "GET /registration?limit=100");
        assert_eq!(asked[1].0, "GET /registration?limit=100&lastevalkey=k");
    }

    #[test]
    fn the_next_page_is_a_query_of_the_same_address() {
        let query = next_page("<?limit=1&lastevalkey=k>; rel=\"next\"");
        assert_eq!(query.as_deref(), Some("limit=1&lastevalkey=k"));
        assert_eq!(next_page("<https://elsewhere/?a=b>; rel=\"next\""), None);
        assert_eq!(next_page(""), None);
    }

    #[test]
    fn a_token_is_not_printed() {
        let gateway = Gateway::new("https://api.example/", Token("secret".to_owned()));
        assert!(!format!("{gateway:?}").contains("secret"));
        assert_eq!(gateway.url, "https://api.example");
    }
}
