//! A broker for tests: mutual TLS and as much MQTT as a device uses, with a
//! behaviour for each connection.

use std::io;
use std::net::Ipv4Addr;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use bytes::BytesMut;
use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};
use rumqttc::mqttbytes;
use rumqttc::tokio_rustls::TlsAcceptor;
use rumqttc::tokio_rustls::server::TlsStream;
use rumqttc::{
    ConnAck, ConnectReturnCode, Packet, PubAck, Publish, QoS, SubAck, SubscribeReasonCode,
};
use rustls::crypto::ring;
use rustls::pki_types::PrivateKeyDer;
use rustls::server::WebPkiClientVerifier;
use rustls::{RootCertStore, ServerConfig};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;
use tokio::time::timeout;

use crate::pki::{self, Authority};

const MAX: usize = 1024 * 1024;
/// After this a test hangs.
const PATIENCE: Duration = Duration::from_secs(20);

/// What the broker does with one connection.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Behaviour {
    /// Closes after CONNECT, as IoT Core does with a certificate that is not active.
    Drop,
    /// Serves it.
    Accept,
    /// Serves it as the continuation of an earlier one.
    Resume,
    /// Takes so many messages without confirming them, then closes.
    BreakAfter(usize),
    /// Serves it, and sends this command as soon as the device listens.
    Command(&'static str),
    /// Serves it until a message comes on a topic that does not name the device.
    Policy,
}

#[derive(Debug)]
pub(crate) struct FakeBroker {
    pub(crate) port: u16,
    /// What a device must trust.
    pub(crate) root_ca: PathBuf,
    seen: Arc<Mutex<Seen>>,
    serving: JoinHandle<()>,
}

#[derive(Debug, Default)]
struct Seen {
    client_ids: Vec<String>,
    chain_lengths: Vec<usize>,
    subscriptions: usize,
    goodbyes: usize,
    messages: Vec<(String, Vec<u8>)>,
}

impl Drop for FakeBroker {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

impl FakeBroker {
    /// Listens; trusts devices of the CA in `devices_ca`. Connections beyond
    /// the list of behaviours are not accepted.
    pub(crate) async fn start(dir: &Path, devices_ca: &Path, behaviours: &[Behaviour]) -> Self {
        let root_ca = dir.join("broker-root.pem");
        let acceptor = acceptor(&root_ca, devices_ca);
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let seen = Arc::new(Mutex::new(Seen::default()));
        let (shared, behaviours) = (Arc::clone(&seen), behaviours.to_vec());
        let serving = tokio::spawn(async move {
            for behaviour in behaviours {
                let (tcp, _) = listener.accept().await.unwrap();
                // A device that does not trust us, or breaks off, is its own business.
                if let Ok(tls) = acceptor.accept(tcp).await {
                    let _ = serve(tls, |_, _| behaviour, &shared).await;
                }
            }
        });
        Self {
            port,
            root_ca,
            seen,
            serving,
        }
    }

    /// Listens as [`start`](Self::start) does, and serves all connections at
    /// once: `behave` is given the client id, and how many connections it had
    /// before this one.
    pub(crate) async fn crowd(
        dir: &Path,
        devices_ca: &Path,
        behave: fn(&str, usize) -> Behaviour,
    ) -> Self {
        let root_ca = dir.join("broker-root.pem");
        let acceptor = acceptor(&root_ca, devices_ca);
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let seen = Arc::new(Mutex::new(Seen::default()));
        let shared = Arc::clone(&seen);
        let serving = tokio::spawn(async move {
            loop {
                let (tcp, _) = listener.accept().await.unwrap();
                let (acceptor, shared) = (acceptor.clone(), Arc::clone(&shared));
                tokio::spawn(async move {
                    if let Ok(tls) = acceptor.accept(tcp).await {
                        let _ = serve(tls, behave, &shared).await;
                    }
                });
            }
        });
        Self {
            port,
            root_ca,
            seen,
            serving,
        }
    }

    /// Waits until every connection of the list is over.
    pub(crate) async fn served(&mut self) {
        timeout(PATIENCE, &mut self.serving)
            .await
            .expect("fewer connections")
            .unwrap();
    }

    pub(crate) fn client_ids(&self) -> Vec<String> {
        self.seen.lock().unwrap().client_ids.clone()
    }

    /// Number of certificates that each device has presented.
    pub(crate) fn chain_lengths(&self) -> Vec<usize> {
        self.seen.lock().unwrap().chain_lengths.clone()
    }

    pub(crate) fn subscriptions(&self) -> usize {
        self.seen.lock().unwrap().subscriptions
    }

    /// Number of connections that ended with a DISCONNECT packet.
    pub(crate) fn goodbyes(&self) -> usize {
        self.seen.lock().unwrap().goodbyes
    }

