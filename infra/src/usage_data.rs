//! Anonymous usage data, for nobody but whom the manifest names.

use contract::resource;
use serde_json::json;

use crate::base::Base;
use crate::custom_resource::Helper;
use crate::manifest::Manifest;
use crate::policy::Statement;
use crate::stack::Stack;
use crate::value::attribute;

/// Logical ids.
const STACK_UUID: &str = "StackUuid";
const RIGHTS: &str = "UsageReportRights";

/// Defines the report, if the manifest asks for it: nothing of it exists otherwise.
///
/// Logical ids: `StackUuid`, `UsageReport`, `UsageReportRights`.
pub fn define(stack: &mut Stack, manifest: &Manifest, base: &Base, helper: &Helper) {
    let url = manifest.usage_data_url.as_ref();
    let Some(url) = url.filter(|_| manifest.send_anonymous_usage) else {
        return;
    };
    let registrations = base.tables.registrations;
    let count = Statement::allow(&["dynamodb:DescribeTable"], registrations.arn());
    helper.allow(stack, RIGHTS, &[count]);
    helper.make(stack, STACK_UUID, resource::STACK_UUID, []);
    let properties = [
        (resource::COMPONENTS, json!(manifest.flags().count())),
        (resource::TABLE, json!(registrations.name())),
        (resource::URL, json!(url)),
        (resource::UUID, json!(attribute(STACK_UUID, resource::UUID))),
    ];
    helper
        .make(stack, "UsageReport", resource::USAGE_REPORT, properties)
        .after(RIGHTS);
}
