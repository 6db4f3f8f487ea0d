//! Tokens that are wrong in one thing only.

use std::process::Stdio;

use anyhow::{Context, Result, ensure};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use contract::output;
use serde_json::Value;
use tokio::io::AsyncWriteExt;
use tokio::process::Command;

use crate::{Owner, Stack};

impl Stack {
    /// The ID token of `owner` with other claims, signed with the user pool's own key.
    ///
    /// Nobody has that key on AWS; the local cloud keeps it in a file. It is the
    /// only way to a token that nothing but, say, its age speaks against.
    ///
    /// # Errors
    ///
    /// When the key is not where the local cloud keeps it.
    pub async fn resigned(&self, owner: &Owner, change: impl FnOnce(&mut Value)) -> Result<String> {
        let (header, rest) = owner.id_token.split_once('.').context("a token")?;
        let claims = rest.split('.').next().context("claims")?;
        let mut claims = serde_json::from_slice(&URL_SAFE_NO_PAD.decode(claims)?)?;
        change(&mut claims);
        let signed = format!("{header}.{}", URL_SAFE_NO_PAD.encode(claims.to_string()));
        let signature = self.sign(signed.as_bytes()).await?;
        Ok(format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature)))
    }

    async fn sign(&self, bytes: &[u8]) -> Result<Vec<u8>> {
        let pool = self.output(output::USER_POOL_ID);
        let key = format!("state/cognito-pool-keys/{pool}-id.pem");
        let mut openssl = Command::new("openssl")
            .args(["dgst", "-sha256", "-sign"])
            .arg(self.root_ca.with_file_name(key))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .context("openssl is needed")?;
        let mut input = openssl.stdin.take().context("no input")?;
        input.write_all(bytes).await?;
        drop(input);
        let output = openssl.wait_with_output().await?;
        ensure!(output.status.success(), "openssl: {}", output.status);
        Ok(output.stdout)
    }
}
