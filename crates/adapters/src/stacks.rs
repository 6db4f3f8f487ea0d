//! A stack of CloudFormation, from outside.

use aws_sdk_cloudformation::Client;
use aws_sdk_cloudformation::operation::describe_stacks::DescribeStacksError;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use domain::store::StoreError;

use crate::aws::failed;

/// One stack, by its name.
#[derive(Clone, Debug)]
pub struct CloudFormationStack {
    client: Client,
    name: String,
}

/// What CloudFormation says of a stack.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct StackState {
    /// `CREATE_COMPLETE`, for example.
    pub status: String,
    /// Why it is so, where CloudFormation says that.
    pub reason: Option<String>,
    /// ARN of the role by which CloudFormation has changed it last, if it was not
    /// the caller's.
    pub role: Option<String>,
}

impl CloudFormationStack {
    /// The stack called `name`.
    #[must_use]
    pub fn new(client: Client, name: String) -> Self {
        Self { client, name }
    }

    /// Its name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// What it is doing, if there is one.
    ///
    /// # Errors
    ///
    /// When CloudFormation does not answer.
    pub async fn state(&self) -> Result<Option<StackState>, StoreError> {
        let found = self.client.describe_stacks().stack_name(&self.name).send();
        let found = match found.await {
            Ok(found) => found,
            Err(err) if err.as_service_error().is_some_and(is_missing) => return Ok(None),
            Err(err) => return Err(failed("look at the stack", err)),
        };
        let stack = found.stacks.into_iter().flatten().next();
        Ok(stack.and_then(|stack| {
            Some(StackState {
                status: stack.stack_status?.as_str().to_owned(),
                reason: stack.stack_status_reason,
                role: stack.role_arn,
            })
        }))
    }

    /// Starts to delete it, by the role that it was made by.
    ///
    /// # Errors
    ///
    /// When CloudFormation refuses to, or does not answer.
    pub async fn delete(&self) -> Result<(), StoreError> {
        self.client
            .delete_stack()
            .stack_name(&self.name)
            .send()
            .await
            .map_err(|err| failed("delete the stack", err))?;
        Ok(())
    }
}

/// CloudFormation has no code of its own for it.
fn is_missing(err: &DescribeStacksError) -> bool {
    let message = err.message().unwrap_or_default();
    err.code() == Some("ValidationError") && message.contains("does not exist")
}
