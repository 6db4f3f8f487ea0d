//! The web console: who reads its files, what browsers are told, and what the API
//! gets.

use infra::local::Cloud;
use infra::manifest::Manifest;
use serde_json::{Value, json};

use crate::template::{Template, list, target};

#[test]
fn nobody_but_the_distribution_reads_the_bucket() {
    let template = Template::full();
    let bucket = template.resource("ConsoleBucket").properties();
    let private = bucket["PublicAccessBlockConfiguration"]
        .as_object()
        .unwrap();
    assert_eq!(private.len(), 4);
    assert!(private.values().all(|it| it == true), "{private:?}");
    assert_eq!(
        bucket["OwnershipControls"]["Rules"][0]["ObjectOwnership"],
        "BucketOwnerEnforced"
    );
    assert_eq!(bucket["VersioningConfiguration"]["Status"], "Enabled");
    assert_eq!(bucket.get("WebsiteConfiguration"), None);

    let statements = template.resource("ConsoleBucketPolicy").statements();
    let [allow, deny] = statements[..] else {
        panic!("{statements:?}");
    };
    assert_eq!(
        allow["Principal"],
        json!({ "Service": "cloudfront.amazonaws.com" })
    );
    assert_eq!(allow["Action"], "s3:GetObject");
    let distribution = &allow["Condition"]["StringEquals"]["aws:SourceArn"]["Fn::Sub"];
    let distribution = distribution.as_str().unwrap();
    assert!(
        distribution.ends_with("distribution/${ConsoleDistribution}"),
        "{distribution}"
    );
    assert_eq!(deny["Effect"], "Deny");
    assert_eq!(deny["Condition"]["Bool"]["aws:SecureTransport"], "false");
    assert_eq!(
        list(&deny["Resource"]).len(),
        2,
        "the bucket, and what is in it"
    );
}

#[test]
fn the_distribution_signs_what_it_asks_the_bucket_for() {
    let template = Template::full();
    let origins = list(&distribution(&template)["Origins"]);
    assert_eq!(
        origins[0]["DomainName"],
        json!({ "Fn::GetAtt": ["ConsoleBucket", "RegionalDomainName"] })
    );
    let access = template.resource(target(&origins[0]["OriginAccessControlId"]).unwrap());
    let access = &access.properties()["OriginAccessControlConfig"];
    assert_eq!(access["SigningBehavior"], "always");
    assert_eq!(access["SigningProtocol"], "sigv4");
}

#[test]
fn the_api_is_of_the_same_origin_and_gets_the_token_over_tls_only() {
    let template = Template::full();
    let distribution = distribution(&template);
    let origin = list(&distribution["Origins"])[1];
    assert_eq!(
        origin["DomainName"]["Fn::Sub"],
        "${HttpApi}.execute-api.${AWS::Region}.${AWS::URLSuffix}"
    );
    assert_eq!(
        origin.get("OriginPath"),
        None,
        "the stage is the path's first part"
    );
    assert_eq!(
        origin["CustomOriginConfig"]["OriginProtocolPolicy"],
        "https-only"
    );
    let [api] = list(&distribution["CacheBehaviors"])[..] else {
        panic!("one behaviour beside the default");
    };
    let stage = template.resource("HttpApiStage").properties()["StageName"]
        .as_str()
        .unwrap();
    assert_eq!(api["PathPattern"], format!("/{stage}/*"));
    assert_eq!(api["TargetOriginId"], origin["Id"]);
    assert_eq!(api["ViewerProtocolPolicy"], "https-only");
    assert_eq!(list(&api["AllowedMethods"]).len(), 7);
    // CachingDisabled and AllViewerExceptHostHeader.
    assert_eq!(api["CachePolicyId"], "4135ea2d-6df8-44a3-9df3-4b5a84be39ad");
    assert_eq!(
        api["OriginRequestPolicyId"],
        "b689b0a8-53d0-40ab-baf2-68738e2966ac"
    );
    assert_eq!(api.get("FunctionAssociations"), None);
}

#[test]
fn an_error_of_the_api_is_not_replaced() {
    // Error pages are those of a whole distribution.
    let template = Template::full();
    let distribution = distribution(&template);
    assert_eq!(distribution.get("CustomErrorResponses"), None);
    let associations = list(&distribution["DefaultCacheBehavior"]["FunctionAssociations"]);
    let [pages] = associations[..] else {
        panic!("{associations:?}");
    };
    assert_eq!(pages["EventType"], "viewer-request");
    let pages = template
        .resource(target(&pages["FunctionARN"]).unwrap())
        .properties();
    assert_eq!(pages["AutoPublish"], true);
}

