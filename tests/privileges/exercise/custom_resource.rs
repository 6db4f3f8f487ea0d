//! What CloudFormation asks the stack's helper for: all custom resources that the
//! stack has, with the properties that they have there.

use anyhow::{Context, Result, ensure};
use aws_sdk_s3::primitives::ByteStream;
use contract::resource;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use uuid::Uuid;

use crate::formation::Custom;
use crate::world::World;

/// Each resource is there in the end, as it was before.
const REQUESTS: [&str; 4] = ["Create", "Update", "Delete", "Create"];

/// Seconds of an invocation, of which the function keeps the last 19 for its answer:
/// it tries again what has failed for as long as it has time.
const TIMEOUT: i32 = 28;

pub(super) async fn custom_resource(world: &World) -> Result<()> {
    let hurry = world.stack.lambda.update_function_configuration();
    let hurry = hurry.function_name(world.stack.function("custom-resource"));
    hurry.timeout(TIMEOUT).send().await?;
    for custom in &world.customs {
        for request in REQUESTS {
            if custom.kind == resource::CONSOLE_CONTENT {
                leave_a_file(world, custom).await?;
            }
            let answer = ask(world, custom, request).await?;
            let done = answer["Status"] == "SUCCESS";
            ensure!(done, "{request} {}: {answer}", custom.kind);
        }
    }
    Ok(())
}

/// A file of an older console, that nobody needs any more.
async fn leave_a_file(world: &World, custom: &Custom) -> Result<()> {
    let bucket = custom.properties["Bucket"].as_str().context("no bucket")?;
    let put = world.stack.s3.put_object().bucket(bucket);
    let file = ByteStream::from_static(b"old");
    put.key("old.txt").body(file).send().await?;
    Ok(())
}

/// What the function answers to the address that CloudFormation gives it.
async fn ask(world: &World, custom: &Custom, request: &str) -> Result<Value> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let event = json!({
        "RequestType": request,
        "RequestId": Uuid::new_v4(),
        "ResponseURL": format!("http://{}/answer?signature=none", listener.local_addr()?),
        "StackId": "exercise",
        "ResourceType": custom.kind,
        "LogicalResourceId": custom.id,
        "PhysicalResourceId": custom.id,
        "ResourceProperties": custom.properties,
        "OldResourceProperties": custom.properties,
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