    /// Payloads on `topic`, each delivery of each.
    pub(crate) fn received(&self, topic: &str) -> Vec<Vec<u8>> {
        let seen = self.seen.lock().unwrap();
        let on_topic = seen.messages.iter().filter(|(name, _)| name == topic);
        on_topic.map(|(_, payload)| payload.clone()).collect()
    }
}

fn acceptor(root_ca: &Path, devices_ca: &Path) -> TlsAcceptor {
    let key = KeyPair::generate().unwrap();
    let mut params = CertificateParams::default();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    pki::write(root_ca, &params.self_signed(&key).unwrap().pem(), 0o644).unwrap();
    let root = Issuer::new(params, key);
    let key = KeyPair::generate().unwrap();
    let params = CertificateParams::new(["localhost".to_owned()]).unwrap();
    let certificate = params.signed_by(&key, &root).unwrap();

    let mut devices = RootCertStore::empty();
    let ca = pki::certificates(&Authority::certificate_path(devices_ca)).unwrap();
    devices.add(ca[0].clone()).unwrap();
    let provider = Arc::new(ring::default_provider());
    let verifier =
        WebPkiClientVerifier::builder_with_provider(Arc::new(devices), Arc::clone(&provider));
    let config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_client_cert_verifier(verifier.build().unwrap())
        .with_single_cert(
            vec![certificate.der().clone()],
            PrivateKeyDer::Pkcs8(key.serialize_der().into()),
        )
        .unwrap();
    TlsAcceptor::from(Arc::new(config))
}

async fn serve(
    mut tls: TlsStream<TcpStream>,
    behave: impl Fn(&str, usize) -> Behaviour,
    seen: &Mutex<Seen>,
) -> io::Result<()> {
    let mut buffer = BytesMut::new();
    let Packet::Connect(connect) = read(&mut tls, &mut buffer).await? else {
        return Ok(());
    };
    let (id, behaviour) = {
        let mut seen = seen.lock().unwrap();
        let id = connect.client_id;
        let before = seen.client_ids.iter().filter(|it| **it == id).count();
        let behaviour = behave(&id, before);
        seen.client_ids.push(id.clone());
        seen.chain_lengths.push(
            tls.get_ref()
                .1
                .peer_certificates()
                .unwrap_or_default()
                .len(),
        );
        (id, behaviour)
    };
    if matches!(behaviour, Behaviour::Drop) {
        return Ok(());
    }
    let resumed = matches!(behaviour, Behaviour::Resume);
    let accepted = ConnAck::new(ConnectReturnCode::Success, resumed);
    write(&mut tls, Packet::ConnAck(accepted)).await?;
    let mut taken = 0;
    loop {
        match read(&mut tls, &mut buffer).await? {
            Packet::Publish(Publish {
                topic,
                pkid,
                payload,
                ..
            }) => {
                let named = topic.split('/').any(|it| it == id);
                seen.lock()
                    .unwrap()
                    .messages
                    .push((topic, payload.to_vec()));
                taken += 1;
                match behaviour {
                    Behaviour::Policy if !named => return Ok(()),
                    Behaviour::BreakAfter(limit) if taken >= limit => return Ok(()),
                    Behaviour::BreakAfter(_) => {}
                    _ => write(&mut tls, Packet::PubAck(PubAck::new(pkid))).await?,
                }
            }
            Packet::Subscribe(subscribe) => {
                seen.lock().unwrap().subscriptions += 1;
                if let Behaviour::Command(command) = behaviour {
                    let topic = &subscribe.filters[0].path;
                    let mut message = Publish::new(topic, QoS::AtLeastOnce, command);
                    message.pkid = 1;
                    write(&mut tls, Packet::Publish(message)).await?;
                }
                let granted = SubscribeReasonCode::Success(QoS::AtLeastOnce);
                let codes = vec![granted; subscribe.filters.len()];
                write(&mut tls, Packet::SubAck(SubAck::new(subscribe.pkid, codes))).await?;
            }
            Packet::Disconnect => {
                seen.lock().unwrap().goodbyes += 1;
                return Ok(());
            }
            _ => {}
        }
    }
}

async fn read(tls: &mut TlsStream<TcpStream>, buffer: &mut BytesMut) -> io::Result<Packet> {
    loop {
        match Packet::read(buffer, MAX) {
            Ok(packet) => return Ok(packet),
            Err(mqttbytes::Error::InsufficientBytes(_)) => {}
            Err(error) => return Err(io::Error::other(error)),
        }
        if tls.read_buf(buffer).await? == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
    }
}

async fn write(tls: &mut TlsStream<TcpStream>, packet: Packet) -> io::Result<()> {
    let mut buffer = BytesMut::new();
    packet.write(&mut buffer, MAX).map_err(io::Error::other)?;
    tls.write_all(&buffer).await?;
    tls.flush().await
}
