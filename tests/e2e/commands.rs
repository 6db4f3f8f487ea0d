//! Commands, from their owner to the device.

use anyhow::{Context, Result, ensure};
use contract::topic;
use serde_json::{Value, json};
use tests::{Ca, Device, Product, Remote, Stack};

#[tokio::test]
async fn a_command_reaches_its_device_and_is_pending() -> Result<()> {
    let stack = Stack::connect().await?;
    let owner = stack.owner().await?;
    let product = Product::with_commands(&json!({
        "set-temp": {"value": {"type": "number"}},
        "set-mode": {"value": {"type": "string"}},
        "x:1_a.B-z": {"value": true},
        "reset": {},
        "say": {"value": {"type": "string"}},
    }));
    let ca = Ca::registered(&stack).await?;
    let device = product.device(&stack, &owner, &ca).await?;
    let (api, path) = (
        stack.api(&owner),
        format!("/devices/{}/commands", device.serial),
    );
    let heard = format!("{}/{}", topic::COMMANDS, device.serial);
    let mut client = device.mqtt(&stack).subscribe(&[&heard]).await?;

    for body in [
        json!({"command": "set-temp", "value": 72.5}),
        json!({"command": "set-mode", "value": "HEAT", "details": {"until": "2026-11-22", "zones": [1, 2]}}),
        json!({"command": "x:1_a.B-z", "value": {"a": [null, true, 1e-300, -9_223_372_036_854_775_808_i64]}}),
        json!({"command": "reset", "value": null, "details": {}}),
        json!({"command": "say", "value": "Grüße, 你好 \u{1f321}"}),
    ] {
        let made = api.post(&path, &body).await?.ok()?;
        let expected = json!({
            "commandId": made["commandId"],
            "deviceId": device.serial,
            "deviceName": format!("Thermostat {}", device.serial),
            "userId": owner.id,
            "status": "pending",
            "reason": null,
            "details": body["details"],
            "command": body["command"],
            "value": body["value"],
            "createdAt": made["createdAt"],
            "updatedAt": made["createdAt"],
        });
        assert_eq!(made, expected);
        let id = made["commandId"].as_str().context("an id")?;
        assert_eq!(api.read(&format!("{path}/{id}")).await?, made);
        assert_eq!(api.read(&path).await?["items"][0], made);

        let (topic, message) = client.next().await?.context("a command")?;
        assert_eq!(topic, heard);
        let message: Value = serde_json::from_str(&message)?;
        for field in [
            "commandId",
            "deviceId",
            "command",
            "value",
            "details",
            "createdAt",
        ] {
            assert_eq!(message[field], made[field], "{field}: {message}");
        }
        for field in ["userId", "deviceName", "status"] {
            assert!(message[field].is_null(), "{field}: {message}");
        }
    }
    assert_eq!(api.pages(&path).await?.len(), 5);
    Ok(())
}

#[tokio::test]
async fn what_a_product_does_not_take_is_refused_with_what_it_takes() -> Result<()> {
    let stack = Stack::connect().await?;
    let owner = stack.owner().await?;
    let plain = Product {
        number: "plain-1",
        details: json!({"colour": "white"}),
    };
    for (product, cases) in [
        (
            Product::sample("thermostat-1")?,
            &[
                ("explode", json!(1), &["`set-mode`", "`set-temp`"][..]),
                ("Set-Temp", json!(70), &["`set-temp`"]),
                ("set-temp", json!(49.9), &["50", "110"]),
                ("set-temp", json!(110.001), &["50", "110"]),
                ("set-temp", json!("72"), &["number"]),
                ("set-temp", json!(null), &["number"]),
                ("set-temp", json!([72]), &["number"]),
                ("set-mode", json!("COOL"), &["HEAT", "AC", "OFF"]),
                ("set-mode", json!("heat"), &["HEAT", "AC", "OFF"]),
                ("set-mode", json!({"mode": "HEAT"}), &["HEAT", "AC", "OFF"]),
            ][..],
        ),
        (
            Product::sample("lock-1")?,
            &[
                ("set-temp", json!(72), &["`lock`", "`unlock`"][..]),
                ("lock", json!(true), &["null"]),
                ("set-auto-lock", json!(601), &["600"]),
                ("set-auto-lock", json!(1.5), &["integer"]),
            ],
        ),
        (plain, &[("set-temp", json!(72), &["no commands"][..])]),
    ] {
        let device = product.pending(&stack, &owner, &Ca::new()?).await?;
        let remote = Remote::new(&stack, &owner, &device);
        for (command, value, allowed) in cases {
            let what = format!("{} {command} {value}", product.number);
            let answer = remote.ask(command, value).await?;
            let message = answer
                .refused(400, "InvalidParameter")
                .context(what.clone())?;
            for phrase in *allowed {
                ensure!(message.contains(phrase), "{what}: {message}");
            }
        }
        // Nothing of all that was done.
        assert!(remote.api().pages(&remote.path()).await?.is_empty());
        assert!(!stack.has_shadow(&device.serial).await?);
    }
    Ok(())
}

