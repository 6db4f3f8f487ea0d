//! The pipeline's stack, and the template that others launch.

use std::collections::BTreeSet;

use contract::{env, resource};
use infra::local::Cloud;
use infra::pipeline::{self, PipelineProps};
use infra::run;
use infra::target::Target;
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::template::{Resource, Template, list, objects, target};

#[test]
fn template_is_unchanged() {
    let stack = pipeline::define(Target::without_binaries(Cloud::Aws), &props());
    insta::assert_snapshot!("pipeline", stack.to_json().unwrap());
}

#[test]
fn the_parameters_are_those_of_the_contract_in_its_order_and_words() {
    let template = Template::pipeline();
    let interface = &template.json["Metadata"]["AWS::CloudFormation::Interface"];
    let mut found = Vec::new();
    for group in list(&interface["ParameterGroups"]) {
        for name in list(&group["Parameters"]) {
            let name = name.as_str().unwrap();
            let parameter = &template.json["Parameters"][name];
            let label = interface["ParameterLabels"][name]["default"]
                .as_str()
                .unwrap();
            let allowed = list(&parameter["AllowedValues"]);
            found.push((label, parameter["Default"].as_str().unwrap(), allowed.len()));
        }
    }
    let expected = [
        (
            "CodeCommit repository name",
            "smart-product-reference-architecture",
            0,
        ),
        ("API", "true", 2),
        ("Defender", "true", 2),
        ("Event", "true", 2),
        ("JITR", "true", 2),
        ("Web Console", "true", 2),
        ("Telemetry", "true", 2),
        ("Version", "v0.0.1", 0),
    ];
    assert_eq!(found, expected);
    let parameters = template.json["Parameters"].as_object().unwrap();
    assert_eq!(parameters.len(), expected.len());
}

#[test]
fn anonymous_usage_data_is_sent_by_nobody_who_has_not_said_yes() {
    let template = Template::pipeline();
    let data = &template.json["Mappings"]["Solution"]["Data"];
    assert_eq!(data["SendAnonymousUsageData"], "No");
    assert_eq!(
        template.resource("Manifest").properties()["sendAnonymousUsage"],
        json!({ "Fn::FindInMap": ["Solution", "Data", "SendAnonymousUsageData"] })
    );
}

#[test]
fn each_parameter_of_a_component_reaches_the_manifest() {
    let template = Template::pipeline();
    let manifest = template.resource("Manifest");
    assert_eq!(manifest.kind(), resource::MANIFEST_COMMIT);
    let mut reached = BTreeSet::new();
    for key in contract::manifest::COMPONENTS {
        reached.insert(target(&manifest.properties()[key]).unwrap());
    }
    assert_eq!(target(&manifest.properties()["version"]), Some("Version"));
    let components = [
        "Api",
        "Defender",
        "Event",
        "Jitr",
        "Telemetry",
        "WebConsole",
    ];
    assert_eq!(reached, BTreeSet::from(components));
}

#[test]
fn a_commit_to_main_starts_source_build_and_deploy() {
    let template = Template::pipeline();
    let pipeline = template.resource("Pipeline").properties();
    assert_eq!(pipeline["PipelineType"], "V2");
    let stages: Vec<_> = list(&pipeline["Stages"])
        .into_iter()
        .map(|stage| {
            let action = &stage["Actions"][0];
            let name = |artifacts: &str| action[artifacts][0]["Name"].as_str().unwrap_or("");
            (
                stage["Name"].as_str().unwrap(),
                action["ActionTypeId"]["Provider"].as_str().unwrap(),
                name("InputArtifacts"),
                name("OutputArtifacts"),
            )
        })
        .collect();
    let expected = [
        ("Source", "CodeCommit", "", "Source"),
        ("Build", "CodeBuild", "Source", "Built"),
        ("Deploy", "CodeBuild", "Built", ""),
    ];
    assert_eq!(stages, expected);
    let source = &pipeline["Stages"][0]["Actions"][0]["Configuration"];
    assert_eq!(source["BranchName"], "main");
    assert_eq!(source["PollForSourceChanges"], false);

    let rule = template.resource("CommitRule").properties();
    assert_eq!(
        rule["EventPattern"]["detail"]["referenceName"],
        json!(["main"])
    );
    let role = template.resource(target(&rule["Targets"][0]["RoleArn"]).unwrap());
    let right = role
        .statements()
        .into_iter()
        .find(|it| it.get("Principal").is_none());
    assert_eq!(
        right.unwrap(),
        &json!({
            "Effect": "Allow",
            "Action": ["codepipeline:StartPipelineExecution"],
            "Resource": [rule["Targets"][0]["Arn"]],
        })
    );
}

