//! Dependencies point one way: services → {runtime, adapters} → domain, and
//! everyone may use contract.

use std::collections::BTreeSet;

use cargo_metadata::{DependencyKind, MetadataCommand, Package};

/// What of ours a package may be built with.
fn allowed(package: &Package) -> &'static [&'static str] {
    match package.name.as_str() {
        "contract" | "domain" => &[],
        "adapters" | "api" => &["contract", "domain"],
        "runtime" => &["api", "contract", "domain"],
        "infra" | "tests" => &["contract"],
        // Rows are written as the functions write them.
        "migrate" => &["adapters", "contract", "domain"],
        // Models are checked before they are loaded, as the API reads them.
        "simulator" => &["contract", "domain"],
        // It measures what the function `telemetry` does, around its own handler.
        "transform" => &["contract", "domain", "runtime"],
        _ => {
            assert!(
                package.manifest_path.as_str().contains("/crates/services/"),
                "`{}` is new: say here what it may depend on",
                package.name
            );
            &["adapters", "api", "contract", "domain", "runtime"]
        }
    }
}

#[test]
fn dependencies_point_one_way() {
    let metadata = MetadataCommand::new().no_deps().exec().unwrap();
    let ours: BTreeSet<&str> = metadata
        .packages
        .iter()
        .map(|it| it.name.as_str())
        .collect();
    assert!(ours.contains("domain") && ours.contains("jitr"), "{ours:?}");

    for package in &metadata.packages {
        let allowed = allowed(package);
        for dependency in &package.dependencies {
            let inside = ours.contains(dependency.name.as_str());
            if inside && dependency.kind == DependencyKind::Normal {
                assert!(
                    allowed.contains(&dependency.name.as_str()),
                    "`{}` must not depend on `{}`: {allowed:?} are allowed",
                    package.name,
                    dependency.name
                );
            }
        }
    }
}

#[test]
fn the_domain_knows_no_aws() {
    let metadata = MetadataCommand::new().no_deps().exec().unwrap();
    let domain = metadata
        .packages
        .iter()
        .find(|it| it.name.as_str() == "domain")
        .unwrap();
    for dependency in &domain.dependencies {
        assert!(!dependency.name.starts_with("aws"), "{}", dependency.name);
    }
}

#[test]
fn a_service_is_named_alike_as_folder_package_and_in_its_routes() {
    let metadata = MetadataCommand::new().no_deps().exec().unwrap();
    let services: BTreeSet<&str> = metadata
        .packages
        .iter()
        .filter_map(|it| {
            let folder = it.manifest_path.parent()?;
            (folder.parent()?.file_name()? == "services").then(|| {
                assert_eq!(folder.file_name(), Some(it.name.as_str()));
                it.name.as_str()
            })
        })
        .collect();
    for route in contract::route::ALL {
        assert!(services.contains(route.service), "{route:?} leads nowhere");
    }
}
