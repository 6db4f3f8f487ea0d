//! Devices: certificates of their own CA, and their way into the cloud.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context, Result, ensure};
use aws_sdk_iot::types::{AutoRegistrationStatus, CaCertificateStatus, CertificateStatus};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair, KeyUsagePurpose};
use serde_json::Value;
use sha2::{Digest, Sha256};
use tempfile::TempDir;

use crate::mqtt::{Delivery, Mqtt};
use crate::{Owner, Stack, eventually};

/// A certificate authority.
#[derive(Debug)]
pub struct Ca {
    issuer: Issuer<'static, KeyPair>,
    pem: String,
}

impl Ca {
    /// A CA that nobody has registered.
    ///
    /// # Errors
    ///
    /// When no key can be made.
    pub fn new() -> Result<Self> {
        // Different each time, as CAs of one subject look alike to a TLS server.
        let mut params = named(&format!("Test CA {}", crate::serial()))?;
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
        let key = KeyPair::generate()?;
        let pem = params.self_signed(&key)?.pem();
        Ok(Self {
            issuer: Issuer::new(params, key),
            pem,
        })
    }

    /// A CA that the operator has registered, activated and opened.
    ///
    /// # Errors
    ///
    /// When a step is refused.
    pub async fn registered(stack: &Stack) -> Result<Self> {
        let ca = Self::new()?;
        ca.register(stack, CaCertificateStatus::Active).await?;
        Ok(ca)
    }

    /// Registers the CA with the proof that we have its key, open for
    /// just-in-time registration; returns its id.
    ///
    /// # Errors
    ///
    /// When a step is refused.
    pub async fn register(&self, stack: &Stack, status: CaCertificateStatus) -> Result<String> {
        let code = stack
            .iot
            .get_registration_code()
            .send()
            .await?
            .registration_code;
        let proof = named(&code.context("no registration code")?)?
            .signed_by(&KeyPair::generate()?, &self.issuer)?;
        let id = stack
            .iot
            .register_ca_certificate()
            .ca_certificate(&self.pem)
            .verification_certificate(proof.pem())
            .send()
            .await?
            .certificate_id
            .context("a CA without an id")?;
        stack
            .iot
            .update_ca_certificate()
            .certificate_id(&id)
            .new_status(status)
            .new_auto_registration_status(AutoRegistrationStatus::Enable)
            .send()
            .await?;
        Ok(id)
    }

    /// A new key and a certificate for `name`, in a folder of their own.
    ///
    /// # Errors
    ///
    /// When no key can be made or no file written.
    pub fn identity(&self, name: &str) -> Result<Identity> {
        let key = KeyPair::generate()?;
        let certificate = named(name)?.signed_by(&key, &self.issuer)?;
        let id = hex(&Sha256::digest(certificate.der()));
        Identity::write(&(certificate.pem() + &self.pem), &key.serialize_pem(), id)
    }

    /// A certificate for `name`, whose key nobody keeps, as PEM.
    ///
    /// # Errors
    ///
    /// When no key can be made.
    pub fn certificate(&self, name: &str) -> Result<String> {
        Ok(named(name)?
            .signed_by(&KeyPair::generate()?, &self.issuer)?
            .pem())
    }

    /// The CA's own certificate, as PEM.
    #[must_use]
    pub fn pem(&self) -> &str {
        &self.pem
    }
}

fn named(name: &str) -> Result<CertificateParams> {
    let mut params = CertificateParams::default();
    params.distinguished_name.push(DnType::CommonName, name);
    Ok(params)
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|it| format!("{it:02x}")).collect()
}

/// A certificate, its chain and its key, as files.
#[derive(Clone, Debug)]
pub struct Identity {
    /// What `IoT` Core calls the certificate: SHA-256 over its DER form.
    pub certificate_id: String,
    folder: Arc<TempDir>,
}