#[test]
fn builds_run_on_arm64_by_the_buildspecs_of_the_source() {
    let template = Template::pipeline();
    let projects: Vec<_> = template.of_type("AWS::CodeBuild::Project").collect();
    assert_eq!(projects.len(), 2);
    for project in projects {
        let properties = project.properties();
        let environment = &properties["Environment"];
        assert_eq!(environment["Type"], "ARM_CONTAINER");
        assert_eq!(
            environment["Image"],
            "aws/codebuild/amazonlinux-aarch64-standard:3.0"
        );
        assert_eq!(environment.get("PrivilegedMode"), None);
        let spec = properties["Source"]["BuildSpec"].as_str().unwrap();
        let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR"))
            .parent()
            .unwrap();
        assert!(root.join(spec).is_file(), "{spec}");
        let logs = target(&properties["LogsConfig"]["CloudWatchLogs"]["GroupName"]).unwrap();
        let logs = template.resource(logs);
        assert_eq!(logs.properties()["RetentionInDays"], 365);
    }
}

#[test]
fn what_holds_the_source_and_what_was_built_is_kept() {
    let template = Template::pipeline();
    assert_eq!(template.of_type("AWS::S3::Bucket").count(), 2);
    for resource in template.resources() {
        let kept = matches!(
            resource.kind(),
            "AWS::S3::Bucket" | "AWS::CodeCommit::Repository"
        );
        let policy = resource.attribute("DeletionPolicy");
        assert_eq!(policy == "Retain", kept, "{}", resource.id);
        assert_eq!(resource.attribute("UpdateReplacePolicy"), policy);
    }
    for bucket in template.of_type("AWS::S3::Bucket") {
        let properties = bucket.properties();
        assert_eq!(properties["VersioningConfiguration"]["Status"], "Enabled");
        let encryption = &properties["BucketEncryption"]["ServerSideEncryptionConfiguration"];
        let algorithm = &encryption[0]["ServerSideEncryptionByDefault"]["SSEAlgorithm"];
        assert_eq!(algorithm, "AES256");
        let block = properties["PublicAccessBlockConfiguration"]
            .as_object()
            .unwrap();
        assert_eq!(block.len(), 4);
        assert!(block.values().all(|it| it == true), "{}", bucket.id);

        let policy = template
            .of_type("AWS::S3::BucketPolicy")
            .find(|it| target(&it.properties()["Bucket"]) == Some(bucket.id))
            .unwrap();
        let [statement] = policy.statements()[..] else {
            panic!("{} has one statement", policy.id);
        };
        assert_eq!(
            statement,
            &json!({
                "Effect": "Deny",
                "Principal": "*",
                "Action": "s3:*",
                "Resource": [
                    { "Fn::GetAtt": [bucket.id, "Arn"] },
                    { "Fn::Sub": format!("${{{}.Arn}}/*", bucket.id) },
                ],
                "Condition": { "Bool": { "aws:SecureTransport": "false" } },
            })
        );
    }
}

/// Who can change the rights of a role can have all rights; so no role here changes
/// rights beyond the boundary, or hands a role to whom it is not meant for.
#[test]
fn no_role_can_give_itself_or_others_more_than_the_boundary() {
    const CHANGES: &[&str] = &[
        "iam:AttachRolePolicy",
        "iam:CreateRole",
        "iam:DeleteRolePolicy",
        "iam:PutRolePermissionsBoundary",
        "iam:PutRolePolicy",
    ];
    let template = Template::pipeline();
    let resources = template.resources();
    for (id, statement) in
        resources.flat_map(|it| it.statements().into_iter().map(move |s| (it.id, s)))
    {
        if statement["Effect"] != "Allow" {
            continue;
        }
        for action in list(&statement["Action"]) {
            let action = action.as_str().unwrap();
            let place = format!("{action} of {id}");
            if !action.starts_with("iam:") {
                continue;
            }
            assert!(!action.contains('*'), "{place}");
            let reach = json!(list(&statement["Resource"])).to_string();
            let bounded = reach.contains("role/SmartProductSolutionStack-*")
                || reach == r#"[{"Fn::GetAtt":["CloudFormationRole","Arn"]}]"#;
            assert!(bounded, "{place} on {reach}");
            assert!(!reach.contains("role/*"), "{place}");
            let condition = &statement["Condition"];
            if action == "iam:PassRole" {
                let services = list(&condition["StringEquals"]["iam:PassedToService"]);
                assert!(!services.is_empty(), "{place}");
            }
            if CHANGES.contains(&action) {
                assert_eq!(
                    condition["ArnEquals"]["iam:PermissionsBoundary"],
                    json!({ "Ref": "Boundary" }),
                    "{place}"
                );
            }
            assert_ne!(action, "iam:DeleteRolePermissionsBoundary");
        }
    }
}

