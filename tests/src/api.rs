//! The REST API, as a client without a library sees it.

use std::collections::BTreeMap;
use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};
use reqwest::header::{AUTHORIZATION, CONTENT_TYPE};
use reqwest::{Method, Response, Url};
use serde_json::{Value, json};
use tokio::time::sleep;

use crate::{Device, MODEL, Owner, Stack};

/// The API with a token, or with none.
#[derive(Clone, Copy, Debug)]
pub struct Api<'a> {
    stack: &'a Stack,
    token: Option<&'a str>,
}

/// What the API answered.
#[derive(Clone, Debug)]
pub struct Answer {
    /// HTTP status.
    pub status: u16,
    /// Headers, with names in lower case.
    pub headers: BTreeMap<String, String>,
    /// JSON; `null` where the body is none.
    pub body: Value,
    /// The body as it came.
    pub text: String,
}

impl Stack {
    /// The API with `token`, or with none.
    #[must_use]
    pub fn api_with<'a>(&'a self, token: Option<&'a str>) -> Api<'a> {
        Api { stack: self, token }
    }
}

impl Api<'_> {
    /// Sends a request with `body` as it is.
    ///
    /// # Errors
    ///
    /// When there is no answer.
    pub async fn send(&self, method: Method, path: &str, body: Option<Vec<u8>>) -> Result<Answer> {
        self.request(method, self.url(path)?, &[], body).await
    }

    fn url(&self, path: &str) -> Result<Url> {
        Ok(format!("{}{path}", self.stack.api_url()).parse()?)
    }

    async fn request(
        &self,
        method: Method,
        url: Url,
        headers: &[(&str, &str)],
        body: Option<Vec<u8>>,
    ) -> Result<Answer> {
        let path = url.path().to_owned();
        let mut request = self.stack.http.request(method, url);
        if let Some(token) = self.token {
            request = request.header(AUTHORIZATION, format!("Bearer {token}"));
        }
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        if let Some(body) = body {
            request = request.header(CONTENT_TYPE, "application/json").body(body);
        }
        let response = request
            .send()
            .await
            .with_context(|| format!("no answer to {path}"))?;
        Answer::read(response).await
    }

    /// `GET path`, whatever the answer is.
    ///
    /// # Errors
    ///
    /// When there is no answer.
    pub async fn get(&self, path: &str) -> Result<Answer> {
        self.send(Method::GET, path, None).await
    }

    /// The body of a successful `GET path`.
    ///
    /// # Errors
    ///
    /// When the answer is not 200.
    pub async fn read(&self, path: &str) -> Result<Value> {
        self.get(path).await?.ok()
    }

    /// Registers `device` of the tests' model.
    ///
    /// # Errors
    ///
    /// When there is no answer.
    pub async fn register(&self, device: &str) -> Result<Answer> {
        let body = json!({"deviceId": device, "deviceName": name(device), "modelNumber": MODEL});
        self.send(
            Method::POST,
            "/registration",
            Some(body.to_string().into_bytes()),
        )
        .await
    }

    /// `PUT path`, whatever the answer is.
    ///
    /// # Errors
    ///
    /// When there is no answer.
    pub async fn put(&self, path: &str, body: &Value) -> Result<Answer> {
        self.send(Method::PUT, path, Some(body.to_string().into_bytes()))
            .await
    }

    /// `POST path`, whatever the answer is.
    ///
    /// # Errors
    ///
    /// When there is no answer.
    pub async fn post(&self, path: &str, body: &Value) -> Result<Answer> {
        self.send(Method::POST, path, Some(body.to_string().into_bytes()))
            .await
    }

    /// `POST path` with an `Idempotency-Key`, whatever the answer is.
    ///
    /// # Errors
    ///
    /// When there is no answer.
    pub async fn post_once(&self, path: &str, key: &str, body: &Value) -> Result<Answer> {
        let headers = [("idempotency-key", key)];
        let body = Some(body.to_string().into_bytes());
        self.request(Method::POST, self.url(path)?, &headers, body)
            .await
    }

    /// `DELETE path`, whatever the answer is.
    ///
    /// # Errors
    ///
    /// When there is no answer.
    pub async fn delete(&self, path: &str) -> Result<Answer> {
        self.send(Method::DELETE, path, None).await
    }

    /// Lets go of `device`.
    ///
    /// # Errors
    ///
    /// When the answer is another than success.
    pub async fn release(&self, device: &Device) -> Result<()> {
        let answer = self.delete(&format!("/devices/{}", device.serial)).await?;
        let done = answer.ok()?;
        ensure!(done == "Delete successful", "{done}");
        Ok(())
    }

    /// Status of the caller's registration of `device`; `None` where there is none.
    ///
    /// # Errors
    ///
    /// When the answer is not 200.
    pub async fn status_of(&self, device: &str) -> Result<Option<String>> {
        let all = self.read("/registration").await?;
        let all = all.as_array().context("a list")?;
        let row = all.iter().find(|it| it["deviceId"] == device);
        Ok(row.and_then(|it| it["status"].as_str()).map(str::to_owned))
    }

    /// All items of a paged list, from its first page to its last.
    ///
    /// # Errors
    ///
    /// When a page is no answer of 200 or counts its items wrongly.
    pub async fn pages(&self, path: &str) -> Result<Vec<Value>> {
        let mut items = Vec::new();
        let mut next = path.to_owned();
        loop {
            let page = self.read(&next).await?;
            let rows = page["items"].as_array().context("a page without items")?;
            ensure!(page["count"] == rows.len(), "a page counts wrongly: {page}");
            items.extend(rows.iter().cloned());
            let Some(key) = page["LastEvaluatedKey"].as_str() else {
                return Ok(items);
            };
            next = format!(
                "{path}{}lastevalkey={key}",
                if path.contains('?') { '&' } else { '?' }
            );
        }
    }

    /// The events of a paged list without those that tell of connections.
    ///
    /// # Errors
    ///
    /// As [`Self::pages`].
    pub async fn said(&self, path: &str) -> Result<Vec<Value>> {
        let mut events = self.pages(path).await?;
        events.retain(|it| !tells_presence(it));
        Ok(events)
    }

    /// The pages of a list whose next page is named by a `Link` header.
    ///
    /// # Errors
    ///
    /// When a page is no array, or its link leads elsewhere than to the same list.
    pub async fn linked(&self, path: &str) -> Result<Vec<Vec<Value>>> {
        let (first, mut pages) = (self.url(path)?, Vec::new());
        let mut url = first.clone();
        loop {
            let answer = self.request(Method::GET, url.clone(), &[], None).await?;
            // Relative to what was asked for, as RFC 8288 says.
            let next = answer.next().map(|it| url.join(it)).transpose()?;
            pages.push(answer.ok()?.as_array().context("a list")?.clone());
            let Some(next) = next else { return Ok(pages) };
            let same = next.origin() == first.origin() && next.path() == first.path();
            ensure!(same, "`{next}` is no page of `{first}`");
            url = next;
        }
    }
}

