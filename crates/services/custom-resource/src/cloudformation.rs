//! CloudFormation for a test: takes answers, and says what they were.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::mpsc::{self, Receiver};
use std::thread;
use std::time::Duration;

use aws_smithy_async::rt::sleep::{SharedAsyncSleep, TokioSleep};
use aws_types::SdkConfig;
use serde_json::Value;

use crate::answer::Answers;
use crate::request::Caller;

/// A listening server.
pub(crate) struct CloudFormation {
    address: String,
    asked: Receiver<Asked>,
}

/// A request as it came.
#[derive(Debug)]
pub(crate) struct Asked {
    /// Method and path with query.
    pub(crate) line: String,
    /// Lower-case names.
    pub(crate) headers: Vec<String>,
    pub(crate) body: Value,
}

impl CloudFormation {
    /// Answers its requests with these statuses, one after the other, and hangs
    /// up where one is 0.
    pub(crate) fn answering(statuses: &'static [u16]) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let (note, asked) = mpsc::channel();
        thread::spawn(move || {
            for status in statuses {
                let (stream, _) = listener.accept().unwrap();
                if *status != 0 {
                    note.send(serve(&stream, *status)).unwrap();
                }
            }
        });
        Self { address, asked }
    }

    /// The request in `fixture`, to be answered here.
    pub(crate) fn event(&self, fixture: &str) -> Value {
        let mut event: Value = serde_json::from_str(fixture).unwrap();
        event["ResponseURL"] = format!("http://{}/arn%3Aaws%7Cx/y?a=%2F&b", self.address).into();
        event
    }

    /// Who waits for the answer to the request in `fixture`.
    pub(crate) fn caller(&self, fixture: &str) -> Caller {
        serde_json::from_value(self.event(fixture)).unwrap()
    }

    /// The next request that has come.
    pub(crate) fn asked(&self) -> Asked {
        self.asked.recv_timeout(Duration::from_secs(30)).unwrap()
    }

    /// Whether no more requests have come.
    pub(crate) fn is_done(&self) -> bool {
        self.asked.try_recv().is_err()
    }
}

/// Answers that go out by plain HTTP.
pub(crate) fn answers() -> Answers {
    let http = aws_smithy_http_client::Builder::new().build_http();
    let sdk = SdkConfig::builder()
        .http_client(http)
        .sleep_impl(SharedAsyncSleep::new(TokioSleep::new()));
    Answers::new(&sdk.build())
}

fn serve(stream: &TcpStream, status: u16) -> Asked {
    let mut reader = BufReader::new(stream);
    let mut lines = Vec::new();
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).unwrap();
        match line.trim_end() {
            "" => break,
            line => lines.push(line.to_owned()),
        }
    }
    let headers: Vec<String> = lines[1..].iter().map(|it| it.to_lowercase()).collect();
    let length = headers
        .iter()
        .find_map(|it| it.strip_prefix("content-length: "));
    let mut body = vec![0; length.unwrap().parse().unwrap()];
    reader.read_exact(&mut body).unwrap();
    let mut stream = stream;
    write!(
        stream,
        "HTTP/1.1 {status} X\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"
    )
    .unwrap();
    Asked {
        line: lines[0].trim_end_matches(" HTTP/1.1").to_owned(),
        headers: headers
            .iter()
            .filter_map(|it| Some(it.split_once(':')?.0.to_owned()))
            .collect(),
        body: serde_json::from_slice(&body).unwrap(),
    }
}
