//! What CloudFormation asks the stack's helper for.

use anyhow::{Context, Result, ensure};
use contract::resource;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

use crate::world::World;

/// Each resource is made, deleted and made again, and is there in the end as before.
const REQUESTS: [(&str, &str); 4] = [
    (resource::FLEET_INDEXING, "Create"),
    (resource::FLEET_INDEXING, "Delete"),
    (resource::FLEET_INDEXING, "Create"),
    (resource::IOT_ENDPOINT, "Create"),
];

/// Seconds of an invocation, of which it keeps the last 19 for the answer: it tries
/// again what has failed for as long as it has time.
const TIMEOUT: i32 = 22;

pub(super) async fn custom_resource(world: &World) -> Result<()> {
    let hurry = world.stack.lambda.update_function_configuration();
    let hurry = hurry.function_name(world.stack.function("custom-resource"));
    hurry.timeout(TIMEOUT).send().await?;
    for (kind, request) in REQUESTS {
        let answer = ask(world, kind, request).await?;
        ensure!(answer["Status"] == "SUCCESS", "{request} {kind}: {answer}");
    }
    Ok(())
}

/// What the function answers to the address that CloudFormation gives it.
async fn ask(world: &World, kind: &str, request: &str) -> Result<Value> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let id = kind.rsplit(':').next().unwrap_or(kind);
    let event = json!({
        "RequestType": request,
        "RequestId": "exercise",
        "ResponseURL": format!("http://{}/answer?signature=none", listener.local_addr()?),
        "StackId": "exercise",
        "ResourceType": kind,
        "LogicalResourceId": id,
        "PhysicalResourceId": id,
        "ResourceProperties": {},
    });
    let called = world.stack.call("custom-resource", &event);
    let (_, answer) = tokio::try_join!(called, hear(&listener))?;
    Ok(answer)
}

/// The body of one request, which is told that all is well.
async fn hear(listener: &TcpListener) -> Result<Value> {
    let (mut client, _) = listener.accept().await?;
    let mut request = Vec::new();
    loop {
        let mut piece = [0; 4096];
        let read = client.read(&mut piece).await?;
        ensure!(read > 0, "an answer that ends too early");
        request.extend_from_slice(&piece[..read]);
        let text = String::from_utf8_lossy(&request);
        let Some((head, body)) = text.split_once("\r\n\r\n") else {
            continue;
        };
        let length = head.to_lowercase();
        let length = length.split("content-length: ").nth(1);
        let length = length.and_then(|it| it.lines().next());
        let length: usize = length.context("an answer without a length")?.parse()?;
        if body.len() >= length {
            let answer = serde_json::from_str(body)?;
            let fine = b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n";
            client.write_all(fine).await?;
            return Ok(answer);
        }
    }
}
