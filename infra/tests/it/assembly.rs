//! The files that `cdk` reads.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use infra::input::Input;
use infra::run;
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::template::Template;

const SERVICES: &[&str] = &[
    "admin",
    "alert",
    "alert-cleanup",
    "command",
    "command-outcome",
    "custom-resource",
    "device",
    "event",
    "event-proxy",
    "history",
    "jitr",
    "live",
    "registration",
    "status",
    "telemetry",
];

#[test]
fn the_same_input_gives_the_same_bytes_wherever_it_lies() {
    let one = Project::new(SERVICES);
    let other = Project::new(SERVICES);
    one.synthesize().unwrap();
    other.synthesize().unwrap();
    assert_eq!(one.assembly(), other.assembly());
    one.synthesize().unwrap();
    assert_eq!(one.assembly(), other.assembly(), "the second time");
}

#[test]
fn the_assembly_is_complete_and_needs_nothing_outside() {
    let project = Project::new(SERVICES);
    project.synthesize().unwrap();
    let files = project.assembly();
    let manifest = project.json("manifest.json");
    let stack = &manifest["artifacts"]["Trial"];
    assert_eq!(stack["type"], "aws:cloudformation:stack");
    assert_eq!(stack["properties"].get("assumeRoleArn"), None);
    assert_eq!(
        stack["properties"].get("cloudFormationExecutionRoleArn"),
        None
    );

    let assets = project.json("Trial.assets.json");
    let assets = assets["files"].as_object().unwrap();
    assert_eq!(
        assets.len(),
        SERVICES.len() + 2,
        "each binary, the console, and the template"
    );
    let mut keys = Vec::new();
    for asset in assets.values() {
        let path = asset["source"]["path"].as_str().unwrap();
        assert!(files.keys().any(|file| file.starts_with(path)), "{path}");
        let to = &asset["destinations"]["current_account-current_region"];
        assert_eq!(
            to["bucketName"],
            "cdk-hnb659fds-assets-${AWS::AccountId}-${AWS::Region}"
        );
        keys.push(to["objectKey"].as_str().unwrap().to_owned());
    }
    let template = project.json("Trial.template.json");
    for (id, resource) in template["Resources"].as_object().unwrap() {
        let key = match resource["Type"].as_str().unwrap() {
            "AWS::Lambda::Function" => &resource["Properties"]["Code"]["S3Key"],
            "Custom::ConsoleContent" => &resource["Properties"]["SourceKey"],
            _ => continue,
        };
        assert!(keys.iter().any(|it| key == it), "{id}");
    }
    let url = stack["properties"]["stackTemplateAssetObjectUrl"]
        .as_str()
        .unwrap();
    assert!(
        keys.iter().any(|key| url.ends_with(&format!("/{key}"))),
        "{url}"
    );
}

#[test]
fn in_a_clone_the_pipeline_is_a_second_stack_whose_source_is_made_on_demand() {
    let project = Project::new(SERVICES);
    project.synthesize().unwrap();
    let alone = project.json("Trial.template.json");
    project.synthesize_at(Some("abc123"), &json!({})).unwrap();
    assert_eq!(project.json("Trial.template.json"), alone);
    let manifest = project.json("manifest.json");
    let artifacts = manifest["artifacts"].as_object().unwrap();
    let names: Vec<_> = artifacts.keys().map(String::as_str).collect();
    assert_eq!(
        BTreeSet::from_iter(names),
        BTreeSet::from([
            "SmartProductPipelineStack",
            "SmartProductPipelineStack.assets",
            "Trial",
            "Trial.assets",
        ])
    );
    let assets = project.json("SmartProductPipelineStack.assets.json");
    let source = &assets["files"]["source-abc123.zip"];
    assert_eq!(
        source["source"],
        json!({ "executable": ["scripts/package", "source"] })
    );
    let key = &source["destinations"]["current_account-current_region"]["objectKey"];
    assert_eq!(key, "source-abc123.zip");
    let template = project.json("SmartProductPipelineStack.template.json");
    let code = &template["Resources"]["Repository"]["Properties"]["Code"]["S3"];
    assert_eq!(&code["Key"], key);
    // One binary for both.
    assert_eq!(assets["files"].as_object().unwrap().len(), 3);

    let local = json!({ "cloud": "local" });
    project.synthesize_at(Some("abc123"), &local).unwrap();
    let manifest = project.json("manifest.json");
    assert_eq!(
        manifest["artifacts"].as_object().unwrap().len(),
        2,
        "no pipelines there"
    );
}

