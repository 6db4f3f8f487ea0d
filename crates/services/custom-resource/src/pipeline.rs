//! What the function makes in the pipeline's stack, which has no Settings table.

use std::collections::BTreeMap;

use adapters::{CloudFormationStack, CodeCommitFile, LambdaSuccessor};
use aws_types::SdkConfig;
use contract::{env, manifest, resource};
use runtime::env::{Missing, optional, required};

use crate::maker::Maker;
use crate::manifest_commit::{BRANCH, CommitManifest};
use crate::solution_stack::{DeleteStack, PATIENCE, PAUSE};

/// `REPOSITORY`, `SOLUTION_STACK`, and Lambda's own `AWS_LAMBDA_FUNCTION_NAME`.
#[derive(Debug)]
pub(crate) struct Config {
    repository: String,
    solution_stack: String,
    function: String,
}

impl Config {
    /// `None` in the solution's stack, where there is no repository.
    pub(crate) fn from_env() -> Result<Option<Self>, Missing> {
        let Some(repository) = optional(env::REPOSITORY) else {
            return Ok(None);
        };
        Ok(Some(Self {
            repository,
            solution_stack: required(env::SOLUTION_STACK)?,
            function: required("AWS_LAMBDA_FUNCTION_NAME")?,
        }))
    }
}

pub(crate) fn makers(sdk: &SdkConfig, config: Config) -> BTreeMap<&'static str, Box<dyn Maker>> {
    let codecommit = aws_sdk_codecommit::Client::new(sdk);
    let cloudformation = aws_sdk_cloudformation::Client::new(sdk);
    let lambda = aws_sdk_lambda::Client::new(sdk);
    let file = CodeCommitFile::new(codecommit, config.repository, BRANCH, manifest::FILE);
    let solution = DeleteStack {
        stack: CloudFormationStack::new(cloudformation, config.solution_stack),
        successor: LambdaSuccessor::new(lambda, config.function),
        pause: PAUSE,
        patience: PATIENCE,
    };
    BTreeMap::from([
        (
            resource::MANIFEST_COMMIT,
            Box::new(CommitManifest(file)) as Box<dyn Maker>,
        ),
        (resource::SOLUTION_STACK, Box::new(solution)),
    ])
}
