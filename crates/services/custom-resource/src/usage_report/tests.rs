use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpListener;
use std::sync::{Arc, Mutex};
use std::thread::{self, JoinHandle};

use rcgen::{CertifiedKey, generate_simple_self_signed};
use rustls::pki_types::PrivatePkcs8KeyDer;
use rustls::{ServerConfig, ServerConnection, StreamOwned};
use serde_json::json;

use super::*;
use crate::fakes::{KINDS, failure, request};

const UUID: &str = "5f0c0c3e-7d3e-4d37-9c55-0f6f6b1e2d11";
const URL: &str = "https://usage.example.com/reports";

/// Whoever collects reports, while it works, and what it has got.
#[derive(Debug)]
struct Collected {
    works: bool,
    slow: bool,
    reports: Mutex<Vec<(String, Value)>>,
}

impl Collector for Collected {
    async fn send(&self, url: &str, report: &Report) -> Result<(), Unsent> {
        if self.slow {
            std::future::pending::<()>().await;
        }
        if !self.works {
            return Err(Unsent::Send("503".into()));
        }
        let report = serde_json::to_value(report).unwrap();
        self.reports.lock().unwrap().push((url.to_owned(), report));
        Ok(())
    }
}

/// A number of rows, or nothing while `DynamoDB` does not say.
#[derive(Debug)]
struct Rows(Option<u64>);

impl RowCount for Rows {
    async fn of(&self, table: &str) -> Result<u64, StoreError> {
        assert_eq!(table, "Trial-Registrations");
        self.0.ok_or_else(|| failure("read the number of rows"))
    }
}

#[tokio::test]
async fn a_report_is_an_id_a_time_and_counts_and_nothing_else() {
    for kind in KINDS {
        let maker = maker(true, false, Some(250));
        let before = time::text(Timestamp::now());
        maker.make(&asking(kind, &properties())).await.unwrap();
        let reports = maker.collector.reports.lock().unwrap().clone();
        let [(url, report)] = &reports[..] else {
            panic!("{reports:?}");
        };
        assert_eq!(url, URL);
        let timestamp = report["timestamp"].as_str().unwrap();
        assert!(timestamp >= before.as_str(), "{timestamp} < {before}");
        assert_eq!(
            report,
            &json!({
                "solution": "smart-product",
                "uuid": UUID,
                "timestamp": timestamp,
                "counts": { "components": 4, "devices": 250 },
            }),
            "{kind}"
        );
    }
}

#[tokio::test]
async fn a_report_that_fails_fails_nothing_else() {
    for kind in KINDS {
        for (works, slow, rows) in [
            (false, false, Some(1)),
            (true, true, Some(1)),
            (true, false, None),
        ] {
            let maker = maker(works, slow, rows);
            let made = maker.make(&asking(kind, &properties())).await;
            assert!(made.unwrap().is_empty(), "{kind} {works} {slow} {rows:?}");
            assert!(maker.collector.reports.lock().unwrap().is_empty());
        }
    }
}

#[tokio::test]
async fn nothing_is_sent_in_the_clear_or_without_a_uuid_or_an_address() {
    for (name, value) in [
        ("Url", json!("http://usage.example.com/reports")),
        ("Url", json!("usage.example.com")),
        ("Url", Value::Null),
        ("Uuid", Value::Null),
        ("Table", Value::Null),
    ] {
        let maker = maker(true, false, Some(1));
        let mut properties = properties();
        properties[name] = value.clone();
        maker.make(&asking("Create", &properties)).await.unwrap();
        let reports = maker.collector.reports.lock().unwrap();
        assert!(reports.is_empty(), "{name} {value}");
    }
}

#[tokio::test]
async fn a_report_goes_over_tls_to_whom_the_system_trusts() {
    let identity = generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    let certificate = identity.cert.pem();
    let (url, asked) = collector(&identity);
    let trust = TrustStore::empty().with_pem_certificate(certificate.as_bytes());
    Https { trust }.send(&url, &report()).await.unwrap();
    let asked = asked.join().unwrap().unwrap();
    let (head, body) = asked.split_once("\r\n\r\n").unwrap();
    assert!(head.starts_with("POST /reports HTTP/1.1\r\n"), "{head}");
    let mut names: Vec<_> = head
        .lines()
        .skip(1)
        .map(|it| it.split_once(':').unwrap().0.to_lowercase())
        .collect();
    names.sort();
    // Nothing of where it comes from.
    assert_eq!(names, ["content-length", "content-type", "host"]);
    assert!(
        head.to_lowercase()
            .contains("content-type: application/json")
    );
    let body: Value = serde_json::from_str(body).unwrap();
    assert_eq!(body, serde_json::to_value(report()).unwrap());
}

#[tokio::test]
async fn whoever_the_system_does_not_trust_gets_nothing() {
    let identity = generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    let (url, asked) = collector(&identity);
    let other = generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    let trust = TrustStore::empty().with_pem_certificate(other.cert.pem().as_bytes());
    assert!(Https { trust }.send(&url, &report()).await.is_err());
    assert!(asked.join().unwrap().is_none());
}

/// A server that takes one report over TLS, and tells what came.
fn collector(identity: &CertifiedKey<rcgen::KeyPair>) -> (String, JoinHandle<Option<String>>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!(
        "https://localhost:{}/reports",
        listener.local_addr().unwrap().port()
    );
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let key = PrivatePkcs8KeyDer::from(identity.signing_key.serialize_der());
    let config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![identity.cert.der().clone()], key.into())
        .unwrap();
    let config = Arc::new(config);
    let asked = thread::spawn(move || {
        let (stream, _) = listener.accept().unwrap();
        let connection = ServerConnection::new(config).unwrap();
        let mut stream = BufReader::new(StreamOwned::new(connection, stream));
        let mut head = String::new();
        while !head.ends_with("\r\n\r\n") {
            if stream.read_line(&mut head).ok()? == 0 {
                return None;
            }
        }
        let lower = head.to_lowercase();
        let length = lower
            .lines()
            .find_map(|it| it.strip_prefix("content-length: "));
        let mut body = vec![0; length.unwrap().parse().unwrap()];
        stream.read_exact(&mut body).unwrap();
        let answer = "HTTP/1.1 204 X\r\nconnection: close\r\n\r\n";
        stream.get_mut().write_all(answer.as_bytes()).unwrap();
        Some(head + std::str::from_utf8(&body).unwrap())
    });
    (url, asked)
}

fn maker(works: bool, slow: bool, rows: Option<u64>) -> ReportUsage<Collected, Rows> {
    ReportUsage {
        collector: Collected {
            works,
            slow,
            reports: Mutex::default(),
        },
        rows: Rows(rows),
        longest: match slow {
            true => Duration::from_millis(10),
            false => LONGEST,
        },
    }
}

fn report() -> Report {
    Report {
        solution: SOLUTION,
        uuid: UUID.to_owned(),
        timestamp: "2026-11-24T22:00:00.000Z".to_owned(),
        counts: Counts {
            components: 4,
            devices: 250,
        },
    }
}

/// As CloudFormation sends them: a number is a text.
fn properties() -> Value {
    json!({
        "Components": "4",
        "Table": "Trial-Registrations",
        "Url": URL,
        "Uuid": UUID,
        "ServiceToken": "arn:aws:lambda:us-east-1:123456789012:function:Trial-custom-resource",
    })
}

fn asking(kind: &str, properties: &Value) -> Request {
    request(kind, resource::USAGE_REPORT, properties)
}
