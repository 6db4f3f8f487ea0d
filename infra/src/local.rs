//! All that differs between AWS and the emulator on one machine. No function
//! knows which of the two it runs on.

use serde_json::{Value, json};
use stratosphere::value::ExpString;

use crate::flag::Flag;
use crate::policy::Statement;
use crate::value::{arn_of, attribute, literal, sub};

/// Where the stack is deployed.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Cloud {
    /// The real one.
    Aws,
    /// The emulator on one machine, at present `MiniStack`.
    Local,
}

impl Cloud {
    /// Whether a component can be deployed there. The emulator has no Device
    /// Defender.
    #[must_use]
    pub fn has(self, flag: Flag) -> bool {
        self == Self::Aws || flag != Flag::Defender
    }

    /// Whether queues and topics refuse plain HTTP. The emulator's endpoint is
    /// `http://` on the loopback device, so there is nothing else.
    #[must_use]
    pub fn insists_on_tls(self) -> bool {
        self == Self::Aws
    }

    /// The right to attach policies to certificates. The service authorization
    /// reference names the certificate; the emulator checks the call against
    /// `*`, which no ARN pattern matches.
    #[must_use]
    pub fn attach_policies(self, reason: &'static str) -> Statement {
        const ATTACH: &[&str] = &["iot:AttachPolicy"];
        const WHY: &str = "the emulator checks the call against `*`; on AWS it is allowed on \
             certificates only";
        match self {
            Self::Aws => Statement::allow_pattern(ATTACH, vec![arn_of("iot", "cert/*")], reason),
            Self::Local => Statement::allow_pattern(ATTACH, vec![literal("*")], WHY)
                .suppress("CKV_AWS_109", WHY)
                .suppress("PERMISSIONS_MANAGEMENT_ACTIONS", WHY),
        }
    }

    /// The right to search the fleet index of things. The service authorization
    /// reference names the index; the emulator checks the call against `*`.
    #[must_use]
    pub fn search_things(self) -> Statement {
        const SEARCH: &[&str] = &["iot:SearchIndex"];
        match self {
            Self::Aws => Statement::allow(SEARCH, arn_of("iot", "index/AWS_Things")),
            Self::Local => Statement::allow_pattern(
                SEARCH,
                vec![literal("*")],
                "the emulator checks searches against `*`, which no ARN matches",
            ),
        }
    }

    /// Where devices connect to. The emulator's name for it does not resolve
    /// everywhere, and its port for devices is another.
    #[must_use]
    pub fn device_endpoint(self, address: ExpString) -> ExpString {
        match self {
            Self::Aws => address,
            Self::Local => literal("localhost"),
        }
    }

    /// How pages speak to the broker: WebSocket, over TLS where there is TLS.
    #[must_use]
    pub fn web_socket(self) -> &'static str {
        match self {
            Self::Aws => "wss",
            Self::Local => "ws",
        }
    }

    /// Address of an HTTP API's stage. Names under `.localhost` do not resolve
    /// everywhere, so locally it is the emulator's own path for the API; host
    /// and port are what follows `.execute-api.` in the API's endpoint.
    #[must_use]
    pub fn api_url(self, api: &str, stage: &str) -> Value {
        match self {
            Self::Aws => json!(sub(format!("${{{api}.ApiEndpoint}}/{stage}"))),
            Self::Local => {
                let host = json!({
                    "Fn::Select": [1, { "Fn::Split": [".execute-api.", attribute(api, "ApiEndpoint")] }]
                });
                let path = sub(format!("/_aws/execute-api/${{{api}}}/{stage}"));
                json!({ "Fn::Join": ["", ["http://", host, path]] })
            }
        }
    }
}