#[test]
fn with_a_bucket_of_its_own_it_needs_no_bootstrap_stack() {
    let project = Project::new(SERVICES);
    let boundary = "arn:aws:iam::123456789012:policy/Boundary";
    let context = json!({ "bucket": "outputs", "permissionsBoundary": boundary });
    project.synthesize_at(None, &context).unwrap();
    let manifest = project.json("manifest.json").to_string();
    assert!(!manifest.contains("ootstrap"), "{manifest}");
    for asset in project.json("Trial.assets.json")["files"]
        .as_object()
        .unwrap()
        .values()
    {
        let to = &asset["destinations"]["current_account-current_region"];
        assert_eq!(to["bucketName"], "outputs");
    }
    let template = project.json("Trial.template.json");
    for (id, resource) in template["Resources"].as_object().unwrap() {
        let properties = &resource["Properties"];
        match resource["Type"].as_str().unwrap() {
            "AWS::IAM::Role" => assert_eq!(properties["PermissionsBoundary"], boundary, "{id}"),
            "AWS::Lambda::Function" => {
                assert_eq!(properties["Code"]["S3Bucket"], "outputs", "{id}");
            }
            _ => assert_eq!(properties["PermissionsBoundary"], Value::Null, "{id}"),
        }
    }
}

#[test]
fn a_binary_is_executable_whatever_it_was() {
    let project = Project::new(SERVICES);
    let path = project.path("assets/jitr/bootstrap");
    fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
    project.synthesize().unwrap();
    for (path, content) in project.assembly() {
        if path.ends_with("bootstrap") {
            let mode = fs::metadata(project.path("out").join(&path))
                .unwrap()
                .permissions()
                .mode();
            assert_eq!(mode & 0o777, 0o755, "{path} of {content}");
        }
    }
}

#[test]
fn a_new_binary_changes_its_function_only_and_the_old_one_goes() {
    let project = Project::new(SERVICES);
    project.synthesize().unwrap();
    let before = project.json("Trial.template.json");
    fs::write(project.path("assets/alert/bootstrap"), "another").unwrap();
    project.synthesize().unwrap();
    let mut after = project.json("Trial.template.json");
    let code =
        |template: &Value| template["Resources"]["AlertService"]["Properties"]["Code"].clone();
    assert_ne!(code(&before), code(&after));
    after["Resources"]["AlertService"]["Properties"]["Code"] = code(&before);
    assert_eq!(before, after);
    let binaries = project
        .assembly()
        .keys()
        .filter(|path| path.ends_with("bootstrap"))
        .count();
    assert_eq!(binaries, SERVICES.len());
}

#[test]
fn a_new_console_changes_its_content_only_and_the_old_one_goes() {
    let project = Project::new(SERVICES);
    project.synthesize().unwrap();
    let before = project.json("Trial.template.json");
    let [old] = &project.consoles()[..] else {
        panic!("one console");
    };
    // Another name is another content, too.
    let script = project.path("console/assets/index-1.js");
    fs::rename(&script, project.path("console/assets/index-2.js")).unwrap();
    project.synthesize().unwrap();
    let [new] = &project.consoles()[..] else {
        panic!("one console");
    };
    assert_ne!(old, new);
    let files = project.assembly();
    assert_eq!(files[&format!("{new}/assets/index-2.js")], "script");
    assert!(!files.contains_key(&format!("{new}/assets/index-1.js")));

    let mut after = project.json("Trial.template.json");
    for id in ["ConsoleContent", "ConsoleContentRights"] {
        assert_ne!(before["Resources"][id], after["Resources"][id], "{id}");
        after["Resources"][id] = before["Resources"][id].clone();
    }
    assert_eq!(before, after);
}

#[test]
fn a_copy_that_broke_off_is_made_again() {
    let project = Project::new(SERVICES);
    project.synthesize().unwrap();
    let complete = project.assembly();
    let [console] = &project.consoles()[..] else {
        panic!("one console");
    };
    let folder = project.path("out").join(console);
    fs::remove_file(folder.join("index.html")).unwrap();
    fs::rename(&folder, folder.with_file_name(format!("{console}.partial"))).unwrap();
    project.synthesize().unwrap();
    assert_eq!(project.assembly(), complete);
}

#[test]
fn a_console_that_was_not_built_is_named_with_what_builds_it() {
    let project = Project::new(SERVICES);
    fs::remove_file(project.path("console/index.html")).unwrap();
    assert_eq!(
        project.synthesize().unwrap_err(),
        format!(
            "`{}/index.html` is missing: run `scripts/build`, or name the folder of the built \
             console with `--context console=<folder>`",
            project.path("console").display()
        )
    );
    assert!(!project.path("out").exists(), "nothing is half done");
}

#[test]
fn what_others_keep_beside_the_assembly_stays() {
    let project = Project::new(SERVICES);
    fs::create_dir_all(project.path("out/asset.mine")).unwrap();
    fs::write(project.path("out/asset.mine/file"), "mine").unwrap();
    project.synthesize().unwrap();
    assert_eq!(project.assembly()["asset.mine/file"], "mine");
}

#[test]
fn a_missing_binary_is_named_with_what_builds_it() {
    let project = Project::new(SERVICES);
    let assets = project.path("assets");
    for missing in ["jitr", "registration"] {
        fs::remove_dir_all(assets.join(missing)).unwrap();
    }
    assert_eq!(
        project.synthesize().unwrap_err(),
        format!(
            "`{0}/jitr/bootstrap`, `{0}/registration/bootstrap` are missing: run `scripts/build`, or \
             name the folder of the binaries with `--context assets=<folder>`",
            assets.display()
        )
    );
    assert!(!project.path("out").exists(), "nothing is half done");
}