#[test]
fn scripts_come_from_the_console_itself() {
    for (cloud, peers) in [
        (
            Cloud::Aws,
            "https://cognito-idp.${AWS::Region}.${AWS::URLSuffix} wss://${IotEndpoint.Address}",
        ),
        (
            Cloud::Local,
            "http://${IotEndpoint.Address} ws://${IotEndpoint.Address}",
        ),
    ] {
        let template = Template::new(&Manifest::full(cloud), cloud);
        let security = headers(&template)["SecurityHeadersConfig"].clone();
        let policy = &security["ContentSecurityPolicy"]["ContentSecurityPolicy"]["Fn::Sub"];
        let policy: Vec<_> = policy.as_str().unwrap().split("; ").collect();
        for directive in [
            "default-src 'none'",
            "script-src 'self'",
            "base-uri 'none'",
            "frame-ancestors 'none'",
            &format!("connect-src 'self' {peers}"),
        ] {
            assert!(policy.contains(&directive), "{directive} in {policy:?}");
        }
        assert!(
            !policy
                .iter()
                .any(|it| it.contains("unsafe-eval") || it.contains('*'))
        );
        assert_eq!(security["FrameOptions"]["FrameOption"], "DENY");
        let all = security.as_object().unwrap();
        assert_eq!(all.len(), 5);
        assert!(all.values().all(|it| it["Override"] == true), "{all:?}");
    }
}

#[test]
fn both_behaviours_have_the_security_headers() {
    let template = Template::full();
    let distribution = distribution(&template);
    let api = list(&distribution["CacheBehaviors"])[0];
    for behaviour in [&distribution["DefaultCacheBehavior"], api] {
        assert_eq!(
            target(&behaviour["ResponseHeadersPolicyId"]),
            Some("ConsoleHeaders")
        );
    }
}

#[test]
fn the_helper_gets_its_rights_before_the_content_and_loses_them_after_it() {
    let template = Template::full();
    let content = template.resource("ConsoleContent");
    assert_eq!(
        content.attribute("DependsOn"),
        &json!(["ConsoleContentRights"])
    );
    let rights = template.resource("ConsoleContentRights");
    let helper = template.resource("CustomResourceService").properties();
    assert_eq!(
        target(&rights.properties()["Roles"][0]),
        target(&helper["Role"])
    );
    let mut actions: Vec<_> = rights
        .statements()
        .into_iter()
        .flat_map(|statement| list(&statement["Action"]))
        .map(|it| it.as_str().unwrap())
        .collect();
    actions.sort_unstable();
    assert_eq!(
        actions,
        [
            "cloudfront:CreateInvalidation",
            "s3:DeleteObject",
            "s3:DeleteObjectVersion",
            "s3:GetObject",
            "s3:ListBucket",
            "s3:ListBucketVersions",
            "s3:PutObject",
        ]
    );
}

#[test]
fn new_content_is_another_archive_and_so_an_update() {
    let template = Template::full();
    let properties = template.resource("ConsoleContent").properties();
    // The hash of the content, in an assembly.
    assert_eq!(properties["SourceKey"], "console.zip");
    let read = template.resource("ConsoleContentRights").statements()[0];
    let archive = read["Resource"][0]["Fn::Sub"].as_str().unwrap();
    assert!(
        archive.ends_with("-${AWS::Region}/console.zip"),
        "{archive}"
    );
}

#[test]
fn the_page_is_told_where_it_is() {
    for (cloud, endpoint) in [
        (Cloud::Aws, Value::Null),
        (
            Cloud::Local,
            json!({ "Fn::Sub": "http://${IotEndpoint.Address}/" }),
        ),
    ] {
        let mut manifest = Manifest::full(cloud);
        manifest.telemetry.env.telemetry_topic = "acme/measured".to_owned();
        let template = Template::new(&manifest, cloud);
        let properties = template.resource("ConsoleContent").properties();
        let mut expected = json!({
            "apiUrl": "/api",
            "region": { "Ref": "AWS::Region" },
            "userPoolId": { "Ref": "UserPool" },
            "userPoolClientId": { "Ref": "UserPoolClient" },
            "telemetryTopic": "acme/measured",
            "hasHistory": "true",
        });
        if !endpoint.is_null() {
            expected["userPoolEndpoint"] = endpoint;
        }
        assert_eq!(properties["Configuration"], expected);
    }
}

#[test]
fn names_in_cloudfront_carry_the_region_as_well() {
    let template = Template::full();
    let name = json!({ "Fn::Sub": "${AWS::StackName}-${AWS::Region}-console" });
    assert_eq!(headers(&template)["Name"], name);
    assert_eq!(template.resource("ConsolePages").properties()["Name"], name);
    let access = template.resource("ConsoleAccess").properties();
    assert_eq!(access["OriginAccessControlConfig"]["Name"], name);
}

fn distribution(template: &Template) -> &Value {
    &template.resource("ConsoleDistribution").properties()["DistributionConfig"]
}

fn headers(template: &Template) -> &Value {
    &template.resource("ConsoleHeaders").properties()["ResponseHeadersPolicyConfig"]
}
