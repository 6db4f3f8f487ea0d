//! The web console, as a browser asks for it.

use std::net::{Ipv4Addr, SocketAddr};

use anyhow::{Context, Result};
use contract::output;
use reqwest::header::AUTHORIZATION;
use reqwest::{Client, Response, Url};

use crate::{Answer, Stack};

/// The console at its address.
#[derive(Clone, Debug)]
pub struct Site {
    url: Url,
    http: Client,
}

impl Stack {
    /// The console of this stack.
    ///
    /// # Errors
    ///
    /// As [`Site::at`].
    pub fn site(&self) -> Result<Site> {
        Site::at(self.output(output::CONSOLE_URL))
    }
}

impl Site {
    /// The console at `url`.
    ///
    /// # Errors
    ///
    /// When it is not an address with a host name.
    pub fn at(url: &str) -> Result<Self> {
        let url: Url = url.parse().with_context(|| format!("`{url}`"))?;
        let host = url.host_str().context("a host name")?;
        let port = url.port_or_known_default().context("a port")?;
        // Browsers know that names under .localhost are this machine's; not
        // every resolver does.
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
        let http = Client::builder().resolve(host, address).build()?;
        Ok(Self { url, http })
    }

    /// `GET path`, whatever the answer is.
    ///
    /// # Errors
    ///
    /// When there is no answer.
    pub async fn get(&self, path: &str) -> Result<Answer> {
        self.get_with(path, None).await
    }

    /// `GET path` with a token of the API, or with none.
    ///
    /// # Errors
    ///
    /// When there is no answer.
    pub async fn get_with(&self, path: &str, token: Option<&str>) -> Result<Answer> {
        let mut request = self.http.get(self.url.join(path)?);
        if let Some(token) = token {
            request = request.header(AUTHORIZATION, format!("Bearer {token}"));
        }
        let response: Response = request
            .send()
            .await
            .with_context(|| format!("no answer to {path}"))?;
        Answer::read(response).await
    }
}