impl Identity {
    pub(crate) fn write(chain: &str, key: &str, certificate_id: String) -> Result<Self> {
        let folder = Arc::new(tempfile::tempdir()?);
        let identity = Self {
            certificate_id,
            folder,
        };
        fs::write(identity.chain(), chain)?;
        fs::write(identity.key(), key)?;
        Ok(identity)
    }

    /// File of the certificate and its CA.
    #[must_use]
    pub fn chain(&self) -> PathBuf {
        self.file("chain.crt")
    }

    /// File of the key.
    #[must_use]
    pub fn key(&self) -> PathBuf {
        self.file("private.key")
    }

    /// Copies both to where the simulator looks for them, protected as it protects them.
    ///
    /// # Errors
    ///
    /// When a file cannot be written.
    pub fn copy_to(&self, folder: &Path, serial: &str) -> Result<()> {
        fs::create_dir_all(folder)?;
        for (from, name) in [(self.chain(), "chain.crt"), (self.key(), "key")] {
            let to = folder.join(format!("{serial}.{name}"));
            fs::copy(from, &to)?;
            fs::set_permissions(&to, fs::Permissions::from_mode(0o600))?;
        }
        Ok(())
    }

    fn file(&self, name: &str) -> PathBuf {
        Path::join(self.folder.path(), name)
    }
}

/// A device of an owner that the cloud has let in.
#[derive(Clone, Debug)]
pub struct Device {
    /// Serial number: thing name, client id and common name.
    pub serial: String,
    /// Its certificate.
    pub identity: Identity,
}

impl Device {
    /// A device that `owner` has registered and that was never connected.
    ///
    /// # Errors
    ///
    /// When a step on that way fails.
    pub async fn pending(stack: &Stack, owner: &Owner, ca: &Ca) -> Result<Self> {
        let serial = crate::serial();
        stack.add_product(&serial).await?;
        stack.api(owner).register(&serial).await?.ok()?;
        Ok(Self {
            identity: ca.identity(&serial)?,
            serial,
        })
    }

    /// A device that `owner` has registered and that has completed its registration.
    ///
    /// # Errors
    ///
    /// When a step on that way fails.
    pub async fn of(stack: &Stack, owner: &Owner, ca: &Ca) -> Result<Self> {
        let device = Self::pending(stack, owner, ca).await?;
        device.join(stack).await?;
        Ok(device)
    }

    /// This device as a client of the broker.
    #[must_use]
    pub fn mqtt<'a>(&'a self, stack: &'a Stack) -> Mqtt<'a> {
        Mqtt::new(stack, &self.identity, &self.serial)
    }

    /// Connects again and again until it is let in.
    ///
    /// # Errors
    ///
    /// When it is still refused after a minute.
    pub async fn join(&self, stack: &Stack) -> Result<()> {
        eventually("the device is let in", async || {
            Ok((self.mqtt(stack).connect().await? == Delivery::Accepted).then_some(()))
        })
        .await
    }

    /// Publishes `payload` as an event.
    ///
    /// # Errors
    ///
    /// When the broker does not accept it.
    pub async fn event(&self, stack: &Stack, payload: &Value) -> Result<()> {
        self.message(stack, payload.to_string().as_bytes()).await
    }

    /// Publishes the state that it reports in its shadow.
    ///
    /// # Errors
    ///
    /// When the broker does not accept it.
    pub async fn report(&self, stack: &Stack, state: &Value) -> Result<()> {
        let topic = format!("$aws/things/{}/shadow/update", self.serial);
        let update = serde_json::json!({"state": {"reported": state}}).to_string();
        let delivery = self.mqtt(stack).publish(&topic, update.as_bytes()).await?;
        ensure!(
            delivery == Delivery::Accepted,
            "the broker refused the state of {}",
            self.serial
        );
        Ok(())
    }

    /// Publishes bytes on the topic for its events.
    ///
    /// # Errors
    ///
    /// When the broker does not accept them.
    pub async fn message(&self, stack: &Stack, payload: &[u8]) -> Result<()> {
        let delivery = self
            .mqtt(stack)
            .publish(&event_topic(&self.serial), payload)
            .await?;
        ensure!(
            delivery == Delivery::Accepted,
            "the broker refused an event of {}",
            self.serial
        );
        Ok(())
    }
}

