//! A Lambda function with its role, its log group and the rights it uses.

use std::collections::BTreeMap;

use stratosphere::services::aws::iam;
use stratosphere::services::aws::lambda;
use stratosphere::services::aws::lambda::{eventinvokeconfig, function};
use stratosphere::services::aws::logs;
use stratosphere::value::{AWS_ACCOUNT_ID, ExpString};

use crate::policy::{self, Statement};
use crate::queue::Queue;
use crate::stack::{Resource, Stack};
use crate::value::{arn, literal, named, reference, sub};

/// A year: as long as events are kept, and what security audits ask for.
const LOG_RETENTION_DAYS: i32 = 365;

/// MB. The CPU share grows with it; a function uses under 15 MB itself.
pub(crate) const MEMORY: i32 = 256;

/// Attempts after the first of an asynchronous invocation, before the event
/// goes to the failure destination; Lambda's own maximum.
const RETRIES: i32 = 2;

const NO_VPC: &str = "it only calls public endpoints of AWS, and nothing can connect to it; a VPC \
     would add the cost of its endpoints and protect nothing";

const NO_KEY: &str = "CloudWatch encrypts every log group; a key of one's own costs a monthly fee, \
     and the logs hold no secrets";

/// A function while its environment and rights are put together.
#[derive(Debug)]
pub struct Function {
    id: &'static str,
    service: &'static str,
    description: &'static str,
    timeout: i32,
    environment: BTreeMap<&'static str, ExpString>,
    statements: Vec<Statement>,
    failures: Option<Queue>,
}

impl Function {
    /// A function that runs the binary of `service`, for at most `timeout`
    /// seconds an invocation.
    #[must_use]
    pub fn new(
        id: &'static str,
        service: &'static str,
        description: &'static str,
        timeout: i32,
    ) -> Self {
        Self {
            id,
            service,
            description,
            timeout,
            environment: BTreeMap::new(),
            statements: Vec::new(),
            failures: None,
        }
    }

    /// Sets an environment variable, one of [`contract::env`].
    pub fn env(&mut self, name: &'static str, value: ExpString) {
        self.environment.insert(name, value);
    }

    /// Adds to what its role allows.
    pub fn grant(&mut self, statement: Statement) {
        self.statements.push(statement);
    }

    /// For a function that is invoked asynchronously: an event that fails
    /// every attempt goes to `queue`.
    pub fn fail_to(&mut self, queue: Queue) {
        queue.grant_send(self);
        self.failures = Some(queue);
    }

