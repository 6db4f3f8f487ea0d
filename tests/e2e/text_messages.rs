//! Alerts on the owner's phone: only to a number that was verified, once, and
//! not without end.

use anyhow::{Context, Result};
use serde_json::{Value, json};
use tests::{Ca, Device, Owner, Stack, eventually, quiet};

/// Most text messages of a user in a day.
const DAILY_CAP: usize = 10;

#[tokio::test]
async fn a_verified_number_gets_each_alert_once_and_ten_a_day() -> Result<()> {
    let stack = Stack::connect().await?;
    let owner = stack.owner().await?;
    let device = Device::of(&stack, &owner, &Ca::registered(&stack).await?).await?;
    let phone = switch_on(&stack, &owner, true).await?;

    for _ in 0..2 {
        tell(&stack, &device, 0).await?;
    }
    let text = eventually("a text message", async || {
        Ok(texts_to(&stack, &phone).await?.first().cloned())
    });
    // A name is cut, like the rest of it.
    let name: String = format!("Thermostat {}", device.serial)
        .chars()
        .take(40)
        .collect();
    assert_eq!(
        text.await?,
        format!("Alert (error) from \"{name}\": \"It's 'hot' now\"")
    );

    // Twelve alerts of one day, all of which the topic gets.
    let url = stack.alerts_queue(&json!({"userId": [owner.id]})).await?;
    for number in 1..12 {
        tell(&stack, &device, number).await?;
    }
    stack
        .queue(&url)
        .take_all("the alerts", 11, |_| true)
        .await?;
    quiet().await;
    assert_eq!(texts_to(&stack, &phone).await?.len(), DAILY_CAP);
    Ok(())
}

#[tokio::test]
async fn a_long_message_is_cut_at_140_characters_with_its_closing_quote() -> Result<()> {
    let stack = Stack::connect().await?;
    let owner = stack.owner().await?;
    let device = Device::of(&stack, &owner, &Ca::registered(&stack).await?).await?;
    let phone = switch_on(&stack, &owner, true).await?;
    let message = "Zu heiß \u{1f321} ".repeat(60);
    let event = json!({"type": "error", "messageId": "m-1", "message": message});
    device.event(&stack, &event).await?;
    let text = eventually("a text message", async || {
        Ok(texts_to(&stack, &phone).await?.first().cloned())
    })
    .await?;
    assert_eq!(text.chars().count(), 140, "{text}");
    assert!(
        text.starts_with("Alert (error) from \"Thermostat T-"),
        "{text}"
    );
    assert!(text.contains("\": \"Zu heiß \u{1f321} Zu heiß"), "{text}");
    assert!(text.ends_with('"'), "{text}");
    Ok(())
}

#[tokio::test]
async fn a_number_that_was_not_verified_and_no_number_get_nothing() -> Result<()> {
    let stack = Stack::connect().await?;
    let ca = Ca::registered(&stack).await?;
    let (unverified, none) = (stack.owner().await?, stack.owner().await?);
    let phone = switch_on(&stack, &unverified, false).await?;
    stack.notify(&none).await?;

    for owner in [&unverified, &none] {
        let device = Device::of(&stack, owner, &ca).await?;
        let url = stack.alerts_queue(&json!({"userId": [owner.id]})).await?;
        tell(&stack, &device, 0).await?;
        stack.queue(&url).take("the alert", |_| true).await?;
    }
    quiet().await;
    assert!(texts_to(&stack, &phone).await?.is_empty());
    Ok(())
}

/// Has the device report an error in words that end a quotation, if they can.
async fn tell(stack: &Stack, device: &Device, number: usize) -> Result<()> {
    let message = "It's\n\"hot\"\u{202e} now";
    let event = json!({"type": "error", "messageId": number.to_string(), "message": message});
    device.event(stack, &event).await
}

/// Gives `owner` a phone number and switches notifications on.
async fn switch_on(stack: &Stack, owner: &Owner, verified: bool) -> Result<String> {
    let phone = stack.give_phone(owner, verified).await?;
    stack.notify(owner).await?;
    Ok(phone)
}

/// What the local cloud would have sent to `phone`.
async fn texts_to(stack: &Stack, phone: &str) -> Result<Vec<String>> {
    let query = format!("phoneNumber={}", phone.replace('+', "%2B"));
    let url = format!("{}/_ministack/sns/sms-messages?{query}", stack.endpoint);
    let sent: Value = stack.http.get(url).send().await?.json().await?;
    let of_phone = sent["sms_messages"][phone]
        .as_array()
        .cloned()
        .unwrap_or_default();
    of_phone
        .iter()
        .map(|it| {
            Ok(it["Message"]
                .as_str()
                .with_context(|| sent.to_string())?
                .to_owned())
        })
        .collect()
}