/// Asks again while the answer says when to, as the API's contract has it.
///
/// # Errors
///
/// The error of `ask`, and when the answer is still the same after a minute.
pub async fn patiently<F>(mut ask: impl FnMut() -> F) -> Result<Answer>
where
    F: Future<Output = Result<Answer>>,
{
    for _ in 0..60 {
        let answer = ask().await?;
        let Some(seconds) = answer.headers.get("retry-after") else {
            return Ok(answer);
        };
        ensure!(matches!(answer.status, 429 | 503), "{answer:?}");
        sleep(Duration::from_secs(seconds.parse()?)).await;
    }
    bail!("still told to come again after 60 attempts")
}

impl Stack {
    /// Chooses which events are alerts of `owner`.
    ///
    /// # Errors
    ///
    /// When the API refuses.
    pub async fn alert_level(&self, owner: &Owner, types: &[&str]) -> Result<()> {
        let setting = json!({"setting": {"alertLevel": types, "sendNotification": false}});
        let path = format!("/settings/config/{}", owner.id);
        self.api(owner).put(&path, &setting).await?.ok()?;
        Ok(())
    }
}

impl Answer {
    /// Reads what was answered.
    pub(crate) async fn read(response: Response) -> Result<Self> {
        let status = response.status().as_u16();
        let headers = response
            .headers()
            .iter()
            .map(|(name, value)| {
                (
                    name.as_str().to_owned(),
                    String::from_utf8_lossy(value.as_bytes()).into_owned(),
                )
            })
            .collect();
        let text = response.text().await?;
        Ok(Self {
            status,
            headers,
            body: serde_json::from_str(&text).unwrap_or_default(),
            text,
        })
    }

    /// The body of an answer of 200.
    ///
    /// # Errors
    ///
    /// When the answer is another.
    pub fn ok(self) -> Result<Value> {
        ensure!(self.status == 200, "{} {}", self.status, self.text);
        Ok(self.body)
    }

    /// The target of the link to the next page (RFC 8288), where there is one.
    #[must_use]
    pub fn next(&self) -> Option<&str> {
        let (target, parameters) = self.headers.get("link")?.split_once('>')?;
        let next = parameters
            .split(';')
            .any(|it| it.trim().replace('"', "") == "rel=next");
        target.strip_prefix('<').filter(|_| next)
    }

    /// What a client can tell answers apart by: status, headers and body, without
    /// what differs each time.
    #[must_use]
    pub fn comparable(mut self) -> (u16, BTreeMap<String, String>, String) {
        self.headers.retain(|name, _| {
            name != "date" && !name.contains("request-id") && !name.contains("requestid")
        });
        (self.status, self.headers, self.text)
    }

    /// The message of an error, which has the one shape of all errors and tells
    /// no internals.
    ///
    /// # Errors
    ///
    /// When the answer is another error, or none.
    pub fn refused(&self, status: u16, error: &str) -> Result<&str> {
        let text = &self.text;
        ensure!(self.error() == (status, error), "{} {text}", self.status);
        ensure!(self.body["code"] == status, "{text}");
        let fields = self.body.as_object().map(serde_json::Map::len);
        ensure!(fields == Some(3), "{text}");
        let content = self.headers.get("content-type").map(String::as_str);
        ensure!(content == Some("application/json"), "{content:?}");
        let message = self.body["message"].as_str().unwrap_or_default();
        ensure!(!message.is_empty() && message.len() < 400, "{text}");
        for internal in ["arn:", "amazonaws", "DynamoDB", "src/", "panicked"] {
            ensure!(!message.contains(internal), "{text}");
        }
        Ok(message)
    }

    /// Status and name of an error.
    #[must_use]
    pub fn error(&self) -> (u16, &str) {
        (self.status, self.body["error"].as_str().unwrap_or_default())
    }
}

/// Whether an event, as a row or in the API, is one that the broker caused by a
/// connection, and not the device by a message.
pub(crate) fn tells_presence(event: &Value) -> bool {
    let id = event["messageId"].as_str().unwrap_or_default();
    id.starts_with("presence-")
}

/// What the tests call a device.
pub(crate) fn name(device: &str) -> String {
    format!("Thermostat {device}")
}