/// Where the events of `device` go.
pub(crate) fn event_topic(device: &str) -> String {
    format!("{}/{device}", contract::topic::EVENT)
}

impl Stack {
    /// Status of a certificate; `None` where the cloud does not know it.
    ///
    /// # Errors
    ///
    /// When the cloud does not answer.
    pub async fn certificate_status(&self, id: &str) -> Result<Option<CertificateStatus>> {
        let answer = self
            .iot
            .describe_certificate()
            .certificate_id(id)
            .send()
            .await;
        match answer {
            Ok(found) => Ok(found.certificate_description.and_then(|it| it.status)),
            Err(err) if is_not_found(&err) => Ok(None),
            Err(err) => Err(err.into()),
        }
    }

    /// Sets the status of a certificate.
    ///
    /// # Errors
    ///
    /// When the cloud refuses.
    pub async fn set_certificate_status(&self, id: &str, status: CertificateStatus) -> Result<()> {
        self.iot
            .update_certificate()
            .certificate_id(id)
            .new_status(status)
            .send()
            .await?;
        Ok(())
    }

    /// Ids of the certificates that are attached to a thing.
    ///
    /// # Errors
    ///
    /// When there is no such thing.
    pub async fn certificates_of(&self, thing: &str) -> Result<Vec<String>> {
        let principals = self
            .iot
            .list_thing_principals()
            .thing_name(thing)
            .send()
            .await?
            .principals;
        Ok(principals
            .unwrap_or_default()
            .iter()
            .filter_map(|arn| arn.split_once(":cert/"))
            .map(|(_, id)| id.to_owned())
            .collect())
    }

    /// A client that may do what an operator lets the web console do: read the
    /// alerts of `user`.
    ///
    /// # Errors
    ///
    /// When a step is refused.
    pub async fn console(&self, user: &str) -> Result<Identity> {
        let name = format!("console-{user}");
        let topic = format!("{}/{user}", contract::topic::ALERTS);
        let arn = |resource: &str| format!("arn:aws:iot:*:*:{resource}");
        let policy = serde_json::json!({
            "Version": "2012-10-17",
            "Statement": [
                {"Effect": "Allow", "Action": "iot:Connect", "Resource": arn(&format!("client/{name}"))},
                {"Effect": "Allow", "Action": "iot:Subscribe", "Resource": arn(&format!("topicfilter/{topic}"))},
                {"Effect": "Allow", "Action": "iot:Receive", "Resource": arn(&format!("topic/{topic}"))},
            ],
        });
        self.iot
            .create_policy()
            .policy_name(&name)
            .policy_document(policy.to_string())
            .send()
            .await?;
        let made = self
            .iot
            .create_keys_and_certificate()
            .set_as_active(true)
            .send()
            .await?;
        let arn = made
            .certificate_arn
            .context("a certificate without an ARN")?;
        self.iot
            .attach_policy()
            .policy_name(&name)
            .target(arn)
            .send()
            .await?;
        Identity::write(
            &made
                .certificate_pem
                .context("a certificate without its text")?,
            made.key_pair
                .and_then(|it| it.private_key)
                .context("a certificate without a key")?
                .as_str(),
            made.certificate_id.context("a certificate without an id")?,
        )
    }
}

/// Whether an error says that there is no such resource.
pub(crate) fn is_not_found<E, R>(err: &aws_sdk_iot::error::SdkError<E, R>) -> bool
where
    E: aws_sdk_iot::error::ProvideErrorMetadata,
{
    err.as_service_error().and_then(|it| it.code()) == Some("ResourceNotFoundException")
}

/// Base64, as the topic rule hands a payload to its function.
pub(crate) fn base64(bytes: &[u8]) -> String {
    STANDARD.encode(bytes)
}
