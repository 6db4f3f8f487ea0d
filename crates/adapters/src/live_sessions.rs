//! Addresses for live data: sessions of a role that are cut down to one user,
//! and MQTT over WebSocket addresses that are signed with them.
//!
//! The rights are in the session's policy, which names every client and topic
//! filter literally; the role itself may do no more than listen to the product's
//! topics, and STS gives the smaller of the two
//! (<https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies.html#policies_session>).

mod policy;
mod presign;

use aws_credential_types::Credentials;
use aws_sdk_sts::Client;
use aws_sdk_sts::types::Credentials as Issued;
use contract::topic;
use domain::live::{Grant, LIFETIME, LiveSessions, Opening, Session};
use domain::store::StoreError;
use jiff::Timestamp;

use self::policy::Arns;
use crate::aws::{failed, unreadable};

const OPERATION: &str = "open an address for live data";

/// Most characters of a session's policy.
const POLICY_MOST: usize = 2048;

/// Most characters of a session's name; CloudTrail shows it.
const NAME_MOST: usize = 64;

/// With up to so many devices there is room for their answers to commands, too.
const ANSWERS_MOST: usize = 3;

/// Sessions of one role.
#[derive(Clone, Debug)]
pub struct StsLiveSessions {
    client: Client,
    role: String,
    broker: Broker,
    arns: Arns,
}

/// Where the addresses lead.
#[derive(Clone, Debug)]
pub struct Broker {
    /// Scheme and host, with its port where that is not the scheme's own:
    /// `wss://abc-ats.iot.eu-west-1.amazonaws.com`.
    pub endpoint: String,
    /// The region that it is in.
    pub region: String,
    /// What the topics of telemetry begin with.
    pub telemetry: String,
}

impl StsLiveSessions {
    /// Sessions of the role with the ARN `role`, for `broker`, which is in the
    /// role's account.
    ///
    /// # Errors
    ///
    /// [`InvalidRole`] when `role` is no ARN of a role.
    pub fn new(client: Client, role: String, broker: Broker) -> Result<Self, InvalidRole> {
        let Some(arns) = Arns::beside(&role, &broker.region) else {
            return Err(InvalidRole(role));
        };
        Ok(Self {
            client,
            role,
            broker,
            arns,
        })
    }

    fn topics(&self, grant: &Grant) -> Vec<String> {
        let mut topics = vec![format!("{}/{}", topic::ALERTS, grant.user)];
        for device in &grant.devices {
            topics.push(format!("{}/{device}", self.broker.telemetry));
            topics.push(format!(
                "{}/{device}/shadow/update/documents",
                topic::THINGS
            ));
            topics.push(format!("{}/{device}", topic::COMMANDS));
            if grant.devices.len() <= ANSWERS_MOST {
                topics.push(format!("{}/{device}/{}", topic::COMMANDS, topic::RESPONSE));
            }
        }
        topics
    }
}

impl LiveSessions for StsLiveSessions {
    async fn open(&self, grant: &Grant, now: Timestamp) -> Result<Opening, StoreError> {
        let topics = self.topics(grant);
        let policy = self.arns.policy(&grant.client, &topics, now + LIFETIME);
        if policy.len() > POLICY_MOST {
            return Ok(Opening::NoRoom);
        }
        let name: String = grant.client.chars().take(NAME_MOST).collect();
        let assumed = self
            .client
            .assume_role()
            .role_arn(&self.role)
            .role_session_name(name)
            .policy(policy)
            .duration_seconds(LIFETIME.as_secs() as i32)
            .send()
            .await;
        let assumed = match assumed {
            // STS also packs the policy, and tells no one how.
            Err(err)
                if err
                    .as_service_error()
                    .is_some_and(|it| it.is_packed_policy_too_large_exception()) =>
            {
                return Ok(Opening::NoRoom);
            }
            other => other.map_err(|err| failed(OPERATION, err))?,
        };

        let issued = assumed
            .credentials
            .ok_or_else(|| unreadable(OPERATION, "no credentials"))?;
        let ends = Timestamp::from_second(issued.expiration.secs());
        let ends = ends.map_err(|err| unreadable(OPERATION, err))?;
        let url = presign::url(
            &self.broker.endpoint,
            &self.broker.region,
            credentials(issued),
            now,
        )
        .map_err(|err| unreadable(OPERATION, err))?;
        Ok(Opening::Opened(Session {
            url,
            expires: ends.min(now + LIFETIME),
            client: grant.client.clone(),
            topics,
        }))
    }
}

fn credentials(issued: Issued) -> Credentials {
    Credentials::new(
        issued.access_key_id,
        issued.secret_access_key,
        Some(issued.session_token),
        None,
        "a session of the role for live data",
    )
}

/// What the template set is no ARN of a role.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[error("`{0}` is no ARN of a role: `arn:aws:iam::123456789012:role/name` would be")]
pub struct InvalidRole(String);
