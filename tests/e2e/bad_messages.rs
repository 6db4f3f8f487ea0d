//! Messages that are not valid are kept with the reason, and disturb nothing else.

use anyhow::Result;
use serde_json::{Value, json};
use tests::{Ca, Device, Stack, eventually, serial};

#[tokio::test]
async fn each_message_that_is_not_valid_is_kept_with_its_reason() -> Result<()> {
    let stack = Stack::connect().await?;
    let owner = stack.owner().await?;
    let device = Device::of(&stack, &owner, &Ca::registered(&stack).await?).await?;
    let cases = cases();

    for (payload, _) in &cases {
        device.message(&stack, payload).await?;
    }
    device
        .event(&stack, &json!({"type": "info", "messageId": "good"}))
        .await?;

    let mut kept = stack
        .rejected()
        .rejections_of(&device.serial, cases.len())
        .await?;
    for (payload, phrase) in &cases {
        let at = kept.iter().position(|(_, it)| it == payload);
        let Some(at) = at else {
            panic!("not kept: {}", String::from_utf8_lossy(payload))
        };
        let (reason, _) = kept.swap_remove(at);
        assert!(
            reason.contains(phrase),
            "{reason:?} does not say {phrase:?}"
        );
    }

    let events = eventually("the valid event", async || {
        let events = stack.api(&owner).said("/devices/events").await?;
        Ok((!events.is_empty()).then_some(events))
    })
    .await?;
    assert_eq!(events.len(), 1, "{events:?}");
    assert_eq!(events[0]["messageId"], "good");
    Ok(())
}

/// Payloads, and what their reason must say.
fn cases() -> Vec<(Vec<u8>, &'static str)> {
    let with = |field: &str, value: Value| {
        let mut message = json!({"type": "info", "messageId": "bad"});
        message[field] = value;
        message.to_string().into_bytes()
    };
    let nested = |levels: usize| format!("{}{}", "[".repeat(levels), "]".repeat(levels));
    vec![
        (b"not json".to_vec(), "not JSON"),
        (Vec::new(), "not JSON"),
        (
            b"{\"type\":\"info\",\"messageId\":\"1\"".to_vec(),
            "not JSON",
        ),
        (b"\xff\xfe\x00".to_vec(), "not JSON"),
        (nested(5_000).into_bytes(), "not JSON"),
        (b"[1]".to_vec(), "JSON object"),
        (b"\"info\"".to_vec(), "JSON object"),
        (b"{\"messageId\":\"1\"}".to_vec(), "`type`"),
        (with("type", json!("Info")), "`type`"),
        (with("type", json!(1)), "`type`"),
        (b"{\"type\":\"info\"}".to_vec(), "`messageId`"),
        (with("messageId", json!(1)), "`messageId`"),
        (with("messageId", json!("")), "`messageId`"),
        (with("messageId", json!("x".repeat(129))), "`messageId`"),
        (with("messageId", json!("a\u{0}b")), "`messageId`"),
        (with("message", json!(["text"])), "`message`"),
        (with("message", json!("x".repeat(1_025))), "`message`"),
        (with("details", json!("text")), "`details`"),
        (with("timestamp", json!("now")), "`timestamp`"),
        (with("timestamp", json!(1)), "`timestamp`"),
        (with("timestamp", json!(1e300)), "`timestamp`"),
        (with("sentAt", json!("yesterday")), "`sentAt`"),
        (
            with(
                "value",
                serde_json::from_str(&nested(60)).unwrap_or_default(),
            ),
            "`value`",
        ),
        (with("message", json!("x".repeat(40_000))), "at most 32768"),
    ]
}

#[tokio::test]
async fn a_device_that_was_never_registered_is_not_heard() -> Result<()> {
    let stack = Stack::connect().await?;
    let device = serial();
    let payload = b"{\"type\":\"info\",\"messageId\":\"1\"}";
    stack
        .send("event-proxy", &Stack::rule_event(&device, payload))
        .await?;
    let (reason, kept) = stack.rejected().rejection_of(&device).await?;
    assert!(reason.contains("not registered"), "{reason}");
    assert_eq!(kept, payload);
    Ok(())
}

#[tokio::test]
async fn every_field_of_a_message_arrives() -> Result<()> {
    let stack = Stack::connect().await?;
    let owner = stack.owner().await?;
    let device = Device::of(&stack, &owner, &Ca::registered(&stack).await?).await?;
    let message = json!({
        "type": "warning",
        "messageId": "m/1 é",
        "message": "Zu heiß: \"72\" °F\n<b>",
        "value": {"limits": [50, 110.5, -1e-7, null, true], "n": 9_007_199_254_740_993_i64},
        "details": {"room": "Küche", "": [{}]},
        "timestamp": 1_790_000_000_007_i64,
        "sentAt": "2026-09-21T16:13:20.007+02:00",
        "unknown": "is not stored",
    });
    device.event(&stack, &message).await?;
    let event = eventually("the event", async || {
        Ok(stack.api(&owner).said("/devices/events").await?.pop())
    })
    .await?;
    let expected = json!({
        "id": event["id"],
        "deviceId": device.serial,
        "deviceName": format!("Thermostat {}", device.serial),
        "userId": owner.id,
        "messageId": message["messageId"],
        "message": message["message"],
        "details": message["details"],
        "ack": false,
        "suppress": false,
        "type": "warning",
        "timestamp": message["timestamp"],
        "value": message["value"],
        "sentAt": "2026-09-21T14:13:20.007Z",
        "createdAt": event["createdAt"],
        "updatedAt": event["createdAt"],
    });
    assert_eq!(event, expected);
    Ok(())
}