#[test]
fn the_boundary_has_all_that_the_solution_needs_and_no_rights_over_rights() {
    let template = Template::pipeline();
    let allowed = actions(template.resource("Boundary"));
    for solution in Template::all()
        .iter()
        .filter(|it| it.name.starts_with("Aws"))
    {
        for kind in ["AWS::IAM::Role", "AWS::IAM::Policy", "AWS::IAM::RolePolicy"] {
            for role in solution.of_type(kind) {
                let wanted = role.statements().into_iter();
                let wanted = wanted.filter(|it| it.get("Principal").is_none());
                for action in wanted.flat_map(|it| list(&it["Action"])) {
                    let action = action.as_str().unwrap();
                    assert!(allowed.contains(action), "{action} of {}", role.id);
                }
            }
        }
    }
    for action in allowed {
        // Which role, and to whom, is looked at above.
        assert!(
            !action.starts_with("iam:") || action == "iam:PassRole",
            "{action}"
        );
        assert!(!action.contains('*'), "{action}");
    }
}

#[test]
fn cloudformation_may_make_each_type_of_resource_in_the_solution() {
    for template in Template::all()
        .iter()
        .filter(|it| it.name.starts_with("Aws"))
    {
        for resource in template.resources() {
            assert!(
                pipeline::makes(resource.kind()),
                "{} of {} in {}: say in pipeline/deployer/rights.rs what it takes",
                resource.kind(),
                resource.id,
                template.name
            );
        }
    }
}

#[test]
fn what_is_kept_cannot_be_deleted_by_a_deployment() {
    let template = Template::pipeline();
    let rights = ["CloudFormationRights", "CloudFormationMoreRights"];
    for action in rights.iter().flat_map(|id| actions(template.resource(id))) {
        for kept in [
            "cognito-idp:DeleteUserPool",
            "dynamodb:DeleteTable",
            "iot:DeletePolicy",
            "iot:DeleteThingType",
            "s3:DeleteObject",
            "sqs:DeleteQueue",
        ] {
            assert_ne!(action, kept);
        }
    }
    // The console's bucket goes with it.
    let delete = json!("s3:DeleteBucket");
    let statements = rights
        .iter()
        .flat_map(|id| template.resource(id).statements());
    let reach: Vec<_> = statements
        .filter(|it| list(&it["Action"]).contains(&&delete))
        .flat_map(|it| list(&it["Resource"]))
        .collect();
    assert_eq!(
        reach,
        [
            &json!({ "Fn::Sub": "arn:${AWS::Partition}:s3:::smartproductsolutionstack-consolebucket-*" })
        ]
    );
}

#[test]
fn the_build_that_deploys_changes_one_stack_by_one_role() {
    let template = Template::pipeline();
    let statements = template.resource("DeployRole").statements();
    let create = statements
        .iter()
        .find(|it| list(&it["Action"]).contains(&&json!("cloudformation:CreateChangeSet")))
        .unwrap();
    assert_eq!(
        create["Condition"],
        json!({ "ArnEquals": {
            "cloudformation:RoleArn": { "Fn::GetAtt": ["CloudFormationRole", "Arn"] }
        }})
    );
    for statement in statements {
        for action in list(&statement["Action"]) {
            if action.as_str().unwrap().starts_with("cloudformation:") {
                let reach = list(&statement["Resource"])[0]["Fn::Sub"].as_str().unwrap();
                assert!(
                    reach.ends_with(":stack/SmartProductSolutionStack/*"),
                    "{reach}"
                );
            }
        }
    }
    let build = actions(template.resource("BuildRole"));
    let expected = [
        "logs:CreateLogStream",
        "logs:PutLogEvents",
        "s3:GetBucketAcl",
        "s3:GetBucketLocation",
        "s3:GetObject",
        "s3:GetObjectVersion",
        "s3:PutObject",
        "sts:AssumeRole",
    ];
    assert_eq!(build, BTreeSet::from(expected));
}

/// IAM's limit for a managed policy is 6,144 characters without white space.
#[test]
fn each_policy_fits() {
    let template = Template::pipeline();
    let policies: Vec<_> = template.of_type("AWS::IAM::ManagedPolicy").collect();
    assert_eq!(policies.len(), 3);
    for policy in policies {
        let document = &policy.properties()["PolicyDocument"];
        let length = crate::constructs::resolve(document.clone())
            .to_string()
            .len();
        assert!(length <= 6144, "{} has {length}", policy.id);
    }
}

