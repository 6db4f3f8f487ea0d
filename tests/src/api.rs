//! The REST API, as a client without a library sees it.

use std::collections::BTreeMap;

use anyhow::{Context, Result, ensure};
use reqwest::Method;
use reqwest::header::{AUTHORIZATION, CONTENT_TYPE};
use serde_json::{Value, json};

use crate::{MODEL, Owner, Stack};

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
        let mut request = self
            .stack
            .http
            .request(method, format!("{}{path}", self.stack.api_url()));
        if let Some(token) = self.token {
            request = request.header(AUTHORIZATION, format!("Bearer {token}"));
        }
        if let Some(body) = body {
            request = request.header(CONTENT_TYPE, "application/json").body(body);
        }
        let response = request
            .send()
            .await
            .with_context(|| format!("no answer to {path}"))?;
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
        let body = response.bytes().await?;
        Ok(Answer {
            status,
            headers,
            body: serde_json::from_slice(&body).unwrap_or_default(),
        })
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
    /// The body of an answer of 200.
    ///
    /// # Errors
    ///
    /// When the answer is another.
    pub fn ok(self) -> Result<Value> {
        ensure!(self.status == 200, "{} {}", self.status, self.body);
        Ok(self.body)
    }
}

/// What the tests call a device.
pub(crate) fn name(device: &str) -> String {
    format!("Thermostat {device}")
}
