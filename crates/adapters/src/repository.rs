//! One file of a `CodeCommit` repository, at the tip of one branch.

use aws_sdk_codecommit::Client;
use aws_sdk_codecommit::operation::put_file::PutFileError;
use aws_sdk_codecommit::primitives::Blob;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use domain::store::StoreError;

use crate::aws::{failed, unreadable};

/// Codes by which a commit is refused because another one came before it.
const OVERTAKEN: &[&str] = &[
    "ConcurrentReferenceUpdateException",
    "ParentCommitIdOutdatedException",
    "TipOfSourceReferenceIsDifferentException",
];

/// The file.
#[derive(Clone, Debug)]
pub struct CodeCommitFile {
    client: Client,
    repository: String,
    branch: &'static str,
    path: &'static str,
}

/// The file as it was read.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Committed {
    /// What it holds.
    pub text: String,
    /// The commit that it was read from.
    pub commit: String,
}

/// What became of a commit.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Commit {
    /// It is the tip of the branch.
    Done,
    /// Somebody else has committed since the file was read; nothing has changed.
    Overtaken,
}

impl CodeCommitFile {
    /// The file at `path` of a repository's branch.
    #[must_use]
    pub fn new(
        client: Client,
        repository: String,
        branch: &'static str,
        path: &'static str,
    ) -> Self {
        Self {
            client,
            repository,
            branch,
            path,
        }
    }

    /// Reads it.
    ///
    /// # Errors
    ///
    /// When `CodeCommit` does not answer, or there is no such file, or it is no text.
    pub async fn get(&self) -> Result<Committed, StoreError> {
        const OPERATION: &str = "read the manifest in the repository";
        let read = self
            .client
            .get_file()
            .repository_name(&self.repository)
            .commit_specifier(self.branch)
            .file_path(self.path)
            .send()
            .await
            .map_err(|err| failed(OPERATION, err))?;
        let text = String::from_utf8(read.file_content.into_inner())
            .map_err(|err| unreadable(OPERATION, err))?;
        Ok(Committed {
            text,
            commit: read.commit_id,
        })
    }

    /// Commits `text` in its place, unless the branch has gone on since `before`.
    ///
    /// # Errors
    ///
    /// When `CodeCommit` does not take it.
    pub async fn put(
        &self,
        before: &Committed,
        text: &str,
        message: &str,
    ) -> Result<Commit, StoreError> {
        let sent = self
            .client
            .put_file()
            .repository_name(&self.repository)
            .branch_name(self.branch)
            .parent_commit_id(&before.commit)
            .file_path(self.path)
            .file_content(Blob::new(text))
            .commit_message(message)
            .name("CloudFormation")
            .send()
            .await;
        match sent {
            Ok(_) => Ok(Commit::Done),
            Err(err) if err.as_service_error().is_some_and(is_overtaken) => Ok(Commit::Overtaken),
            Err(err) => Err(failed("commit the manifest", err)),
        }
    }
}

fn is_overtaken(err: &PutFileError) -> bool {
    err.code().is_some_and(|code| OVERTAKEN.contains(&code))
}