#[test]
fn the_function_gets_exactly_the_environment_it_reads() {
    let template = Template::pipeline();
    let function = template.resource("CustomResourceService").properties();
    let set = function["Environment"]["Variables"].as_object().unwrap();
    let set: BTreeSet<&str> = set.keys().map(String::as_str).collect();
    let read = env::CUSTOM_RESOURCE_OF_PIPELINE.iter().copied().collect();
    assert_eq!(set, read);
    assert_eq!(function["Timeout"], 900);
    let solution = template.resource("Solution");
    assert_eq!(solution.kind(), resource::SOLUTION_STACK);
    assert_eq!(solution.properties()["ServiceTimeout"], 3600);
    assert_eq!(
        target(&solution.properties()["Role"]),
        Some("CloudFormationRole")
    );
}

/// CloudFormation deletes what depends on something before that.
#[test]
fn the_solution_is_deleted_after_the_pipeline_and_before_the_rights_to() {
    let template = Template::pipeline();
    let after = |id: &str| {
        let after = list(template.resource(id).attribute("DependsOn"));
        after
            .into_iter()
            .map(|it| it.as_str().unwrap().to_owned())
            .collect::<Vec<_>>()
    };
    assert_eq!(after("Pipeline"), ["Manifest", "Solution"]);
    assert_eq!(after("DeployRole"), ["Solution"]);
    assert_eq!(
        after("Solution"),
        ["CloudFormationRights", "CloudFormationMoreRights"]
    );
}

#[test]
fn names_carry_the_name_of_the_stack_or_are_drawn() {
    let template = Template::pipeline();
    for resource in template.resources() {
        for name in ["Name", "FunctionName", "LogGroupName"] {
            let value = &resource.properties()[name];
            let carries = value["Fn::Sub"]
                .as_str()
                .is_some_and(|it| it.contains("${AWS::StackName}"));
            let is = target(value) == Some("AWS::StackName");
            assert!(
                value.is_null() || carries || is,
                "{name} of {}",
                resource.id
            );
        }
        for name in ["BucketName", "RoleName", "ManagedPolicyName"] {
            assert!(
                resource.properties()[name].is_null(),
                "{name} of {}",
                resource.id
            );
        }
    }
}

#[test]
fn what_others_launch_finds_its_assets_by_the_mapping_and_needs_nothing_else() {
    let folder = TempDir::new().unwrap();
    let assets = folder.path().join("assets/custom-resource");
    std::fs::create_dir_all(&assets).unwrap();
    std::fs::write(assets.join("bootstrap"), "binary").unwrap();
    let zip = run::write_solution_template(
        &folder.path().join("out"),
        "acme",
        "product/v0.0.1",
        &folder.path().join("assets"),
    )
    .unwrap();
    let file = folder.path().join("out/smart-product-solution.template");
    let template: Value = serde_json::from_str(&std::fs::read_to_string(file).unwrap()).unwrap();
    assert_eq!(
        template["Mappings"]["Solution"]["Assets"],
        json!({ "Bucket": "acme", "Prefix": "product/v0.0.1" })
    );
    let in_map = |key: &str| json!({ "Fn::FindInMap": ["Solution", "Assets", key] });
    let bucket = json!({ "Fn::Join": ["-", [in_map("Bucket"), { "Ref": "AWS::Region" }]] });
    let key = |name: &str| json!({ "Fn::Join": ["/", [in_map("Prefix"), name]] });
    let code = &template["Resources"]["CustomResourceService"]["Properties"]["Code"];
    assert_eq!(code, &json!({ "S3Bucket": bucket, "S3Key": key(&zip) }));
    let source = &template["Resources"]["Repository"]["Properties"]["Code"]["S3"];
    assert_eq!(
        source,
        &json!({ "Bucket": bucket, "Key": key("source.zip") })
    );
    assert!(
        !objects(&template)
            .iter()
            .any(|it| it.to_string().contains("cdk-hnb659fds"))
    );
}

fn props() -> PipelineProps<'static> {
    PipelineProps {
        source: "source.zip",
        published: None,
    }
}

fn actions(resource: Resource<'_>) -> BTreeSet<&str> {
    let statements = resource.statements().into_iter();
    let actions = statements.flat_map(|it| list(&it["Action"]));
    actions.map(|it| it.as_str().unwrap()).collect()
}