    /// Folder, package and binary that it runs.
    #[must_use]
    pub fn service(&self) -> &'static str {
        self.service
    }

    /// Its name, `{stack name}-{service}`.
    #[must_use]
    pub fn name(&self) -> ExpString {
        reference(self.id)
    }

    /// Its ARN.
    #[must_use]
    pub fn arn(&self) -> ExpString {
        arn(self.id)
    }

    /// Logical id of its role.
    #[must_use]
    pub fn role(&self) -> String {
        format!("{}Role", self.id)
    }

    /// Logical id of its failure destination.
    #[must_use]
    pub fn failures(&self) -> String {
        format!("{}Failures", self.id)
    }

    /// Lets another function invoke this one.
    pub fn grant_invoke(&self, caller: &mut Self) {
        caller.grant(Statement::allow(&["lambda:InvokeFunction"], self.arn()));
    }

    /// Lets an AWS service invoke the function, on behalf of one resource, which
    /// `caller` names.
    ///
    /// Logical id: `{id}{caller}Permission`.
    pub fn allow_service<'a>(
        &self,
        stack: &'a mut Stack,
        caller: &str,
        service: &str,
        source: ExpString,
    ) -> &'a mut Resource {
        stack.add(
            format!("{}{caller}Permission", self.id),
            &lambda::Permission! {
                action: "lambda:InvokeFunction",
                function_name: self.arn(),
                principal: service,
                source_account: AWS_ACCOUNT_ID,
                source_arn: source,
            },
        )
    }

    /// Defines everything the function consists of.
    ///
    /// Logical ids: `{id}`, `{id}Role`, `{id}Logs` and, with a failure
    /// destination, `{id}Failures`. Renaming one replaces the resource.
    pub fn define(&self, stack: &mut Stack) {
        self.define_logs(stack);
        self.define_role(stack);
        let target = stack.target();
        let mut properties = lambda::Function! {
            function_name: named(self.service),
            description: self.description,
            runtime: "provided.al2023",
            handler: "bootstrap",
            architectures: vec![target.architecture.name().into()],
            code: function::Code! {
                s3_bucket: target.code.bucket(),
                s3_key: target.code.object(&target.code.key(self.service)),
            },
            memory_size: MEMORY,
            timeout: self.timeout,
            role: arn(&self.role()),
            environment: function::Environment! { variables: self.variables() },
            logging_config: function::LoggingConfig! {
                log_format: "JSON",
                log_group: reference(&self.logs()),
            },
        };
        if stack.traces_functions() {
            properties.tracing_config = Some(function::TracingConfig! { mode: "Active" });
        }
        stack
            .add(self.id, &properties)
            .suppress("lambda_inside_vpc_check", NO_VPC)
            .suppress("CKV_AWS_117", NO_VPC)
            .suppress(
                "CKV_AWS_115",
                "a share of its own would be taken from the account's other functions; an alarm \
                 tells when all of them together meet the limit",
            )
            .suppress(
                "CKV_AWS_116",
                "what is invoked asynchronously has a failure destination, which says more than a \
                 dead-letter queue; whoever waits for the answer learns of a failure itself",
            )
            .suppress(
                "CKV_AWS_173",
                "the environment names tables, queues and topics and holds no secret; Lambda \
                 encrypts it all the same",
            );
        if let Some(queue) = self.failures {
            self.define_failures(stack, queue);
        }
    }

    fn define_logs(&self, stack: &mut Stack) {
        let name = sub(format!("/aws/lambda/${{AWS::StackName}}-{}", self.service));
        define_log_group(stack, &self.logs(), name);
    }

    fn define_role(&self, stack: &mut Stack) {
        let logs = Statement::allow(
            &["logs:CreateLogStream", "logs:PutLogEvents"],
            arn(&self.logs()),
        );
        let traces = stack.traces_functions().then(send_traces);
        let statements: Vec<_> = [logs]
            .into_iter()
            .chain(traces)
            .chain(self.statements.clone())
            .collect();
        define_role(
            stack,
            &self.role(),
            policy::trust("lambda.amazonaws.com", None),
            &statements,
        );
    }

    fn define_failures(&self, stack: &mut Stack, queue: Queue) {
        stack.add(
            self.failures(),
            &lambda::EventInvokeConfig! {
                function_name: self.name(),
                qualifier: "$LATEST",
                maximum_retry_attempts: RETRIES,
                destination_config: eventinvokeconfig::DestinationConfig! {
                    on_failure: eventinvokeconfig::OnFailure! { destination: queue.arn() },
                },
            },
        );
    }

    fn variables(&self) -> BTreeMap<String, ExpString> {
        self.environment
            .iter()
            .map(|(name, value)| ((*name).to_owned(), value.clone()))
            .collect()
    }

    fn logs(&self) -> String {
        format!("{}Logs", self.id)
    }
}

/// Defines a role with one inline policy, so that whoever assumes it has its
/// rights from the first moment.
pub fn define_role(
    stack: &mut Stack,
    id: &str,
    trust: serde_json::Value,
    statements: &[Statement],
) {
    let role = stack.add(
        id,
        &iam::Role! {
            assume_role_policy_document: trust,
            policies: vec![iam::role::Policy! {
                policy_name: "Rights",
                policy_document: policy::document(statements),
            }],
        },
    );
    policy::explain(role, statements);
}

/// What Lambda does in the name of a function that it traces.
fn send_traces() -> Statement {
    Statement::allow_pattern(
        &["xray:PutTelemetryRecords", "xray:PutTraceSegments"],
        vec![literal("*")],
        "X-Ray has nothing that could be named in a policy for these calls",
    )
}

/// Defines a log group that goes with what writes to it. It has a name, so a
/// kept one would be in the way when the component is switched on again.
pub fn define_log_group(stack: &mut Stack, id: &str, name: ExpString) {
    stack
        .add(
            id,
            &logs::LogGroup! { log_group_name: name, retention_in_days: LOG_RETENTION_DAYS },
        )
        .dispose()
        .suppress("cloudwatch_log_group_encrypted_check", NO_KEY)
        .suppress("CKV_AWS_158", NO_KEY);
}
