//! MQTT over WebSocket, as the web console speaks it.

use std::time::Duration;

use anyhow::{Context, Result, bail};
use reqwest::Url;
use rumqttc::v5::mqttbytes::QoS;
use rumqttc::v5::mqttbytes::v5::{LastWill, Packet, PubAckReason, SubscribeReasonCode};
use rumqttc::v5::{AsyncClient, ConnectionError, Event, EventLoop, MqttOptions};
use rumqttc::{Outgoing, Transport};
use serde_json::Value;
use tokio::time::timeout;

use crate::{Api, Delivery};

/// Ends a client that hangs; one that works takes a fraction of a second.
const PATIENCE: Duration = Duration::from_secs(60);

/// What `GET /live` answered.
#[derive(Clone, Debug)]
pub struct Address {
    /// The presigned address.
    pub url: Url,
    /// The client id that it is for.
    pub client_id: String,
    /// What can be subscribed to.
    pub topics: Vec<String>,
    /// When it ends, as the API says.
    pub expires_at: String,
}

impl Api<'_> {
    /// Opens an address for live data of `devices`.
    ///
    /// # Errors
    ///
    /// When the API refuses.
    pub async fn live(&self, devices: &[&str]) -> Result<Address> {
        let answer = self.read(&live_path(devices)).await?;
        let text = |name: &str| {
            answer[name]
                .as_str()
                .with_context(|| format!("no `{name}`"))
        };
        let topics = answer["topics"].as_array().context("no topics")?;
        Ok(Address {
            url: text("url")?.parse()?,
            client_id: text("clientId")?.to_owned(),
            topics: topics
                .iter()
                .filter_map(Value::as_str)
                .map(ToOwned::to_owned)
                .collect(),
            expires_at: text("expiresAt")?.to_owned(),
        })
    }
}

/// The path and query that open an address for live data of `devices`.
#[must_use]
pub fn live_path(devices: &[&str]) -> String {
    let query: Vec<_> = devices.iter().map(|it| format!("deviceId={it}")).collect();
    match query.is_empty() {
        true => "/live".to_owned(),
        false => format!("/live?{}", query.join("&")),
    }
}

impl Address {
    /// Connects as the client id that the address is for.
    ///
    /// # Errors
    ///
    /// When the broker says nothing.
    pub async fn connect(&self) -> Result<Option<Listener>> {
        self.connect_as(&self.client_id, None).await
    }

    /// Connects as `client_id`, with a last will on the topic `will`; `None`
    /// where the broker refuses.
    ///
    /// # Errors
    ///
    /// When the broker says nothing.
    pub async fn connect_as(
        &self,
        client_id: &str,
        will: Option<&str>,
    ) -> Result<Option<Listener>> {
        // The port is in the address.
        let mut options = MqttOptions::new(client_id, self.url.as_str(), 0);
        options.set_transport(Transport::Ws);
        if let Some(topic) = will {
            options.set_last_will(LastWill::new(topic, "{}", QoS::AtLeastOnce, false, None));
        }
        let (client, events) = AsyncClient::new(options, 16);
        let mut listener = Listener { client, events };
        let connected = listener
            .until(|it| matches!(it, Packet::ConnAck(_)).then_some(()))
            .await?;
        Ok(connected.map(|()| listener))
    }
}

/// A client that is connected.
pub struct Listener {
    client: AsyncClient,
    events: EventLoop,
}

impl std::fmt::Debug for Listener {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Listener").finish_non_exhaustive()
    }
}

impl Listener {
    /// Subscribes to `filter` at least once.
    ///
    /// # Errors
    ///
    /// When the broker says nothing.
    pub async fn subscribe(&mut self, filter: &str) -> Result<Delivery> {
        self.client.subscribe(filter, QoS::AtLeastOnce).await?;
        let granted = self.until(|it| match it {
            Packet::SubAck(it) => Some(
                it.return_codes
                    .iter()
                    .all(|it| matches!(it, SubscribeReasonCode::Success(_))),
            ),
            _ => None,
        });
        Ok(delivery(granted.await?))
    }

    /// Publishes one message at least once.
    ///
    /// # Errors
    ///
    /// When the broker says nothing.
    pub async fn publish(&mut self, topic: &str, payload: &str) -> Result<Delivery> {
        self.client
            .publish(topic, QoS::AtLeastOnce, false, payload.to_owned())
            .await?;
        let taken = self.until(|it| match it {
            Packet::PubAck(it) => Some(matches!(
                it.reason,
                PubAckReason::Success | PubAckReason::NoMatchingSubscribers
            )),
            _ => None,
        });
        Ok(delivery(taken.await?))
    }

    /// The next message: topic and payload. `None` when the broker closed the connection.
    ///
    /// # Errors
    ///
    /// When none comes within a minute.
    pub async fn next(&mut self) -> Result<Option<(String, Value)>> {
        let message = self.until(|it| match it {
            Packet::Publish(it) => Some((it.topic, it.payload)),
            _ => None,
        });
        let Some((topic, payload)) = message.await? else {
            return Ok(None);
        };
        let topic = String::from_utf8(topic.to_vec())?;
        Ok(Some((topic, serde_json::from_slice(&payload)?)))
    }

    /// Waits for what `wanted` finds in a packet; `None` when the connection
    /// ends, or never comes to be.
    async fn until<T>(&mut self, wanted: impl Fn(Packet) -> Option<T>) -> Result<Option<T>> {
        let search = async {
            loop {
                match self.events.poll().await {
                    Ok(Event::Incoming(packet)) => {
                        if let Some(found) = wanted(packet) {
                            return Ok(Some(found));
                        }
                    }
                    Ok(Event::Outgoing(Outgoing::Disconnect)) => return Ok(None),
                    Ok(Event::Outgoing(_)) => {}
                    // No broker at all is no refusal.
                    Err(ConnectionError::Io(err))
                        if err.kind() == std::io::ErrorKind::ConnectionRefused =>
                    {
                        bail!("no broker: {err}");
                    }
                    Err(ConnectionError::InvalidUrl(err)) => bail!("{err}"),
                    Err(_) => return Ok(None),
                }
            }
        };
        timeout(PATIENCE, search)
            .await
            .context("the broker says nothing for a minute")?
    }
}

fn delivery(done: Option<bool>) -> Delivery {
    match done {
        Some(true) => Delivery::Accepted,
        Some(false) | None => Delivery::Refused,
    }
}
