//! A batch that passes a threshold.

use super::*;

#[tokio::test]
async fn a_threshold_is_told_and_its_command_sent_by_the_limits_of_the_owner() {
    for (own, told) in [(None, 1), (Some(50.0), 0)] {
        let ports = Ports {
            watcher: Some(Watcher {
                watches: Kept::default(),
                events: Some((MemoryEvents::default(), Noted::<Request>::default())),
                orders: Some(Orderer::default()),
            }),
            sources: Greenhouse { own },
            plans: Plans::new(Columns::default(), 10),
            rejected: Queue {
                is_down: false,
                kept: Mutex::default(),
            },
        };
        for (minutes, id) in [(20, "a"), (0, "b")] {
            let at = Timestamp::now().as_millisecond() - minutes * 60_000;
            let payload = json!({ "timestamp": at, "lux": 40 }).to_string();
            let mut message = record(id, "SN-1", payload.as_bytes());
            message.data = received_now(&message.data);
            let records = vec![message];
            let event = LambdaEvent::new(Batch { records }, Context::default());
            let answer = handle(&ports, event).await.unwrap();
            assert_eq!(answer.records[0].result, Answering::Ok);
        }
        let watcher = ports.watcher.as_ref().unwrap();
        let (events, alerts) = watcher.events.as_ref().unwrap();
        assert_eq!((events.records().len(), alerts.all().len()), (told, told));
        let sent = watcher.orders.as_ref().unwrap().sent.lock().unwrap();
        assert_eq!(sent.len(), told, "{sent:?}");
    }
}

/// The same record, come just now.
fn received_now(data: &str) -> String {
    let mut message: Value = serde_json::from_slice(&STANDARD.decode(data).unwrap()).unwrap();
    message["receivedAt"] = json!(Timestamp::now().as_millisecond());
    STANDARD.encode(message.to_string())
}

/// Anna's, over 35 for a quarter of an hour, or what she says.
struct Greenhouse {
    own: Option<f64>,
}

impl Sources for Greenhouse {
    async fn of_device(&self, device: &DeviceId) -> Result<Option<Source>, StoreError> {
        let high = json!({ "type": "warning", "command": { "command": "close" } });
        let glare = json!({ "above": 35, "seconds": 900, "high": high });
        let details = json!({
            "telemetry": { "lux": { "type": "number", "thresholds": { "glare": glare } } },
            "commands": { "close": {} },
        });
        let own = Adjustment {
            above: self.own,
            ..Adjustment::default()
        };
        let of_lux = [("glare".to_owned(), own)].into();
        let source = OneDevice.of_device(device).await?;
        Ok(source.map(|it| Source {
            details: details.as_object().unwrap().clone(),
            adjustments: Adjustments([("lux".to_owned(), of_lux)].into()),
            ..it
        }))
    }

    async fn of_user(&self, _: &UserId, _: &DeviceId) -> Result<Option<Source>, StoreError> {
        unreachable!("the transform asks for devices, not for users")
    }
}

/// One series.
#[derive(Default)]
struct Kept {
    watch: Mutex<Option<Watch>>,
}

impl Watches for Kept {
    async fn get(&self, _: &Series) -> Result<Option<Watch>, StoreError> {
        Ok(self.watch.lock().unwrap().clone())
    }

    async fn put(&self, _: &Series, watch: &Watch, _: Timestamp) -> Result<Written, StoreError> {
        *self.watch.lock().unwrap() = Some(watch.clone());
        Ok(Written::Done)
    }
}

/// Takes every command.
#[derive(Default)]
struct Orderer {
    sent: Mutex<Vec<CommandId>>,
}

impl Orders for Orderer {
    async fn order(
        &self,
        _: &Owner,
        _: &DeviceId,
        _: Wanted,
        id: CommandId,
        _: Timestamp,
    ) -> Result<Ordered, StoreError> {
        self.sent.lock().unwrap().push(id);
        Ok(Ordered::Sent)
    }
}
