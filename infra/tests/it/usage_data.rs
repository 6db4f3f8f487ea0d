//! Anonymous usage data.

use infra::local::Cloud;
use infra::manifest::Manifest;
use serde_json::json;

use crate::template::{Template, list, objects};

const URL: &str = "https://usage.example.com/reports";

#[test]
fn without_the_switch_nothing_of_it_exists() {
    for (send, url) in [(false, None), (false, Some(URL)), (true, None)] {
        let manifest = Manifest {
            send_anonymous_usage: send,
            usage_data_url: url.map(str::to_owned),
            ..Manifest::full(Cloud::Aws)
        };
        let template = Template::new(&manifest, Cloud::Aws);
        for id in ["StackUuid", "UsageReport", "UsageReportRights"] {
            assert!(template.resources().all(|it| it.id != id), "{id}");
        }
        assert!(!template.json.to_string().contains("usage.example.com"));
    }
}

#[test]
fn a_report_is_given_counts_an_id_and_an_address() {
    let template = reporting();
    let mut properties = template.resource("UsageReport").properties().clone();
    for common in ["ServiceToken", "ServiceTimeout"] {
        properties.as_object_mut().unwrap().remove(common);
    }
    assert_eq!(
        properties,
        json!({
            "Components": Manifest::full(Cloud::Aws).flags().count(),
            "Table": { "Ref": "Registrations" },
            "Url": URL,
            "Uuid": { "Fn::GetAtt": ["StackUuid", "Uuid"] },
        })
    );
}

/// The number of rows, and none of the rows.
#[test]
fn the_right_to_count_is_there_before_the_report_and_goes_after_it() {
    let template = reporting();
    let after = list(template.resource("UsageReport").attribute("DependsOn"));
    assert!(after.contains(&&json!("UsageReportRights")));
    let statements = template.resource("UsageReportRights").statements();
    assert_eq!(
        statements,
        [&json!({
            "Effect": "Allow",
            "Action": ["dynamodb:DescribeTable"],
            "Resource": [{ "Fn::GetAtt": ["Registrations", "Arn"] }],
        })]
    );
    let others = objects(&template.json);
    let describing = others.iter().filter(|it| {
        it.get("Effect").is_some() && it["Action"].to_string().contains("DescribeTable")
    });
    assert_eq!(describing.count(), 1);
}

fn reporting() -> Template {
    let manifest = Manifest {
        send_anonymous_usage: true,
        usage_data_url: Some(URL.to_owned()),
        ..Manifest::full(Cloud::Aws)
    };
    Template::new(&manifest, Cloud::Aws)
}
