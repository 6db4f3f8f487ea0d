use std::sync::Mutex;

use serde_json::json;

use super::*;
use crate::fakes::{KINDS, failure, request};

/// What the region lacks, or nothing while the list cannot be read.
#[derive(Debug, Default)]
struct Region {
    lacks: Option<Vec<&'static str>>,
    asked: Mutex<Vec<String>>,
}

impl Offers for Region {
    async fn missing(&self, region: &str, services: &[&str]) -> Result<Vec<String>, StoreError> {
        let asked = format!("{region}: {}", services.join(", "));
        self.asked.lock().unwrap().push(asked);
        let lacks = self.lacks.as_ref();
        let lacks = lacks.ok_or_else(|| failure("read which services the region offers"))?;
        let missing = services.iter().filter(|it| lacks.contains(it));
        Ok(missing.map(|it| (*it).to_owned()).collect())
    }
}

#[tokio::test]
async fn what_the_region_lacks_is_said_with_what_would_be_right() {
    const DEFENDER: &str = "AWS IoT Device Defender is not offered in eu-south-2: set \
                            default.defender.deploy to false in the manifest, or take another region";
    const COGNITO: &str = "Amazon Cognito is not offered in eu-south-2: take another region";
    for (lacks, expected) in [
        (vec![], None),
        (vec!["athena"], None),
        (vec!["iotdevicedefender"], Some(DEFENDER.to_owned())),
        (
            vec!["iotdevicedefender", "cognito-idp"],
            Some(format!("{COGNITO}; {DEFENDER}")),
        ),
    ] {
        for kind in KINDS {
            let region = Region {
                lacks: Some(lacks.clone()),
                ..Region::default()
            };
            let made = make(CheckRegion(region), kind, "aws").await;
            match (&expected, kind) {
                (None, _) | (_, "Delete") => assert!(made.unwrap().is_empty()),
                (Some(expected), _) => assert_eq!(&made.unwrap_err().to_string(), expected),
            }
        }
    }
}

#[tokio::test]
async fn a_refusal_is_not_tried_again() {
    let region = Region {
        lacks: Some(vec!["iot"]),
        ..Region::default()
    };
    let made = make(CheckRegion(region), "Create", "aws").await;
    assert!(matches!(made, Err(Failure::Refused(_))));
    let made = make(CheckRegion(Region::default()), "Create", "aws").await;
    assert!(matches!(made, Err(Failure::Store(_))));
}

#[tokio::test]
async fn a_deletion_and_a_partition_without_a_list_ask_nobody() {
    for (kind, partition, asked) in [
        ("Create", "aws", true),
        ("Update", "aws", true),
        ("Delete", "aws", false),
        ("Create", "aws-cn", false),
        ("Update", "aws-us-gov", false),
    ] {
        let maker = CheckRegion(Region {
            lacks: Some(vec![]),
            ..Region::default()
        });
        maker.make(&asking(kind, partition)).await.unwrap();
        let expected = ["eu-south-2: cognito-idp, iot, iotdevicedefender"];
        let expected = if asked { &expected[..] } else { &[] };
        assert_eq!(
            *maker.0.asked.lock().unwrap(),
            expected,
            "{kind} {partition}"
        );
    }
}

async fn make(
    maker: CheckRegion<Region>,
    kind: &str,
    partition: &str,
) -> Result<Attributes, Failure> {
    maker.make(&asking(kind, partition)).await
}

fn asking(kind: &str, partition: &str) -> Request {
    let properties = json!({
        "Partition": partition,
        "Region": "eu-south-2",
        "Services": [
            { "Id": "cognito-idp", "Name": "Amazon Cognito" },
            { "Id": "iot", "Name": "AWS IoT Core" },
            { "Id": "iotdevicedefender", "Name": "AWS IoT Device Defender", "Flag": "defender" },
        ],
    });
    request(kind, resource::REQUIREMENTS, &properties)
}
