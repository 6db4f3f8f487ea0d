//! From an SDK's error to the domain's.

use std::error::Error;

use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use domain::store::{Cause, StoreError};

/// Codes by which services say "not now"; a status of 500 or more says the same.
const BUSY: &[&str] = &[
    "LimitExceededException",
    "ProvisionedThroughputExceededException",
    "RequestLimitExceeded",
    "ThrottledException",
    "Throttling",
    "ThrottlingException",
    "TooManyRequestsException",
    "TransactionConflictException",
    "TransactionInProgressException",
];

/// The domain's error for a call that failed while trying to `operation`.
pub(crate) fn failed<E>(operation: &'static str, err: SdkError<E, HttpResponse>) -> StoreError
where
    E: ProvideErrorMetadata + Error + Send + Sync + 'static,
{
    let cause = match &err {
        SdkError::TimeoutError(_) | SdkError::DispatchFailure(_) | SdkError::ResponseError(_) => {
            Cause::Busy
        }
        SdkError::ServiceError(it)
            if it.raw().status().as_u16() >= 500
                || it.err().code().is_some_and(|code| BUSY.contains(&code)) =>
        {
            Cause::Busy
        }
        _ => Cause::Broken,
    };
    StoreError {
        operation,
        cause,
        source: Box::new(err),
    }
}

/// The domain's error for an answer that we cannot read.
pub(crate) fn unreadable(
    operation: &'static str,
    err: impl Into<Box<dyn Error + Send + Sync>>,
) -> StoreError {
    StoreError {
        operation,
        cause: Cause::Broken,
        source: err.into(),
    }
}
