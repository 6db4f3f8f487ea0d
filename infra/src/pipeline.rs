//! The pipeline's stack: each commit to its repository is tested, built and
//! deployed as the solution's stack.
//!
//! Its template is also what others launch from the CloudFormation console, so it
//! takes by parameters what the solution takes by the manifest, and commits it.

mod boundary;
mod buckets;
mod builds;
mod deployer;
mod helper;
mod parameters;
mod repository;
mod stages;

use contract::output;
use serde_json::json;

use crate::custom_resource;
use crate::stack::Stack;
use crate::target::{PUBLISHED, Target};
use crate::value::{reference, sub};

pub use deployer::makes;

use self::buckets::Bucket;
use self::builds::Build;
use self::helper::Helper;
use self::parameters::Parameters;
use self::repository::Repository;

/// The binary it needs.
pub const SERVICES: &[&str] = custom_resource::SERVICES;

/// Name of its stack, unless somebody launches it under another.
pub const STACK: &str = "SmartProductPipelineStack";

/// Name of the stack that it deploys: fixed, because policies name what carries it.
pub const SOLUTION: &str = "SmartProductSolutionStack";

/// What is put into the repository and the function, apart from the target.
#[derive(Clone, Debug)]
pub struct PipelineProps<'a> {
    /// Key of the zip with the source, beside the binaries.
    pub source: &'a str,
    /// For [`crate::target::Store::Published`]: the buckets' common name, and the keys' prefix.
    pub published: Option<(&'a str, &'a str)>,
}

/// Puts the stack together.
#[must_use]
pub fn define(target: Target, props: &PipelineProps<'_>) -> Stack {
    let mut stack = Stack::new(target, "Smart product pipeline".to_owned());
    define_mapping(&mut stack, props);
    let parameters = Parameters::define(&mut stack);
    let repository = Repository::define(&mut stack, &parameters, props.source);
    let artifacts = Bucket::define_artifacts(&mut stack);
    let outputs = Bucket::define_outputs(&mut stack);

    let helper = Helper::define(&mut stack, repository);
    let manifest = helper.commit_manifest(&mut stack, &parameters);
    let boundary = boundary::define(&mut stack);
    let deployer = deployer::define(&mut stack, outputs, &boundary);
    let solution = helper.delete_solution_first(&mut stack, deployer);

    let build = Build::define_build(&mut stack, artifacts);
    let deploy = Build::define_deploy(&mut stack, artifacts, outputs, deployer, &boundary);
    let pipeline = stages::define(&mut stack, repository, artifacts, [&build, &deploy]);
    pipeline.start_on_commit(&mut stack, repository);
    // The first execution finds the manifest as the parameters want it.
    stack.resource(stages::PIPELINE).after(manifest);
    // When the solution is deleted, nothing is left that would create it again.
    stack.resource(stages::PIPELINE).after(solution);
    stack.resource(&deploy.role()).after(solution);

    stack.output(
        output::REPOSITORY_URL,
        "Where to push commits to",
        json!(repository.url()),
    );
    stack.output(
        output::PIPELINE_NAME,
        "Name of the pipeline",
        json!(reference(stages::PIPELINE)),
    );
    stack.output(
        output::PIPELINE_URL,
        "What the pipeline is doing, in the AWS console",
        json!(sub(format!(
            "https://${{AWS::Region}}.console.aws.amazon.com/codesuite/codepipeline/pipelines/${{{}}}/view",
            stages::PIPELINE
        ))),
    );
    stack
}

/// What somebody may change in the template before launching it.
fn define_mapping(stack: &mut Stack, props: &PipelineProps<'_>) {
    let mut mapping = json!({ "Data": { parameters::SEND_ANONYMOUS_USAGE: "No" } });
    if let Some((bucket, prefix)) = props.published {
        mapping[PUBLISHED.1] = json!({ "Bucket": bucket, "Prefix": prefix });
    }
    stack.mapping(PUBLISHED.0, mapping);
}
