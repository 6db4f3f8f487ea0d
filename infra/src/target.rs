//! What a stack is synthesized for, apart from the manifest.

use std::collections::BTreeMap;

use stratosphere::value::{AWS_REGION, ExpString, fn_find_in_map, join};

use crate::local::Cloud;
use crate::value::{literal, sub};

/// Everything that two deployments of one manifest may differ in.
#[derive(Clone, Debug)]
pub struct Target {
    /// Name of the stack.
    pub stack_name: String,
    /// AWS, or its emulator on one machine.
    pub cloud: Cloud,
    /// Instruction set of the function binaries.
    pub architecture: Architecture,
    /// Where the function binaries and the console are.
    pub code: Code,
    /// ARN of the policy that bounds every role, where whoever deploys may make
    /// only such roles.
    pub boundary: Option<String>,
}

impl Target {
    /// The stack's name where capital letters and hyphens are not allowed.
    #[must_use]
    pub fn plain_name(&self) -> String {
        self.stack_name.to_ascii_lowercase().replace('-', "_")
    }
}

/// Instruction set of the functions.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Architecture {
    /// AWS Graviton: costs a fifth less than x86-64 for the same time.
    Arm64,
    /// For an emulator on such a machine, which runs the binaries natively.
    X86_64,
}

impl Architecture {
    /// As CloudFormation writes it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Arm64 => "arm64",
            Self::X86_64 => "x86_64",
        }
    }
}

/// The zipped assets in a bucket.
#[derive(Clone, Debug)]
pub struct Code {
    /// The bucket.
    pub store: Store,
    /// Content hash of each asset.
    pub hashes: BTreeMap<&'static str, String>,
}

/// A bucket with what a template needs beside itself.
#[derive(Clone, Debug)]
pub enum Store {
    /// That of `cdk bootstrap`, whose stack has this qualifier.
    Bootstrap(String),
    /// Any other of the account, by its name.
    Bucket(String),
    /// One for each region, which somebody has filled for others to launch the
    /// template: what its mapping [`PUBLISHED`] says.
    Published,
}

/// Mapping and key of a published template's `Bucket`, to which the region is
/// added, and the `Prefix` of the keys in it.
pub const PUBLISHED: (&str, &str) = ("Solution", "Assets");

impl Code {
    /// Name of the assets bucket, as a template writes it.
    #[must_use]
    pub fn bucket(&self) -> ExpString {
        match &self.store {
            Store::Published => join("-", [published("Bucket"), AWS_REGION]),
            Store::Bucket(name) => literal(name),
            Store::Bootstrap(_) => sub(self.bucket_pattern()),
        }
    }

    /// Name of the assets bucket with the placeholders that `cdk` fills in.
    #[must_use]
    pub fn bucket_pattern(&self) -> String {
        match &self.store {
            Store::Bootstrap(qualifier) => {
                format!("cdk-{qualifier}-assets-${{AWS::AccountId}}-${{AWS::Region}}")
            }
            Store::Bucket(name) => name.clone(),
            Store::Published => unreachable!("nothing of a published template is left to upload"),
        }
    }

    /// Key of an asset's zip: of a service, for one.
    ///
    /// # Panics
    ///
    /// When a feature uses a service that it does not list in its `SERVICES`.
    #[must_use]
    pub fn key(&self, asset: &str) -> String {
        let hash = self.hashes.get(asset);
        format!(
            "{}.zip",
            hash.unwrap_or_else(|| panic!("there is no asset `{asset}`"))
        )
    }

    /// A key in the bucket, as a template writes it.
    #[must_use]
    pub fn object(&self, key: &str) -> ExpString {
        match self.store {
            Store::Published => join("/", [published("Prefix"), literal(key)]),
            Store::Bootstrap(_) | Store::Bucket(_) => literal(key),
        }
    }
}

fn published(key: &str) -> ExpString {
    let (map, entry) = PUBLISHED;
    fn_find_in_map(map, entry, key)
}
