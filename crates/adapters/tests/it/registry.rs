//! Taking apart what a device has in IoT Core, against recorded answers.

use adapters::IotRegistry;
use domain::device::{Attached, Registry};
use domain::id::CertificateId;
use domain::memory::device;
use domain::store::{Cause, StoreError};

use crate::service::Service;

#[tokio::test]
async fn the_certificates_of_a_thing_are_found_and_other_principals_are_not_theirs() {
    let id = "a".repeat(64);
    let arn = format!("arn:aws:iot:us-east-1:123456789012:cert/{id}");
    let body = format!(r#"{{"principals":["{arn}","us-east-1:identity"]}}"#);
    let service = Service::answering(200, &body).await;
    let attached = registry(&service).attached(&device("SN-1")).await.unwrap();
    let certificate = CertificateId::new(id).unwrap();
    assert_eq!(attached, [Attached { certificate, arn }]);
    assert_eq!(service.asked_once().line, "GET /things/SN-1/principals");
}

#[tokio::test]
async fn each_step_is_the_call_that_it_should_be() {
    let service = Service::answering(200, "{}").await;
    for outcome in steps(&registry(&service)).await {
        outcome.unwrap();
    }
    let id = "a".repeat(64);
    let asked: Vec<_> = service.asked().into_iter().map(|it| it.line).collect();
    assert_eq!(
        asked,
        [
            format!("PUT /certificates/{id}?newStatus=INACTIVE"),
            "DELETE /things/SN-1/principals".to_owned(),
            format!("DELETE /certificates/{id}?forceDelete=true"),
            "DELETE /things/SN-1/shadow".to_owned(),
            "DELETE /things/SN-1".to_owned(),
        ]
    );
    let principal = &service.asked()[1];
    assert_eq!(principal.header("x-amzn-principal"), Some("arn:cert"));
}

#[tokio::test]
async fn lesson_15_what_is_gone_already_is_no_failure() {
    let body = r#"{"__type":"ResourceNotFoundException","message":"gone"}"#;
    let service = Service::answering(404, body).await;
    let registry = registry(&service);
    assert!(registry.attached(&device("SN-1")).await.unwrap().is_empty());
    for (step, outcome) in steps(&registry).await.into_iter().enumerate() {
        assert!(outcome.is_ok(), "{step}: {outcome:?}");
    }
}

#[tokio::test]
async fn a_detachment_that_is_still_under_way_is_waited_for_by_the_client() {
    for (status, code, step) in [
        (409, "DeleteConflictException", 2),
        (400, "InvalidRequestException", 4),
    ] {
        let body = format!(r#"{{"__type":"{code}","message":"attached"}}"#);
        let service = Service::answering(status, &body).await;
        let outcome = steps(&registry(&service)).await.swap_remove(step);
        assert_eq!(outcome.unwrap_err().cause, Cause::Busy, "{code}");
    }
}

#[tokio::test]
async fn a_refusal_is_a_failure() {
    let body = r#"{"__type":"UnauthorizedException","message":"no"}"#;
    let service = Service::answering(403, body).await;
    for outcome in steps(&registry(&service)).await {
        assert_eq!(outcome.unwrap_err().cause, Cause::Broken);
    }
}

/// Every step, in order, whatever becomes of each.
async fn steps(registry: &IotRegistry) -> Vec<Result<(), StoreError>> {
    let certificate = CertificateId::new("a".repeat(64)).unwrap();
    let attached = Attached {
        certificate: certificate.clone(),
        arn: "arn:cert".to_owned(),
    };
    let device = device("SN-1");
    vec![
        registry.deactivate(&certificate).await,
        registry.detach(&attached, &device).await,
        registry.delete_certificate(&certificate).await,
        registry.delete_shadow(&device).await,
        registry.delete_thing(&device).await,
    ]
}

fn registry(service: &Service) -> IotRegistry {
    IotRegistry::new(
        aws_sdk_iot::Client::new(&service.sdk),
        aws_sdk_iotdataplane::Client::new(&service.sdk),
    )
}
