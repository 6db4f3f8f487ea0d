//! The repository with the source.

use stratosphere::services::aws::codecommit;
use stratosphere::services::aws::codecommit::repository;
use stratosphere::value::ExpString;

use super::parameters::Parameters;
use crate::policy::Statement;
use crate::stack::Stack;
use crate::value::{arn, attribute};

const ID: &str = "Repository";

/// The branch that is deployed.
pub(super) const BRANCH: &str = "main";

/// The defined repository.
#[derive(Clone, Copy, Debug)]
pub(super) struct Repository(());

impl Repository {
    /// Defines it; `source` is the key of the zip that is its first commit. Later
    /// changes of that key change nothing: what is in it is its users'.
    pub(super) fn define(stack: &mut Stack, parameters: &Parameters, source: &str) -> Self {
        let code = &stack.target().code;
        let properties = codecommit::Repository! {
            repository_name: parameters.repository(),
            repository_description: "Smart product: a commit to main is deployed",
            code: repository::Code! {
                branch_name: BRANCH,
                s3: repository::S3! { bucket: code.bucket(), key: code.object(source) },
            },
        };
        stack.add(ID, &properties).retain();
        Self(())
    }

    pub(super) fn name(self) -> ExpString {
        attribute(ID, "Name")
    }

    pub(super) fn arn(self) -> ExpString {
        arn(ID)
    }

    pub(super) fn url(self) -> ExpString {
        attribute(ID, "CloneUrlHttp")
    }

    /// The rights of a pipeline's source.
    pub(super) fn fetch(self) -> Statement {
        Statement::allow(
            &[
                "codecommit:CancelUploadArchive",
                "codecommit:GetBranch",
                "codecommit:GetCommit",
                "codecommit:GetRepository",
                "codecommit:GetUploadArchiveStatus",
                "codecommit:UploadArchive",
            ],
            self.arn(),
        )
    }

    /// The rights to commit a change of one file.
    pub(super) fn change_a_file(self) -> Statement {
        Statement::allow(&["codecommit:GetFile", "codecommit:PutFile"], self.arn())
    }
}
