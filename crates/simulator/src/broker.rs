//! The connection to the broker: MQTT 3.1.1 on mutual TLS.

use std::fmt;
use std::io;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use rumqttc::mqttbytes;
use rumqttc::tokio_rustls::rustls;
use rumqttc::{
    AsyncClient, ConnAck, ConnectReturnCode, ConnectionError, Event, MqttOptions, NetworkOptions,
    Outgoing, Packet, PubAck, Publish, QoS, StateError, SubAck, SubscribeFilter,
    SubscribeReasonCode, TlsConfiguration, TlsError, Transport,
};
use rustls::InconsistentKeys::KeyMismatch;
use rustls::crypto::ring;
use rustls::pki_types::CertificateDer;
use rustls::sign::{CertifiedKey, SingleCertAndKey};
use rustls::{ClientConfig, RootCertStore};
use tokio::sync::mpsc::{self, UnboundedReceiver};
use tokio::task::JoinHandle;
use tokio::time::timeout;

use crate::device::Files;
use crate::message::Publication;
use crate::outbox::Outbox;
use crate::pki;
use crate::serial::Serial;

/// Seconds that TCP, TLS and MQTT may take together.
const CONNECT_TIMEOUT: u64 = 10;
/// A silent connection is found broken after twice this; IoT Core takes 30 s and more.
const KEEP_ALIVE: Duration = Duration::from_secs(30);
/// How long a goodbye may take.
const CLOSE_TIMEOUT: Duration = Duration::from_secs(2);
/// IoT Core's largest message, and room for its topic.
const MAX_PACKET: usize = 129 * 1024;
/// Requests that the client takes without waiting; more than the outbox ever hands over.
const REQUESTS: usize = 128;

/// A broker, and who connects to it.
#[derive(Clone, Debug)]
pub(crate) struct Broker {
    options: MqttOptions,
}

/// A broker's address, and the roots that it is trusted by; as many devices as
/// you like share it.
#[derive(Clone, Debug)]
pub(crate) struct Place {
    host: String,
    port: u16,
    roots: Arc<RootCertStore>,
}

impl Place {
    /// Without `root_ca` the broker must be trusted by the system.
    pub(crate) fn new(host: &str, port: u16, root_ca: Option<&Path>) -> Result<Self> {
        Ok(Self {
            host: host.to_owned(),
            port,
            roots: Arc::new(roots(root_ca)?),
        })
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.host, self.port)
    }
}

impl Broker {
    /// Reads the device's files. Its client id is its serial number.
    pub(crate) fn new(serial: &Serial, files: &Files, place: &Place) -> Result<Self> {
        let tls = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()?
            .with_root_certificates(Arc::clone(&place.roots))
            .with_client_cert_resolver(Arc::new(SingleCertAndKey::from(identity(files)?)));
        let mut options = MqttOptions::new(serial.as_str(), &place.host, place.port);
        options
            .set_transport(Transport::tls_with_config(TlsConfiguration::Rustls(
                Arc::new(tls),
            )))
            .set_keep_alive(KEEP_ALIVE)
            // Commands that come while the connection is broken wait at the broker.
            .set_clean_session(false)
            .set_max_packet_size(MAX_PACKET, MAX_PACKET);
        Ok(Self { options })
    }

    /// One attempt.
    pub(crate) async fn connect(&self) -> Result<Connection, Refusal> {
        // A state of its own for each attempt: what was not confirmed is kept
        // in the outbox, and nowhere else.
        let (client, mut connection) = AsyncClient::new(self.options.clone(), REQUESTS);
        let mut network = NetworkOptions::new();
        network.set_connection_timeout(CONNECT_TIMEOUT);
        connection.set_network_options(network);
        let accepted = connection.poll().await.map_err(Refusal::from)?;
        let resumed = matches!(
            accepted,
            Event::Incoming(Packet::ConnAck(ConnAck {
                session_present: true,
                ..
            }))
        );
        let (sender, signals) = mpsc::unbounded_channel();
        // Polling must not be cancelled half way, hence a task of its own.
        let task = tokio::spawn(async move {
            loop {
                let polled = connection.poll().await;
                let failed = polled.is_err();
                if sender.send(polled).is_err() || failed {
                    break;
                }
            }
        });
        Ok(Connection {
            client,
            signals,
            task,
            resumed,
        })
    }
}

