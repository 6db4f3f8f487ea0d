//! A command that nobody answers fails when its time is over.

use std::time::Duration;

use anyhow::{Context, Result, ensure};
use contract::table;
use jiff::{Timestamp, ToSpan};
use serde_json::{Value, json};
use tests::{Ca, Product, Remote, Stack, within};
use tokio::time::sleep;

/// The shortest limit that a model may have.
const LIMIT: i64 = 5;

#[tokio::test]
async fn a_command_without_an_answer_has_failed_at_once_and_the_sweep_makes_it_stick() -> Result<()>
{
    let stack = Stack::connect().await?;
    let owner = stack.owner().await?;
    let ca = Ca::registered(&stack).await?;
    let device = product().device(&stack, &owner, &ca).await?;
    let remote = Remote::new(&stack, &owner, &device);

    let done = remote.send("set-level", json!(1)).await?;
    remote.answered(&done, "success").await?;
    let made = remote.send("set-level", json!(2)).await?;
    assert_eq!(remote.now(&made).await?, made);
    lists(&remote, &[("pending", &[&made]), ("failed", &[])]).await?;
    assert_eq!(remote.desired().await?, json!({"level": 2, "on": true}));

    let deadline = wait_for(&made).await?;
    let failed = remote.now(&made).await?;
    assert_eq!(
        (&failed["status"], &failed["reason"]),
        (&json!("failed"), &json!("timeout"))
    );
    assert_eq!(time(&failed["updatedAt"])?, deadline);
    lists(&remote, &[("pending", &[]), ("failed", &[&made])]).await?;

    // An answer has come too late, whether it was swept or not.
    remote.answered(&made, "success").await?;
    assert_eq!(remote.now(&made).await?, failed);
    stack.sweep().await?;
    let row = remote.row(&made).await?;
    assert_eq!(
        (&row["status"], &row["reason"], &row[table::OPEN]),
        (&json!("failed"), &json!("timeout"), &Value::Null)
    );
    assert_eq!(remote.now(&made).await?, failed);
    remote.answered(&made, "success").await?;
    assert_eq!(remote.now(&made).await?, failed);

    // What the cloud wants is what the last command wanted that did not fail.
    assert_eq!(remote.desired().await?, json!({"level": 1, "on": true}));
    lists(&remote, &[("success", &[&done]), ("failed", &[&made])]).await
}

#[tokio::test]
async fn within_a_minute_of_its_limit_a_command_has_failed_by_the_schedule() -> Result<()> {
    let stack = Stack::connect().await?;
    let owner = stack.owner().await?;
    let device = product().pending(&stack, &owner, &Ca::new()?).await?;
    let remote = Remote::new(&stack, &owner, &device);
    let made = remote.send("set-level", json!(1)).await?;
    wait_for(&made).await?;
    // A minute; the local cloud looks at its schedules every ten seconds only.
    within(Duration::from_secs(75), "the sweep", async || {
        let row = remote.row(&made).await?;
        Ok((row["status"] == "failed" && row[table::OPEN].is_null()).then_some(()))
    })
    .await?;
    assert_eq!(remote.desired().await?, json!({}));
    Ok(())
}

#[tokio::test]
async fn what_is_left_of_a_deleted_device_is_ended_and_makes_no_shadow() -> Result<()> {
    let stack = Stack::connect().await?;
    let owner = stack.owner().await?;
    let device = product().pending(&stack, &owner, &Ca::new()?).await?;
    let remote = Remote::new(&stack, &owner, &device);
    let made = remote.send("set-level", json!(1)).await?;
    stack.api(&owner).release(&device).await?;
    wait_for(&made).await?;
    stack.sweep().await?;
    let row = remote.row(&made).await?;
    assert_eq!(
        (&row["status"], &row[table::OPEN]),
        (&json!("failed"), &Value::Null)
    );
    assert!(!stack.has_shadow(&device.serial).await?);
    Ok(())
}

fn product() -> Product {
    Product::with_commands(&json!({
        "set-level": {
            "value": {"type": "integer"},
            "desired": {"level": "$value", "on": true},
            "timeLimitSeconds": LIMIT,
        },
    }))
}

/// Waits until the time of a command is over; returns when that was.
async fn wait_for(command: &Value) -> Result<Timestamp> {
    let deadline = time(&command["createdAt"])? + LIMIT.seconds();
    let left = deadline.duration_since(Timestamp::now());
    sleep(Duration::try_from(left).unwrap_or_default()).await;
    // The clocks of this process and the function's are one; their ticks are not.
    sleep(Duration::from_millis(20)).await;
    Ok(deadline)
}

fn time(value: &Value) -> Result<Timestamp> {
    Ok(value.as_str().context("a time")?.parse()?)
}

/// Asserts which commands the filters of the list find.
async fn lists(remote: &Remote<'_>, expected: &[(&str, &[&Value])]) -> Result<()> {
    for (status, commands) in expected {
        let path = format!("{}?commandStatus={status}", remote.path());
        let found = remote.api().pages(&path).await?;
        let found: Vec<_> = found.iter().map(|it| &it["commandId"]).collect();
        let wanted: Vec<_> = commands.iter().map(|it| &it["commandId"]).collect();
        ensure!(found == wanted, "{status}: {found:?}, not {wanted:?}");
    }
    Ok(())
}