#[test]
fn only_the_binaries_of_what_is_on_are_needed() {
    let project = Project::new(&["custom-resource", "jitr"]);
    let manifest = json!({ "default": {
        "telemetry": { "deploy": false }, "events": { "deploy": false }, "api": { "deploy": false },
        "ownerapp": { "deploy": false }, "defender": { "deploy": false },
    }});
    fs::write(project.path("cdk-manifest.json"), manifest.to_string()).unwrap();
    project.synthesize().unwrap();
}

#[test]
fn a_refused_manifest_writes_nothing() {
    let project = Project::new(SERVICES);
    let path = project.path("cdk-manifest.json");
    fs::write(&path, "{}").unwrap();
    assert_eq!(
        project.synthesize().unwrap_err(),
        format!(
            "`{}` is refused:\ndefault: missing; it has to be an object with the version and the \
             components",
            path.display()
        )
    );
    fs::remove_file(&path).unwrap();
    assert_eq!(
        project.synthesize().unwrap_err(),
        format!(
            "cannot read the manifest `{}` (run `cdk` in the folder that holds it)",
            path.display()
        )
    );
    assert!(!project.path("out").exists());
}

#[test]
fn each_combination_is_in_one_of_the_templates_for_linters() {
    let folder = TempDir::new().unwrap();
    let folder = folder.path().join("deep/templates");
    let (all, written) = run::write_templates(&folder).unwrap();
    let contents = contents(&folder);
    assert_eq!(contents.len(), written);
    assert!(contents.contains_key("aws-options.template.json"));
    assert!(contents.contains_key("local-options.template.json"));

    let written: Vec<Value> = contents
        .values()
        .map(|it| serde_json::from_str(it).unwrap())
        .collect();
    let combinations = Template::all();
    assert_eq!(
        all,
        combinations.len() + 4,
        "and the options of each cloud, and two pipelines"
    );
    for combination in combinations {
        let has_all = |template: &&Value| {
            combination.resources().all(|it| {
                let resource = &template["Resources"][it.id];
                let different = ["AWS::CloudWatch::Dashboard", "Custom::Requirements"];
                different.contains(&it.kind()) || resource["Properties"] == *it.properties()
            })
        };
        assert!(
            written.iter().any(|it| has_all(&it)),
            "{}",
            combination.name
        );
    }
}

/// A folder with our manifest, some binaries and a place for the assembly.
struct Project(TempDir);

impl Project {
    fn new(services: &[&str]) -> Self {
        let project = Self(TempDir::new().unwrap());
        for service in services {
            let folder = project.path("assets").join(service);
            fs::create_dir_all(&folder).unwrap();
            fs::write(folder.join("bootstrap"), format!("binary of {service}")).unwrap();
        }
        fs::create_dir_all(project.path("console/assets")).unwrap();
        fs::write(project.path("console/index.html"), "page").unwrap();
        fs::write(project.path("console/assets/index-1.js"), "script").unwrap();
        let manifest = crate::manifest::ours().to_string();
        fs::write(project.path("cdk-manifest.json"), manifest).unwrap();
        project
    }

    fn path(&self, path: &str) -> std::path::PathBuf {
        self.0.path().join(path)
    }

    fn synthesize(&self) -> Result<(), String> {
        self.synthesize_at(None, &json!({}))
    }

    /// As in a clone that has this commit checked out.
    fn synthesize_at(&self, commit: Option<&str>, more: &Value) -> Result<(), String> {
        let mut context = json!({
            "stackName": "Trial",
            "assets": self.path("assets"),
            "console": self.path("console"),
            "manifest": self.path("cdk-manifest.json"),
        });
        for (key, value) in more.as_object().unwrap() {
            context[key] = value.clone();
        }
        let mut input = Input::new(context.as_object().unwrap(), self.path("out")).unwrap();
        input.commit = commit.map(str::to_owned);
        run::synthesize(&input).map_err(|error| error.to_string())
    }

    /// Every file of the assembly with its content.
    fn assembly(&self) -> BTreeMap<String, String> {
        contents(&self.path("out"))
    }

    /// The folders of the assembly that hold a console.
    fn consoles(&self) -> Vec<String> {
        let files = self.assembly().into_keys();
        let folders = files.filter_map(|it| it.strip_suffix("/index.html").map(str::to_owned));
        folders.collect()
    }

    fn json(&self, file: &str) -> Value {
        serde_json::from_str(&self.assembly()[file]).unwrap()
    }
}

fn contents(folder: &Path) -> BTreeMap<String, String> {
    let mut files = BTreeMap::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(next) = folders.pop() {
        for entry in fs::read_dir(next).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                let name = path
                    .strip_prefix(folder)
                    .unwrap()
                    .to_str()
                    .unwrap()
                    .to_owned();
                files.insert(name, fs::read_to_string(&path).unwrap());
            }
        }
    }
    files
}
