//! What CloudFormation sends, and where it waits for the answer.
//!
//! <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/crpg-ref-requests.html>

use std::fmt;

use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::maker::Failure;

/// Who asks: read first, since whatever else is wrong with a request has to be
/// answered there.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Caller {
    #[serde(rename = "ResponseURL")]
    pub(crate) response_url: ResponseUrl,
    pub(crate) stack_id: String,
    pub(crate) request_id: String,
    pub(crate) logical_resource_id: String,
    physical_resource_id: Option<String>,
}

impl Caller {
    /// The id that the resource has, or will have: its logical id. It must not
    /// change, or CloudFormation deletes the resource under its old id after
    /// each update.
    pub(crate) fn physical_resource_id(&self) -> &str {
        let given = self.physical_resource_id.as_deref();
        given.unwrap_or(&self.logical_resource_id)
    }
}

/// A presigned address. Whoever has it can answer in our place, so it is not
/// printed.
#[derive(Clone, Deserialize)]
pub(crate) struct ResponseUrl(String);

impl ResponseUrl {
    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for ResponseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ResponseUrl(…)")
    }
}

/// What is to be done.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Request {
    #[serde(rename = "RequestType")]
    pub(crate) kind: Kind,
    /// The same whenever this request comes again, and of no other request.
    pub(crate) request_id: String,
    pub(crate) resource_type: String,
    /// As the template has them; CloudFormation makes texts of numbers and flags.
    #[serde(default, rename = "ResourceProperties")]
    pub(crate) properties: Value,
    /// As they were before an update.
    #[serde(default, rename = "OldResourceProperties")]
    pub(crate) old_properties: Value,
}

impl Request {
    /// A property, one of `contract::resource`.
    pub(crate) fn read<T: DeserializeOwned>(&self, name: &str) -> Result<T, Failure> {
        T::deserialize(&self.properties[name]).map_err(|err| {
            let kind = &self.resource_type;
            Failure::Refused(format!("the property `{name}` of {kind}: {err}"))
        })
    }
}

/// What happens to the resource.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq)]
pub(crate) enum Kind {
    Create,
    Update,
    Delete,
}
