//! The helper of the pipeline's stack: the same binary as the solution's, with
//! other kinds of resources.

use contract::{env, resource};
use serde_json::{Value, json};

use super::SOLUTION;
use super::deployer::Deployer;
use super::parameters::Parameters;
use super::repository::Repository;
use crate::custom_resource::SERVICES;
use crate::function::Function;
use crate::policy::Statement;
use crate::stack::Stack;
use crate::value::{arn_of, literal};

/// Seconds of one invocation, Lambda's most: deleting the solution is waited for,
/// and what is left after that is handed over to the next invocation.
const TIMEOUT: i32 = 900;

/// Seconds until CloudFormation takes a commit for failed that is not answered.
const COMMIT_TIMEOUT: i32 = 300;

/// The same for the deletion of the solution: CloudFormation's most.
const DELETION_TIMEOUT: i32 = 3600;

/// The function that makes them.
#[derive(Debug)]
pub(super) struct Helper(Function);

impl Helper {
    /// Defines it. It gets no failure destination, for the same reasons as the
    /// solution's.
    ///
    /// Logical ids: `CustomResourceService…`.
    pub(super) fn define(stack: &mut Stack, repository: Repository) -> Self {
        let mut helper = Function::new(
            "CustomResourceService",
            SERVICES[0],
            "Commits the manifest, and deletes the solution before the pipeline",
            TIMEOUT,
        );
        helper.env(env::REPOSITORY, repository.name());
        helper.env(env::SOLUTION_STACK, literal(SOLUTION));
        helper.grant(repository.change_a_file());
        helper.grant(Statement::allow_pattern(
            &[
                "cloudformation:DeleteStack",
                "cloudformation:DescribeStacks",
            ],
            vec![arn_of("cloudformation", &format!("stack/{SOLUTION}/*"))],
            "the last part of a stack's ARN is drawn when it is created",
        ));
        // By name, as the function refers to the role.
        let itself = format!("function:${{AWS::StackName}}-{}", SERVICES[0]);
        helper.grant(Statement::allow(
            &["lambda:InvokeFunction"],
            arn_of("lambda", &itself),
        ));
        helper.define(stack);
        Self(helper)
    }

    /// Keeps the manifest in the repository as the parameters want it.
    ///
    /// Logical id, and what is returned: `Manifest`.
    pub(super) fn commit_manifest(
        &self,
        stack: &mut Stack,
        parameters: &Parameters,
    ) -> &'static str {
        let wanted = parameters.manifest().into_iter();
        let wanted = wanted.map(|(key, value)| (key, json!(value)));
        self.make(
            stack,
            "Manifest",
            resource::MANIFEST_COMMIT,
            COMMIT_TIMEOUT,
            wanted.collect(),
        );
        "Manifest"
    }

    /// Deletes the solution's stack when this one is deleted, while the role by
    /// which CloudFormation does that is still there. A stack of that name which was
    /// not made by this role is another's, and stays.
    ///
    /// Logical id, and what is returned: `Solution`.
    pub(super) fn delete_solution_first(
        &self,
        stack: &mut Stack,
        deployer: Deployer,
    ) -> &'static str {
        self.make(
            stack,
            "Solution",
            resource::SOLUTION_STACK,
            DELETION_TIMEOUT,
            vec![("Role", json!(deployer.arn()))],
        );
        for id in deployer.policies() {
            stack.resource("Solution").after(id);
        }
        "Solution"
    }

    fn make(
        &self,
        stack: &mut Stack,
        logical_id: &str,
        kind: &str,
        timeout: i32,
        wanted: Vec<(&str, Value)>,
    ) {
        let properties = [
            ("ServiceToken", json!(self.0.arn())),
            ("ServiceTimeout", json!(timeout)),
        ];
        let properties = properties.into_iter().chain(wanted);
        let properties = properties.map(|(name, value)| (name.to_owned(), value));
        stack.add_custom(logical_id, kind, properties.collect());
    }
}
