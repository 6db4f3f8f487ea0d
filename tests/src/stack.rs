//! The deployed stack.

use std::path::PathBuf;

use anyhow::{Context, Result, bail};
use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_smithy_http_client::Builder;
use aws_smithy_http_client::tls::{Provider, rustls_provider::CryptoMode};
use contract::output;
use serde_json::{Map, Value};

/// A deployed stack, and clients with the operator's credentials.
///
/// The environment says which one; `scripts/test e2e` sets it:
///
/// | variable | |
/// |---|---|
/// | `AWS_ENDPOINT_URL` | address of the local cloud |
/// | `AWS_ACCESS_KEY_ID`, `AWS_SECRET_ACCESS_KEY`, `AWS_REGION` | its operator |
/// | `E2E_STACK` | name of the stack |
/// | `E2E_OUTPUTS` | file that `cdk deploy --outputs-file` wrote |
/// | `E2E_MQTT_PORT` | port of the device listener on `localhost` |
/// | `E2E_STATE_DIR` | folder that holds `root-ca.pem`, the listener's root |
/// | `SIMULATOR` | the simulator's binary |
#[derive(Clone, Debug)]
pub struct Stack {
    /// Its name, with which the names of all its resources begin.
    pub name: String,
    /// Port of the device listener.
    pub mqtt_port: u16,
    /// Root certificate of the device listener.
    pub root_ca: PathBuf,
    /// Address of the AWS API.
    pub endpoint: String,
    /// The simulator's binary.
    pub simulator: PathBuf,
    /// Client of the dataset.
    pub athena: aws_sdk_athena::Client,
    /// Client of the user pool.
    pub cognito: aws_sdk_cognitoidentityprovider::Client,
    /// Client of the tables.
    pub dynamo: aws_sdk_dynamodb::Client,
    /// Client of roles.
    pub iam: aws_sdk_iam::Client,
    /// Client of things and certificates.
    pub iot: aws_sdk_iot::Client,
    /// Client of the broker.
    pub iot_data: aws_sdk_iotdataplane::Client,
    /// Client of the functions.
    pub lambda: aws_sdk_lambda::Client,
    /// Client of the console's bucket.
    pub s3: aws_sdk_s3::Client,
    /// Client of the alert topic.
    pub sns: aws_sdk_sns::Client,
    /// Client of the queues.
    pub sqs: aws_sdk_sqs::Client,
    /// Client of the API.
    pub http: reqwest::Client,
    outputs: Map<String, Value>,
}

impl Stack {
    /// Finds the stack that the environment names.
    ///
    /// # Errors
    ///
    /// When the environment names none, and when its outputs are not there.
    pub async fn connect() -> Result<Self> {
        let name = variable("E2E_STACK")?;
        let outputs = variable("E2E_OUTPUTS")?;
        let text = std::fs::read_to_string(&outputs).with_context(|| {
            format!("`{outputs}` has no outputs of a stack: deploy it by `scripts/test e2e`")
        })?;
        let mut all: Value = serde_json::from_str(&text)?;
        let Value::Object(outputs) = all[&name].take() else {
            bail!("the outputs file holds no stack `{name}`: deploy it by `scripts/test e2e`");
        };
        Self::of(&name, outputs, &variable("AWS_REGION")?).await
    }

    /// A stack of this name and these outputs, in the account and the local cloud
    /// that the environment names.
    ///
    /// # Errors
    ///
    /// When the environment names none.
    pub async fn of(name: &str, outputs: Map<String, Value>, region: &str) -> Result<Self> {
        let sdk = sdk_config(region).await;
        Ok(Self {
            mqtt_port: variable("E2E_MQTT_PORT")?
                .parse()
                .context("E2E_MQTT_PORT is a port")?,
            root_ca: PathBuf::from(variable("E2E_STATE_DIR")?).join("root-ca.pem"),
            endpoint: variable("AWS_ENDPOINT_URL")?,
            simulator: variable("SIMULATOR")?.into(),
            athena: aws_sdk_athena::Client::new(&sdk),
            cognito: aws_sdk_cognitoidentityprovider::Client::new(&sdk),
            dynamo: aws_sdk_dynamodb::Client::new(&sdk),
            iam: aws_sdk_iam::Client::new(&sdk),
            iot: aws_sdk_iot::Client::new(&sdk),
            iot_data: aws_sdk_iotdataplane::Client::new(&sdk),
            lambda: aws_sdk_lambda::Client::new(&sdk),
            s3: aws_sdk_s3::Client::new(&sdk),
            sns: aws_sdk_sns::Client::new(&sdk),
            sqs: aws_sdk_sqs::Client::new(&sdk),
            http: reqwest::Client::new(),
            name: name.to_owned(),
            outputs,
        })
    }

    /// An output, by its name in `contract::output`.
    ///
    /// # Panics
    ///
    /// When the stack has no such output.
    #[must_use]
    pub fn output(&self, name: &str) -> &str {
        match self.outputs.get(name).and_then(Value::as_str) {
            Some(value) => value,
            None => panic!("the stack `{}` has no output `{name}`", self.name),
        }
    }

    /// Name of a table, by its logical id in `contract::table`.
    #[must_use]
    pub fn table(&self, logical_id: &str) -> String {
        format!("{}-{logical_id}", self.name)
    }

    /// Address of the API.
    #[must_use]
    pub fn api_url(&self) -> &str {
        self.output(output::API_URL).trim_end_matches('/')
    }
}

/// The operator's configuration, from the environment.
async fn sdk_config(region: &str) -> SdkConfig {
    let tls = Provider::Rustls(CryptoMode::Ring);
    aws_config::defaults(BehaviorVersion::latest())
        .region(Region::new(region.to_owned()))
        .http_client(Builder::new().tls_provider(tls).build_https())
        .load()
        .await
}

/// A variable of the environment.
///
/// # Errors
///
/// When it is not set.
#[expect(
    clippy::disallowed_methods,
    reason = "the tests read their environment here and nowhere else"
)]
pub fn variable(name: &str) -> Result<String> {
    std::env::var(name).with_context(|| {
        format!("{name} is not set: run this by `scripts/test e2e` or `scripts/bench`, which start and deploy what it needs")
    })
}
