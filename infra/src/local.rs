//! All that differs between AWS and the emulator on one machine. No function
//! knows which of the two it runs on.

use serde_json::{Value, json};
use stratosphere::value::ExpString;

use crate::custom_resource::Broker;
use crate::flag::Flag;
use crate::policy::Statement;
use crate::stack::Resource;
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

    /// How long Data Firehose gathers records, in seconds. AWS takes no less than
    /// a minute where it partitions; on one machine nobody waits that long, and
    /// small files cost nothing.
    #[must_use]
    pub fn buffer_seconds(self, wanted: i32) -> i32 {
        match self {
            Self::Aws => wanted,
            Self::Local => 5,
        }
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

    /// What attaching a certificate to a thing, and detaching it, is allowed on. The
    /// service authorization reference names the certificate; the emulator checks
    /// the thing.
    #[must_use]
    pub fn principal_targets(self) -> Vec<ExpString> {
        match self {
            Self::Aws => vec![arn_of("iot", "cert/*")],
            Self::Local => vec![arn_of("iot", "thing/*")],
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

    /// The rights to ask Athena in a work group. The service authorization reference
    /// names the group for all three; the emulator checks what follows a question
    /// against `*`.
    #[must_use]
    pub fn ask(self, work_group: &str) -> Vec<Statement> {
        const START: &str = "athena:StartQueryExecution";
        const FOLLOW: [&str; 2] = ["athena:GetQueryExecution", "athena:GetQueryResults"];
        let group = || arn_of("athena", &format!("workgroup/${{{work_group}}}"));
        match self {
            Self::Aws => vec![Statement::allow(&[FOLLOW[0], FOLLOW[1], START], group())],
            Self::Local => vec![
                Statement::allow(&[START], group()),
                Statement::allow_pattern(
                    &FOLLOW,
                    vec![literal("*")],
                    "the emulator checks what follows a question against `*`, which no ARN matches",
                ),
            ],
        }
    }

    /// The right to read what regions offer. The service authorization reference
    /// names the parameters; the emulator checks a call for several against `*`.
    #[must_use]
    pub fn read_offers(self) -> Statement {
        const READ: &[&str] = &["ssm:GetParameters"];
        const WHY: &str = "the emulator checks a call for several parameters against `*`";
        match self {
            Self::Aws => Statement::allow_pattern(
                READ,
                vec![sub("arn:${AWS::Partition}:ssm:*:*:parameter\
                     /aws/service/global-infrastructure/services/*")],
                "AWS's public list of what its regions offer, which some regions have for all",
            ),
            Self::Local => {
                Statement::allow_pattern(READ, vec![literal("*")], WHY).suppress("CKV_AWS_108", WHY)
            }
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

    /// Where the console reads the users' directory, if Amplify does not know it.
    /// The emulator has one address for everything, the broker's.
    #[must_use]
    pub fn user_pool_endpoint(self, broker: &Broker) -> Option<ExpString> {
        match self {
            Self::Aws => None,
            Self::Local => Some(sub(format!("http://{}/", broker.address_in_pattern()))),
        }
    }

    /// The origins of the users' directory and of the broker, in patterns of
    /// `Fn::Sub`, for the console's content security policy.
    #[must_use]
    pub fn console_peers(self, broker: &Broker) -> [String; 2] {
        let address = broker.address_in_pattern();
        let users = match self {
            Self::Aws => "https://cognito-idp.${AWS::Region}.${AWS::URLSuffix}".to_owned(),
            Self::Local => format!("http://{address}"),
        };
        [users, format!("{}://{address}", self.web_socket())]
    }

    /// Address of the console. The emulator's CloudFront is at a name of its own
    /// under `.localhost`, which browsers and curl know.
    #[must_use]
    pub fn console_url(self, distribution: &str, broker: &Broker) -> Value {
        match self {
            Self::Aws => json!(sub(format!("https://${{{distribution}.DomainName}}/"))),
            Self::Local => {
                let domain = attribute(distribution, "DomainName");
                let label = json!({ "Fn::Select": [0, { "Fn::Split": [".", domain] }] });
                let rest = sub(format!(".cloudfront.{}/", broker.address_in_pattern()));
                json!({ "Fn::Join": ["", ["http://", label, rest]] })
            }
        }
    }

    /// How browsers may ask CloudFront for pages, and for the API: a redirection
    /// would come after the token was sent. The emulator has no TLS.
    #[must_use]
    pub fn viewer_protocols(self) -> [&'static str; 2] {
        match self {
            Self::Aws => ["redirect-to-https", "https-only"],
            Self::Local => ["allow-all", "allow-all"],
        }
    }

    /// Where CloudFront finds an HTTP API. The emulator's reaches no name of AWS
    /// and none under `.localhost`, so locally it is the emulator's path for it.
    #[must_use]
    pub fn api_origin(self, api: &str, broker: &Broker) -> Value {
        match self {
            Self::Aws => json!({
                "DomainName":
                    sub(format!("${{{api}}}.execute-api.${{AWS::Region}}.${{AWS::URLSuffix}}")),
                "CustomOriginConfig": {
                    "OriginProtocolPolicy": "https-only",
                    "OriginSSLProtocols": ["TLSv1.2"],
                },
            }),
            Self::Local => json!({
                "DomainName": "localhost",
                "OriginPath": sub(format!("/_aws/execute-api/${{{api}}}")),
                "CustomOriginConfig": {
                    "OriginProtocolPolicy": "http-only",
                    "HTTPPort": { "Fn::Select": [1, { "Fn::Split": [":", broker.address()] }] },
                },
            }),
        }
    }

    /// Says why a distribution of the emulator does without TLS.
    pub fn explain_plain_http(self, distribution: &mut Resource) {
        const WHY: &str = "the emulator serves plain HTTP on the loopback device only";
        if self == Self::Local {
            for rule in [
                "cloudfront_traffic_to_origin_encrypted_check",
                "cloudfront_viewer_policy_https_check",
                "CKV_AWS_34",
            ] {
                distribution.suppress(rule, WHY);
            }
        }
    }
}
