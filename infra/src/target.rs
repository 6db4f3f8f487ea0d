//! What a stack is synthesized for, apart from the manifest.

use std::collections::BTreeMap;

use stratosphere::value::ExpString;

use crate::local::Cloud;
use crate::value::sub;

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

/// The zipped assets in the bucket that `cdk bootstrap` made.
#[derive(Clone, Debug)]
pub struct Code {
    /// Qualifier of the bootstrap stack, part of the bucket's name.
    pub qualifier: String,
    /// Content hash of each asset.
    pub hashes: BTreeMap<&'static str, String>,
}

impl Code {
    /// Name of the assets bucket, as a template writes it.
    #[must_use]
    pub fn bucket(&self) -> ExpString {
        sub(self.bucket_pattern())
    }

    /// Name of the assets bucket with the placeholders that `cdk` fills in.
    #[must_use]
    pub fn bucket_pattern(&self) -> String {
        format!(
            "cdk-{}-assets-${{AWS::AccountId}}-${{AWS::Region}}",
            self.qualifier
        )
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
}