/// The device's chain and key.
fn identity(files: &Files) -> Result<CertifiedKey> {
    let chain = pki::certificates(&files.chain)
        .context("the device has no identity yet: make one by `simulator device`")?;
    let key = ring::default_provider()
        .key_provider
        .load_private_key(pki::private_key(&files.key)?)
        .with_context(|| format!("`{}` holds no key for TLS", files.key.display()))?;
    let identity = CertifiedKey::new(chain, key);
    // Other errors are those of X.509 version 1, which rustls does not read;
    // the openssl steps of the device contract make such certificates.
    ensure!(
        !matches!(
            identity.keys_match(),
            Err(rustls::Error::InconsistentKeys(KeyMismatch))
        ),
        "`{}` is not the key of `{}`",
        files.key.display(),
        files.chain.display()
    );
    Ok(identity)
}

fn roots(file: Option<&Path>) -> Result<RootCertStore> {
    let found: Vec<CertificateDer<'static>> = match file {
        Some(path) => pki::certificates(path)?,
        None => rustls_native_certs::load_native_certs().certs,
    };
    let mut roots = RootCertStore::empty();
    let (added, _) = roots.add_parsable_certificates(found);
    ensure!(
        added > 0,
        "this system trusts no root certificate: name the broker's by `--root-ca`"
    );
    Ok(roots)
}

/// Why a connection was not made.
#[derive(Debug, Eq, PartialEq)]
pub(crate) enum Refusal {
    /// Nobody answers; the reason.
    Unreachable(String),
    /// Who answers is not who we trust; the reason. Trying again does not help.
    Untrusted(String),
    /// Closed after the handshake: what IoT Core does with a certificate that
    /// is not active.
    Dropped,
    /// Closed with a reason, by TLS or MQTT.
    Refused(String),
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unreachable(reason) => write!(f, "the broker does not answer ({reason})"),
            Self::Untrusted(reason) => write!(
                f,
                "the broker is not trusted ({reason}): `--root-ca` must name its root certificate \
                 and `--endpoint` the host that its certificate is for"
            ),
            Self::Dropped => {
                f.write_str("dropped by the broker: the certificate is not active (yet)")
            }
            Self::Refused(reason) => write!(f, "refused by the broker ({reason})"),
        }
    }
}

impl From<ConnectionError> for Refusal {
    fn from(error: ConnectionError) -> Self {
        match error {
            ConnectionError::Tls(TlsError::Io(error))
            | ConnectionError::MqttState(
                StateError::Io(error) | StateError::Deserialization(mqttbytes::Error::Io(error)),
            ) => Self::after_tcp(&error),
            ConnectionError::MqttState(StateError::ConnectionAborted) => Self::Dropped,
            ConnectionError::ConnectionRefused(ConnectReturnCode::NotAuthorized) => {
                Self::Refused("not authorized".to_owned())
            }
            ConnectionError::ConnectionRefused(code) => Self::Refused(format!("{code:?}")),
            ConnectionError::NetworkTimeout => {
                Self::Unreachable(format!("nothing within {CONNECT_TIMEOUT} s"))
            }
            ConnectionError::Io(error) => Self::Unreachable(error.to_string()),
            error => Self::Refused(error.to_string()),
        }
    }
}

impl Refusal {
    /// Tells apart what the one kind of error that TLS has stands for.
    fn after_tcp(error: &io::Error) -> Self {
        let inner = error
            .get_ref()
            .and_then(|it| it.downcast_ref::<rustls::Error>());
        match inner {
            Some(rustls::Error::InvalidCertificate(reason)) => Self::Untrusted(reason.to_string()),
            Some(rustls::Error::AlertReceived(alert)) => Self::Refused(format!("TLS: {alert:?}")),
            Some(other) => Self::Refused(format!("TLS: {other}")),
            None => match error.kind() {
                io::ErrorKind::UnexpectedEof
                | io::ErrorKind::ConnectionReset
                | io::ErrorKind::ConnectionAborted
                | io::ErrorKind::BrokenPipe => Self::Dropped,
                _ => Self::Unreachable(error.to_string()),
            },
        }
    }
}

