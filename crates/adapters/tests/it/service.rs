//! A service of AWS for a test: notes what it is asked, answers what it is told.

use std::net::Ipv4Addr;
use std::sync::{Arc, Mutex};

use aws_types::SdkConfig;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};

use crate::engine;

/// A listening service; the last answer is repeated.
pub(crate) struct Service {
    pub(crate) sdk: SdkConfig,
    asked: Arc<Mutex<Vec<Asked>>>,
}

/// A request as it came.
#[derive(Clone, Debug)]
pub(crate) struct Asked {
    /// Method and path with query.
    pub(crate) line: String,
    /// Lower-case names with their values.
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
}

impl Asked {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let found = self.headers.iter().find(|(it, _)| it == name);
        found.map(|(_, value)| value.as_str())
    }

    pub(crate) fn json(&self) -> serde_json::Value {
        serde_json::from_slice(&self.body).unwrap()
    }

    /// A field of a form.
    pub(crate) fn field(&self, name: &str) -> Option<String> {
        let mut fields = form_urlencoded::parse(&self.body);
        fields
            .find(|(it, _)| it == name)
            .map(|(_, value)| value.into_owned())
    }
}

impl Service {
    /// Answers each request with `status` and `body`.
    pub(crate) async fn answering(status: u16, body: &str) -> Self {
        Self::answering_in_turn(&[(status, body)]).await
    }

    /// Answers one request after the other.
    pub(crate) async fn answering_in_turn(answers: &[(u16, &str)]) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let sdk = engine::sdk(format!("http://{}", listener.local_addr().unwrap()));
        let asked = Arc::new(Mutex::new(Vec::new()));
        let answers: Arc<[String]> = answers
            .iter()
            .map(|(status, body)| {
                format!(
                    "HTTP/1.1 {status} X\r\ncontent-length: {}\r\ncontent-type: application/json\r\n\r\n{body}",
                    body.len()
                )
            })
            .collect();
        let notes = Arc::clone(&asked);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(serve(stream, Arc::clone(&answers), Arc::clone(&notes)));
            }
        });
        Self { sdk, asked }
    }

    /// All requests so far.
    pub(crate) fn asked(&self) -> Vec<Asked> {
        self.asked.lock().unwrap().clone()
    }

    /// The only request so far.
    pub(crate) fn asked_once(&self) -> Asked {
        let asked = self.asked();
        assert_eq!(asked.len(), 1, "{asked:?}");
        asked[0].clone()
    }
}

/// One connection: as much HTTP/1.1 as the SDK speaks.
async fn serve(stream: TcpStream, answers: Arc<[String]>, notes: Arc<Mutex<Vec<Asked>>>) {
    let mut stream = BufReader::new(stream);
    while let Some(asked) = read(&mut stream).await {
        let number = {
            let mut notes = notes.lock().unwrap();
            notes.push(asked);
            notes.len().min(answers.len()) - 1
        };
        let answer = &answers[number];
        if stream.get_mut().write_all(answer.as_bytes()).await.is_err() {
            return;
        }
    }
}

async fn read(stream: &mut BufReader<TcpStream>) -> Option<Asked> {
    let mut lines = Vec::new();
    loop {
        let mut line = String::new();
        if stream.read_line(&mut line).await.ok()? == 0 {
            return None;
        }
        match line.trim_end() {
            "" => break,
            line => lines.push(line.to_owned()),
        }
    }
    let headers: Vec<(String, String)> = lines[1..]
        .iter()
        .filter_map(|line| line.split_once(": "))
        .map(|(name, value)| (name.to_lowercase(), value.to_owned()))
        .collect();
    let mut asked = Asked {
        line: lines[0].trim_end_matches(" HTTP/1.1").to_owned(),
        headers,
        body: Vec::new(),
    };
    let length = asked
        .header("content-length")
        .map_or(0, |it| it.parse().unwrap());
    asked.body = vec![0; length];
    stream.read_exact(&mut asked.body).await.ok()?;
    Some(asked)
}
