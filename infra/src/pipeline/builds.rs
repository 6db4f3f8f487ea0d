//! The two builds. What they do is in the source, `pipeline/buildspec-*.yml`.

use stratosphere::services::aws::codebuild;
use stratosphere::services::aws::codebuild::project;
use stratosphere::value::ExpString;

use super::SOLUTION;
use super::boundary::Boundary;
use super::buckets::{Bucket, CACHE};
use super::deployer::Deployer;
use crate::function::{define_log_group, define_role};
use crate::policy::{self, Statement};
use crate::stack::Stack;
use crate::value::{arn, literal, named, reference, sub};

/// Functions run on arm64, and are built on it.
const MACHINES: &str = "ARM_CONTAINER";
const IMAGE: &str = "aws/codebuild/amazonlinux-aarch64-standard:3.0";

/// A project of `CodeBuild`.
#[derive(Debug)]
pub(super) struct Build {
    id: &'static str,
    /// What follows the stack's name in its name.
    name: &'static str,
    description: &'static str,
    /// More processors compile faster; deploying is waiting.
    size: &'static str,
    minutes: i32,
    environment: Vec<(&'static str, ExpString)>,
}

impl Build {
    /// Tests, and makes what is deployed.
    ///
    /// Logical ids: `Build`, `BuildRole`, `BuildLogs`.
    pub(super) fn define_build(stack: &mut Stack, artifacts: Bucket) -> Self {
        let build = Self {
            id: "Build",
            name: "build",
            description: "Tests the source and builds what is deployed",
            size: "BUILD_GENERAL1_LARGE",
            minutes: 90,
            environment: Vec::new(),
        };
        build.define(stack, artifacts, Vec::new());
        build
    }

    /// Deploys what the build has made.
    ///
    /// Logical ids: `Deploy`, `DeployRole`, `DeployLogs`.
    pub(super) fn define_deploy(
        stack: &mut Stack,
        artifacts: Bucket,
        outputs: Bucket,
        deployer: Deployer,
        boundary: &Boundary,
    ) -> Self {
        let deploy = Self {
            id: "Deploy",
            name: "deploy",
            description: "Checks the template and deploys it",
            size: "BUILD_GENERAL1_SMALL",
            minutes: 60,
            environment: vec![
                ("STACK", literal(SOLUTION)),
                ("ASSETS_BUCKET", outputs.name()),
                ("CLOUDFORMATION_ROLE", deployer.arn()),
                ("PERMISSIONS_BOUNDARY", boundary.arn()),
            ],
        };
        let rights = outputs.publish().into_iter().chain(deployer.deploy());
        deploy.define(stack, artifacts, rights.collect());
        deploy
    }

    /// Its name.
    pub(super) fn name(&self) -> ExpString {
        reference(self.id)
    }

    /// Its ARN.
    pub(super) fn arn(&self) -> ExpString {
        arn(self.id)
    }

    /// Logical id of its role.
    pub(super) fn role(&self) -> String {
        format!("{}Role", self.id)
    }

    fn logs(&self) -> String {
        format!("{}Logs", self.id)
    }

    fn define(&self, stack: &mut Stack, artifacts: Bucket, rights: Vec<Statement>) {
        let name = sub(format!("/aws/codebuild/${{AWS::StackName}}-{}", self.name));
        define_log_group(stack, &self.logs(), name);
        self.define_role(stack, artifacts, rights);
        let properties = codebuild::Project! {
            name: named(self.name),
            description: self.description,
            service_role: arn(&self.role()),
            artifacts: project::Artifacts! { r#type: "CODEPIPELINE" },
            source: project::Source! {
                r#type: "CODEPIPELINE",
                build_spec: literal(format!("pipeline/buildspec-{}.yml", self.name)),
            },
            environment: project::Environment! {
                r#type: MACHINES,
                compute_type: self.size,
                image: IMAGE,
                environment_variables: self.variables(),
            },
            cache: project::ProjectCache! {
                r#type: "S3",
                location: sub(format!("${{{}}}/{CACHE}/{}", artifacts.id(), self.name)),
            },
            logs_config: project::LogsConfig! {
                cloud_watch_logs: project::CloudWatchLogsConfig! {
                    status: "ENABLED",
                    group_name: reference(&self.logs()),
                },
            },
            timeout_in_minutes: self.minutes,
            queued_timeout_in_minutes: 60,
        };
        stack.add(self.id, &properties);
    }

    fn define_role(&self, stack: &mut Stack, artifacts: Bucket, rights: Vec<Statement>) {
        let logs = Statement::allow(
            &["logs:CreateLogStream", "logs:PutLogEvents"],
            arn(&self.logs()),
        );
        let statements: Vec<_> = [logs]
            .into_iter()
            .chain(artifacts.hand_on())
            .chain(rights)
            .collect();
        let trust = policy::trust("codebuild.amazonaws.com", Some(policy::from_this_account()));
        define_role(stack, &self.role(), trust, &statements);
    }

    fn variables(&self) -> Vec<project::EnvironmentVariable_> {
        let variable = |(name, value): &(&'static str, ExpString)| {
            let (name, value) = (literal(*name), value.clone());
            project::EnvironmentVariable! { name: name, r#type: "PLAINTEXT", value: value }
        };
        self.environment.iter().map(variable).collect()
    }
}