/// A connection that the broker has accepted.
#[derive(Debug)]
pub(crate) struct Connection {
    client: AsyncClient,
    signals: UnboundedReceiver<Result<Event, ConnectionError>>,
    task: JoinHandle<()>,
    resumed: bool,
}

/// What happens on a connection.
#[derive(Debug)]
pub(crate) enum Signal {
    /// A message came.
    Message(Publish),
    /// The next message that was handed over has this packet id.
    Sent(u16),
    /// The broker has the message with this packet id.
    Confirmed(u16),
    /// The broker answered the subscription; whether to all of it with yes.
    Subscribed(bool),
    /// The connection is gone; the reason.
    Lost(String),
}

impl Connection {
    /// Whether the broker has kept the session of an earlier connection, and
    /// with it the subscriptions.
    pub(crate) fn resumed(&self) -> bool {
        self.resumed
    }
    /// Hands a message over, to be delivered at least once. Where the
    /// connection is gone, [`next`](Self::next) says so.
    pub(crate) fn publish(&self, publication: Publication) {
        let Publication { topic, payload, .. } = publication;
        let _ = self
            .client
            .try_publish(topic, QoS::AtLeastOnce, false, payload);
    }

    /// Hands over what `outbox` lets go of, see [`publish`](Self::publish).
    pub(crate) fn publish_from(&self, outbox: &mut Outbox) {
        while let Some(publication) = outbox.hand_over() {
            self.publish(publication);
        }
    }

    /// Asks for messages; [`Signal::Subscribed`] is the answer.
    pub(crate) fn subscribe(&self, topics: Vec<String>) {
        let filter = |topic| SubscribeFilter::new(topic, QoS::AtLeastOnce);
        let _ = self
            .client
            .try_subscribe_many(topics.into_iter().map(filter));
    }

    /// Waits for the next signal. Nothing is lost when the wait is given up.
    pub(crate) async fn next(&mut self) -> Signal {
        loop {
            return match self.signals.recv().await {
                Some(Ok(Event::Incoming(Packet::Publish(publish)))) => Signal::Message(publish),
                Some(Ok(Event::Incoming(Packet::PubAck(PubAck { pkid })))) => {
                    Signal::Confirmed(pkid)
                }
                Some(Ok(Event::Incoming(Packet::SubAck(SubAck { return_codes, .. })))) => {
                    Signal::Subscribed(!return_codes.contains(&SubscribeReasonCode::Failure))
                }
                Some(Ok(Event::Outgoing(Outgoing::Publish(pkid)))) => Signal::Sent(pkid),
                Some(Ok(_)) => continue,
                Some(Err(error)) => Signal::Lost(lost(&error)),
                None => Signal::Lost("closed".to_owned()),
            };
        }
    }

    /// Says goodbye, so that the broker does not take it for a loss.
    pub(crate) async fn close(mut self) {
        if self.client.try_disconnect().is_err() {
            return;
        }
        let goodbye = async {
            while let Some(Ok(event)) = self.signals.recv().await {
                if event == Event::Outgoing(Outgoing::Disconnect) {
                    break;
                }
            }
        };
        // Nobody waits for an answer to a goodbye.
        let _ = timeout(CLOSE_TIMEOUT, goodbye).await;
    }
}

impl Drop for Connection {
    fn drop(&mut self) {
        self.task.abort();
    }
}

fn lost(error: &ConnectionError) -> String {
    match error {
        ConnectionError::MqttState(
            StateError::ConnectionAborted
            | StateError::Io(_)
            | StateError::Deserialization(mqttbytes::Error::Io(_)),
        ) => "closed by the broker or the network".to_owned(),
        ConnectionError::MqttState(StateError::AwaitPingResp) => {
            "the broker has gone silent".to_owned()
        }
        error => error.to_string(),
    }
}
