//! From a commit to a deployed stack: source, build, deploy.

use serde_json::{Value, json};
use stratosphere::services::aws::codepipeline;
use stratosphere::services::aws::codepipeline::pipeline;
use stratosphere::services::aws::events;
use stratosphere::services::aws::events::rule;
use stratosphere::value::ExpString;

use super::buckets::Bucket;
use super::builds::Build;
use super::repository::{BRANCH, Repository};
use crate::function::define_role;
use crate::policy::{self, Statement};
use crate::stack::Stack;
use crate::value::{arn, arn_of, named};

/// Logical id of the pipeline.
pub(super) const PIPELINE: &str = "Pipeline";

const ROLE: &str = "PipelineRole";
const RULE: &str = "CommitRule";
const RULE_ROLE: &str = "CommitRuleRole";

/// What one stage hands to the next.
const SOURCE: &str = "Source";
const BUILT: &str = "Built";

/// The defined pipeline.
#[derive(Clone, Copy, Debug)]
pub(super) struct Pipeline(());

/// Defines the pipeline. While one commit is deployed the next one waits, and of
/// several that wait the last one wins.
///
/// Logical ids: `Pipeline`, `PipelineRole`.
pub(super) fn define(
    stack: &mut Stack,
    repository: Repository,
    artifacts: Bucket,
    [build, deploy]: [&Build; 2],
) -> Pipeline {
    let start = |build: &Build| {
        Statement::allow(
            &["codebuild:BatchGetBuilds", "codebuild:StartBuild"],
            build.arn(),
        )
    };
    let statements: Vec<_> = artifacts
        .hand_on()
        .into_iter()
        .chain([repository.fetch(), start(build), start(deploy)])
        .collect();
    let trust = policy::trust(
        "codepipeline.amazonaws.com",
        Some(policy::from_this_account()),
    );
    define_role(stack, ROLE, trust, &statements);
    let source = json!({
        "RepositoryName": repository.name(),
        "BranchName": BRANCH,
        // An event tells of a commit.
        "PollForSourceChanges": false,
        "OutputArtifactFormat": "CODE_ZIP",
    });
    stack.add(
        PIPELINE,
        &codepipeline::Pipeline! {
            name: stratosphere::value::AWS_STACK_NAME,
            pipeline_type: "V2",
            execution_mode: "SUPERSEDED",
            role_arn: arn(ROLE),
            artifact_store: pipeline::ArtifactStore! { r#type: "S3", location: artifacts.name() },
            stages: vec![
                stage("Source", "CodeCommit", source, [None, Some(SOURCE)]),
                stage("Build", "CodeBuild", project(build), [Some(SOURCE), Some(BUILT)]),
                stage("Deploy", "CodeBuild", project(deploy), [Some(BUILT), None]),
            ],
        },
    );
    Pipeline(())
}

fn project(build: &Build) -> Value {
    json!({ "ProjectName": build.name() })
}

/// A stage of one action, which takes one artifact and leaves another.
fn stage(
    name: &'static str,
    provider: &'static str,
    configuration: Value,
    [input, output]: [Option<&'static str>; 2],
) -> pipeline::StageDeclaration_ {
    let category = if input.is_none() { "Source" } else { "Build" };
    let mut action = pipeline::ActionDeclaration! {
        name: name,
        action_type_id: pipeline::ActionTypeId! {
            category: category,
            owner: "AWS",
            provider: provider,
            version: "1",
        },
        configuration: configuration,
    };
    action.input_artifacts = input.map(|name| vec![pipeline::InputArtifact! { name: name }]);
    action.output_artifacts = output.map(|name| vec![pipeline::OutputArtifact! { name: name }]);
    pipeline::StageDeclaration! { name: name, actions: vec![action] }
}

impl Pipeline {
    /// Starts it for each commit to its branch.
    ///
    /// Logical ids: `CommitRule`, `CommitRuleRole`.
    pub(super) fn start_on_commit(self, stack: &mut Stack, repository: Repository) {
        let trust = policy::trust("events.amazonaws.com", Some(policy::from_this_account()));
        let start = Statement::allow(&["codepipeline:StartPipelineExecution"], self.arn());
        define_role(stack, RULE_ROLE, trust, &[start]);
        stack.add(
            RULE,
            &events::Rule! {
                name: named("commit"),
                description: "A commit starts the pipeline",
                state: "ENABLED",
                event_pattern: json!({
                    "source": ["aws.codecommit"],
                    "detail-type": ["CodeCommit Repository State Change"],
                    "resources": [repository.arn()],
                    "detail": {
                        "event": ["referenceCreated", "referenceUpdated"],
                        "referenceType": ["branch"],
                        "referenceName": [BRANCH],
                    },
                }),
                targets: vec![rule::Target! {
                    id: "Pipeline",
                    arn: self.arn(),
                    role_arn: arn(RULE_ROLE),
                }],
            },
        );
    }

    fn arn(self) -> ExpString {
        arn_of("codepipeline", &format!("${{{PIPELINE}}}"))
    }
}
