//! Signed requests to services that the tests ask for names and lines only. The
//! SDK has a client for each; they would take minutes to compile.

use std::time::SystemTime;

use anyhow::{Context, Result, ensure};
use aws_credential_types::Credentials;
use aws_sigv4::http_request::{
    PayloadChecksumKind, SignableBody, SignableRequest, SigningSettings, sign,
};
use aws_sigv4::sign::v4;
use reqwest::{Method, Url};
use serde_json::Value;

use crate::variable;

/// The operator's account in one region.
#[derive(Clone, Debug)]
pub struct Aws {
    /// The region.
    pub region: String,
    endpoint: String,
    credentials: Credentials,
    http: reqwest::Client,
}

/// What is asked of which service, by the name under which requests to it are signed.
#[derive(Clone, Copy, Debug)]
pub enum Ask {
    /// REST: service, path.
    Get(&'static str, &'static str),
    /// REST that answers in XML: service, path.
    Xml(&'static str, &'static str),
    /// JSON: service, target, parameters.
    Json(&'static str, &'static str, &'static str),
    /// Query, which answers in XML: service, version, action.
    Query(&'static str, &'static str, &'static str),
}

/// Parameters, by their names.
pub type Parameters<'a> = [(&'a str, Value)];

impl Aws {
    /// The account that the environment names.
    ///
    /// # Errors
    ///
    /// When it names none.
    pub fn connect(region: &str) -> Result<Self> {
        let key = variable("AWS_ACCESS_KEY_ID")?;
        let secret = variable("AWS_SECRET_ACCESS_KEY")?;
        Ok(Self {
            region: region.to_owned(),
            endpoint: variable("AWS_ENDPOINT_URL")?,
            credentials: Credentials::new(key, secret, None, None, "environment"),
            http: reqwest::Client::new(),
        })
    }

    /// The answer as it came.
    ///
    /// # Errors
    ///
    /// When there is none, or a refusal.
    pub async fn ask(&self, ask: Ask, parameters: &Parameters<'_>) -> Result<String> {
        let mut url: Url = self.endpoint.parse()?;
        match ask {
            Ask::Get(service, path) | Ask::Xml(service, path) => {
                url.set_path(path);
                if !parameters.is_empty() {
                    url.query_pairs_mut().extend_pairs(texts(parameters));
                }
                self.send(service, Method::GET, url, &[], "").await
            }
            Ask::Json(service, target, body) => {
                let mut body: Value = serde_json::from_str(body)?;
                for (name, value) in parameters {
                    body[*name] = value.clone();
                }
                let headers = [
                    ("content-type", "application/x-amz-json-1.1"),
                    ("x-amz-target", target),
                ];
                let body = body.to_string();
                self.send(service, Method::POST, url, &headers, &body).await
            }
            Ask::Query(service, version, action) => {
                let mut form: Url = "form:".parse()?;
                form.query_pairs_mut()
                    .append_pair("Action", action)
                    .append_pair("Version", version)
                    .extend_pairs(texts(parameters));
                let body = form.query().unwrap_or_default();
                let headers = [("content-type", "application/x-www-form-urlencoded")];
                self.send(service, Method::POST, url, &headers, body).await
            }
        }
    }

    async fn send(
        &self,
        service: &str,
        method: Method,
        url: Url,
        headers: &[(&str, &str)],
        body: &str,
    ) -> Result<String> {
        let identity = self.credentials.clone().into();
        let mut settings = SigningSettings::default();
        // S3 wants it, and the others take it.
        settings.payload_checksum_kind = PayloadChecksumKind::XAmzSha256;
        let params = v4::SigningParams::builder()
            .identity(&identity)
            .region(&self.region)
            .name(service)
            .time(SystemTime::now())
            .settings(settings)
            .build()?
            .into();
        let signable = SignableRequest::new(
            method.as_str(),
            url.as_str(),
            headers.iter().copied(),
            SignableBody::Bytes(body.as_bytes()),
        )?;
        let (signed, _) = sign(signable, &params)?.into_parts();
        let place = format!("{service} {url}");
        let mut request = self.http.request(method, url).body(body.to_owned());
        for (name, value) in headers.iter().copied().chain(signed.headers()) {
            request = request.header(name, value);
        }
        let response = request.send().await.context(place.clone())?;
        let status = response.status();
        let answer = response.text().await?;
        ensure!(status.is_success(), "{place}: {status}: {answer}");
        Ok(answer)
    }
}

fn texts<'a>(parameters: &'a Parameters<'_>) -> impl Iterator<Item = (&'a str, String)> {
    parameters.iter().map(|(name, value)| {
        let text = value.as_str().map(str::to_owned);
        (*name, text.unwrap_or_else(|| value.to_string()))
    })
}

/// The texts of all elements of XML with this name and no attributes.
#[must_use]
pub fn elements<'a>(xml: &'a str, name: &str) -> Vec<&'a str> {
    let (begin, end) = (format!("<{name}>"), format!("</{name}>"));
    xml.split(&begin)
        .skip(1)
        .filter_map(|it| it.split_once(&end))
        .map(|(text, _)| text)
        .collect()
}
