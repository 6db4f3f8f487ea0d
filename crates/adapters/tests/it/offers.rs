//! What a region offers, by AWS's own list.

use adapters::SsmOffers;
use domain::store::Cause;
use serde_json::{Value, json};

use crate::service::Service;

#[tokio::test]
async fn what_the_list_has_for_other_regions_only_is_missing() {
    let answer = json!({
        "Parameters": [
            parameter("iot", "AWS IoT Core"),
            parameter("iot/regions/eu-west-1", "eu-west-1"),
            parameter("iotdevicedefender", "AWS IoT Device Defender"),
        ],
        "InvalidParameters": [
            name("renamed"),
            name("renamed/regions/eu-west-1"),
            name("iotdevicedefender/regions/eu-west-1"),
        ],
    });
    let ssm = Service::answering(200, &answer.to_string()).await;
    let services = ["iotdevicedefender", "renamed", "iot"];
    let missing = offers(&ssm).missing("eu-west-1", &services).await;
    assert_eq!(missing.unwrap(), ["iotdevicedefender"]);
    let asked = ssm.asked_once();
    assert_eq!(
        asked.header("x-amz-target"),
        Some("AmazonSSM.GetParameters")
    );
    let names = services.map(|it| [name(it), name(&format!("{it}/regions/eu-west-1"))]);
    assert_eq!(asked.json(), json!({ "Names": names.concat() }));
}

#[tokio::test]
async fn a_region_without_the_list_asks_where_there_is_one() {
    for (region, asked_in) in [
        ("eu-west-1", "eu-west-1"),
        ("sa-east-1", "sa-east-1"),
        ("eu-south-2", "us-east-1"),
        ("mx-central-1", "us-east-1"),
    ] {
        let ssm = Service::answering(200, "{}").await;
        let missing = offers(&ssm).missing(region, &["iot"]).await.unwrap();
        assert_eq!(missing, [""; 0]);
        let asked = ssm.asked_once();
        let signed = asked.header("authorization").unwrap();
        assert!(signed.contains(&format!("/{asked_in}/ssm/")), "{signed}");
        let names = ["iot".to_owned(), format!("iot/regions/{region}")];
        assert_eq!(asked.json()["Names"], json!(names.map(|it| name(&it))));
    }
}

#[tokio::test]
async fn no_more_is_asked_for_at_once_than_is_answered() {
    let services = ["a", "b", "c", "d", "e", "f", "g", "h", "i", "j", "k", "l"];
    let ssm = Service::answering(200, "{}").await;
    offers(&ssm).missing("eu-west-1", &services).await.unwrap();
    let lengths: Vec<_> = ssm
        .asked()
        .iter()
        .map(|it| it.json()["Names"].as_array().unwrap().len())
        .collect();
    assert_eq!(lengths, [10, 10, 4]);
}

#[tokio::test]
async fn a_refusal_is_an_error() {
    let refusal = r#"{"__type": "AccessDeniedException", "message": "no"}"#;
    let ssm = Service::answering(400, refusal).await;
    let err = offers(&ssm)
        .missing("eu-west-1", &["iot"])
        .await
        .unwrap_err();
    assert_eq!(
        err.to_string(),
        "could not read which services the region offers"
    );
    assert_eq!(err.cause, Cause::Broken);
}

fn name(service: &str) -> String {
    format!("/aws/service/global-infrastructure/services/{service}")
}

fn parameter(service: &str, value: &str) -> Value {
    json!({ "Name": name(service), "Type": "String", "Value": value, "Version": 1 })
}

fn offers(ssm: &Service) -> SsmOffers {
    SsmOffers::new(aws_sdk_ssm::Client::new(&ssm.sdk))
}