#[tokio::test]
async fn two_products_obey_their_own_models_and_nothing_is_hard_coded() -> Result<()> {
    let stack = Stack::connect().await?;
    let owner = stack.owner().await?;
    for (number, steps) in [
        (
            "thermostat-1",
            &[
                ("set-temp", json!(72), json!({"targetTemperature": 72})),
                ("set-temp", json!(50), json!({"targetTemperature": 50})),
                (
                    "set-mode",
                    json!("OFF"),
                    json!({"targetTemperature": 50, "powerStatus": "OFF"}),
                ),
            ][..],
        ),
        (
            "lock-1",
            &[
                ("lock", json!(null), json!({"locked": true})),
                ("unlock", json!(null), json!({"locked": false})),
            ],
        ),
    ] {
        let product = Product::sample(number)?;
        let device = product.pending(&stack, &owner, &Ca::new()?).await?;
        let remote = Remote::new(&stack, &owner, &device);
        for (command, value, desired) in steps {
            let made = remote.send(command, value.clone()).await?;
            assert_eq!(made["status"], "pending", "{made}");
            assert_eq!(remote.desired().await?, *desired, "{command}");
        }
    }
    Ok(())
}

#[tokio::test]
async fn a_device_that_was_away_gets_its_commands_and_what_it_shall_become() -> Result<()> {
    let stack = Stack::connect().await?;
    let owner = stack.owner().await?;
    let device = Device::of(&stack, &owner, &Ca::registered(&stack).await?).await?;
    let remote = Remote::new(&stack, &owner, &device);
    device
        .report(&stack, &json!({"targetTemperature": 68}))
        .await?;
    // A session outlives its connection.
    let listen = async || {
        let client = device.mqtt(&stack);
        client.subscribe_for_good(&[&remote.topic()]).await
    };
    drop(listen().await?);
    let sent = [
        remote.send("set-temp", json!(72)).await?,
        remote.send("set-mode", json!("HEAT")).await?,
    ];
    let mut client = listen().await?;
    for made in &sent {
        let (_, message) = client.next().await?.context("a command")?;
        let message: Value = serde_json::from_str(&message)?;
        assert_eq!(message["commandId"], made["commandId"], "{message}");
    }
    drop(client);

    // The shadow tells a device that keeps no session.
    let shadow = format!("{}/{}/shadow/get", topic::THINGS, device.serial);
    let answer = format!("{shadow}/accepted");
    let shadow = device.mqtt(&stack).ask(&shadow, &answer).await?;
    let delta = json!({"targetTemperature": 72, "powerStatus": "HEAT"});
    assert_eq!(shadow["state"]["delta"], delta, "{shadow}");
    Ok(())
}

#[tokio::test]
async fn commands_are_listed_newest_first_and_by_status() -> Result<()> {
    let stack = Stack::connect().await?;
    let owner = stack.owner().await?;
    let device = Device::pending(&stack, &owner, &Ca::new()?).await?;
    let remote = Remote::new(&stack, &owner, &device);
    let (api, path) = (stack.api(&owner), remote.path());
    let mut sent = Vec::new();
    for number in 0..12 {
        let made = remote.send("set-temp", json!(50 + number)).await?;
        let status = ["pending", "success", "failed"][number % 3];
        if status != "pending" {
            remote.answered(&made, status).await?;
        }
        sent.push((50 + number, status));
    }
    sent.reverse();

    for wanted in [None, Some("pending"), Some("success"), Some("failed")] {
        let filter = wanted
            .map(|it| format!("&commandStatus={it}"))
            .unwrap_or_default();
        let expected: Vec<_> = sent
            .iter()
            .filter(|it| wanted.is_none_or(|status| status == it.1))
            .collect();
        for limit in [1, 3, 5, 100] {
            let items = api.pages(&format!("{path}?limit={limit}{filter}")).await?;
            let items: Vec<_> = items
                .iter()
                .map(|it| (&it["value"], &it["status"]))
                .collect();
            let expected: Vec<_> = expected
                .iter()
                .map(|it| (json!(it.0), json!(it.1)))
                .collect();
            assert_eq!(
                items,
                expected.iter().map(|it| (&it.0, &it.1)).collect::<Vec<_>>(),
                "{limit}{filter}"
            );
        }
        let page = api.read(&format!("{path}?limit=1{filter}")).await?;
        assert_eq!(page["commandStatus"], json!(wanted));
    }
    Ok(())
}

#[tokio::test]
async fn a_command_of_another_device_is_missing() -> Result<()> {
    let stack = Stack::connect().await?;
    let owner = stack.owner().await?;
    let ca = Ca::new()?;
    let [one, two] = [
        Device::pending(&stack, &owner, &ca).await?,
        Device::pending(&stack, &owner, &ca).await?,
    ];
    let api = stack.api(&owner);
    let path = |of: &Device| format!("/devices/{}/commands", of.serial);
    let made = api
        .post(&path(&one), &json!({"command": "set-temp", "value": 60}))
        .await?
        .ok()?;
    let id = made["commandId"].as_str().context("an id")?;
    assert_eq!(api.read(&format!("{}/{id}", path(&one))).await?, made);
    let missing = api.get(&format!("{}/{id}", path(&two))).await?;
    assert_eq!(missing.error(), (400, "MissingCommand"));
    assert!(api.pages(&path(&two)).await?.is_empty());
    Ok(())
}
