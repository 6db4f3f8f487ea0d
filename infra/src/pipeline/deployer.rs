//! The role by which CloudFormation makes the solution: the types of resources in
//! its template, under names that begin with its stack's, and nothing else.

use serde_json::json;
use stratosphere::services::aws::iam;
use stratosphere::value::ExpString;

use super::SOLUTION;
use super::boundary::Boundary;
use super::buckets::Bucket;
use crate::policy::{self, Statement};
use crate::stack::Stack;
use crate::value::{arn, reference, sub};

mod rights;

use self::rights::{BOUNDED, PASSED_TO, RIGHTS, Right};

const ROLE: &str = "CloudFormationRole";

/// Its policies: one would be longer than IAM's 6,144 characters.
const POLICIES: [&str; 2] = ["CloudFormationRights", "CloudFormationMoreRights"];

/// What parliament finds in each of them.
const SUPPRESSED: &[(&str, &str, &str)] = &[
    (POLICIES[0], "PERMISSIONS_MANAGEMENT_ACTIONS", MAKES_IT),
    (POLICIES[0], "PRIVILEGE_ESCALATION", WITHIN_THE_BOUNDARY),
    (POLICIES[1], "CREDENTIALS_EXPOSURE", MAKES_IT),
    (POLICIES[1], "PERMISSIONS_MANAGEMENT_ACTIONS", MAKES_IT),
    (
        POLICIES[1],
        "RESOURCE_MISMATCH",
        "the calls are made for work groups, which are named; the solution has none of Athena's other resources",
    ),
    (
        POLICIES[1],
        "RESOURCE_POLICY_PRIVILEGE_ESCALATION",
        "it makes the buckets of the solution, with their policies, and is not to read what is in them",
    ),
];
const MAKES_IT: &str = "it makes the solution, with the policies of its resources; CloudFormation alone has this role, \
                        for the one stack";
const WITHIN_THE_BOUNDARY: &str =
    "each role that it makes or changes has the boundary, which gives no rights over rights";

/// The defined role.
#[derive(Clone, Copy, Debug)]
pub(super) struct Deployer(());

impl Deployer {
    /// Its ARN.
    pub(super) fn arn(self) -> ExpString {
        arn(ROLE)
    }

    /// Logical ids of its policies: who only refers to it may find it without them.
    pub(super) fn policies(self) -> [&'static str; 2] {
        POLICIES
    }

    /// The rights to have CloudFormation change the solution's stack by this role
    /// and no other.
    pub(super) fn deploy(self) -> [Statement; 3] {
        let stacks = || vec![sub(stack_pattern())];
        let reason = "the last part of a stack's ARN is drawn when it is created";
        [
            Statement::allow_pattern(&["cloudformation:CreateChangeSet"], stacks(), reason)
                .when(json!({ "ArnEquals": { "cloudformation:RoleArn": self.arn() } })),
            Statement::allow_pattern(
                &[
                    "cloudformation:DeleteChangeSet",
                    "cloudformation:DescribeChangeSet",
                    "cloudformation:DescribeEvents",
                    "cloudformation:DescribeStackEvents",
                    "cloudformation:DescribeStackResources",
                    "cloudformation:DescribeStacks",
                    "cloudformation:ExecuteChangeSet",
                    "cloudformation:GetTemplate",
                    "cloudformation:ListStackResources",
                ],
                stacks(),
                reason,
            ),
            Statement::allow(&["iam:PassRole"], self.arn()).when(
                json!({ "StringEquals": { "iam:PassedToService": "cloudformation.amazonaws.com" } }),
            ),
        ]
    }
}

/// Defines the role.
///
/// Logical ids: `CloudFormationRole`, `CloudFormationRights`,
/// `CloudFormationMoreRights`.
pub(super) fn define(stack: &mut Stack, outputs: Bucket, boundary: &Boundary) -> Deployer {
    stack.add(
        ROLE,
        &iam::Role! {
            assume_role_policy_document: policy::trust(
                "cloudformation.amazonaws.com",
                Some(json!({
                    "StringEquals": { "aws:SourceAccount": { "Ref": "AWS::AccountId" } },
                    "ArnLike": { "aws:SourceArn": sub(stack_pattern()) },
                })),
            ),
        },
    );
    let own = [
        outputs.read(),
        Statement::allow_pattern(BOUNDED, vec![roles()], ROLES)
            .when(json!({ "ArnEquals": { "iam:PermissionsBoundary": boundary.arn() } })),
        Statement::allow_pattern(&["iam:PassRole"], vec![roles()], ROLES)
            .when(json!({ "StringEquals": { "iam:PassedToService": PASSED_TO } })),
    ];
    let statements: Vec<Statement> = own
        .into_iter()
        .chain(RIGHTS.iter().map(Right::statement))
        .collect();
    for (id, statements) in POLICIES.into_iter().zip(halves(&statements)) {
        let policy = stack.add(
            id,
            &iam::ManagedPolicy! {
                description: "What CloudFormation needs to make the solution",
                roles: vec![reference(ROLE)],
                policy_document: policy::document(statements),
            },
        );
        policy::explain(policy, statements);
        for (_, rule, reason) in SUPPRESSED.iter().filter(|(of, _, _)| *of == id) {
            policy.suppress(rule, reason);
        }
    }
    Deployer(())
}

/// Two lists of about the same length in characters.
fn halves(statements: &[Statement]) -> [&[Statement]; 2] {
    let length = |count: usize| policy::document(&statements[..count]).to_string().len();
    let all = length(statements.len());
    let half = (0..statements.len()).find(|&count| 2 * length(count) >= all);
    let (some, others) = statements.split_at(half.unwrap_or_default());
    [some, others]
}

/// Whether the role may make resources of this type.
#[must_use]
pub fn makes(kind: &str) -> bool {
    kind.starts_with("Custom::") || RIGHTS.iter().any(|right| right.kinds.contains(&kind))
}

const ROLES: &str = "the end of a role's name is drawn when it is created";

fn roles() -> ExpString {
    sub(format!(
        "arn:${{AWS::Partition}}:iam::${{AWS::AccountId}}:role/{SOLUTION}-*"
    ))
}

fn stack_pattern() -> String {
    format!(
        "arn:${{AWS::Partition}}:cloudformation:${{AWS::Region}}:${{AWS::AccountId}}:stack/{SOLUTION}/*"
    )
}
