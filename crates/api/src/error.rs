//! The one shape of all errors.

use std::borrow::Cow;

use serde::Serialize;
use utoipa::ToSchema;

/// Why a request was not done.
#[derive(Clone, Debug, Eq, PartialEq, Serialize, ToSchema)]
pub struct Error {
    /// The HTTP status.
    pub code: u16,
    /// What kind of error: a program may decide by it.
    pub error: Cow<'static, str>,
    /// What is wrong, and what would be right: for people.
    pub message: String,
}

/// What the gateway says where it answers itself.
#[derive(Clone, Debug, Eq, PartialEq, Serialize, ToSchema)]
pub struct GatewayMessage {
    /// What is wrong: for people.
    pub message: String,
}
