//! `infra cost`.

use std::fs;
use std::io;
use std::path::PathBuf;

use super::{Estimate, InvalidPrices, Prices, Usage};
use crate::run::{self, RunError};

/// What to estimate, and how to say it.
#[derive(Clone, Debug, clap::Args)]
pub struct Args {
    #[command(flatten)]
    usage: Usage,
    /// Which components are deployed.
    #[arg(long, value_name = "FILE", default_value = "cdk-manifest.json")]
    manifest: PathBuf,
    /// Prices of another region, in a file like `infra/prices/us-east-1.json`.
    #[arg(long, value_name = "FILE")]
    prices: Option<PathBuf>,
    /// Print JSON.
    #[arg(long)]
    json: bool,
}

/// Why there is no estimate, in a sentence for whoever asked.
#[derive(Debug, thiserror::Error)]
pub enum CostError {
    /// See [`RunError`].
    #[error(transparent)]
    Manifest(#[from] RunError),
    /// No file of prices.
    #[error("cannot read the prices `{}`", path.display())]
    NoPrices {
        /// Where they should be.
        path: PathBuf,
        /// Why they cannot be read.
        source: io::Error,
    },
    /// Prices that cannot be used.
    #[error("the prices `{}` cannot be used: {problem}", path.display())]
    Prices {
        /// Where they are.
        path: PathBuf,
        /// What is wrong with them.
        problem: InvalidPrices,
    },
}

impl Args {
    /// The estimate as it is printed.
    ///
    /// # Errors
    ///
    /// When the manifest or the prices cannot be read, or are not as they
    /// should be.
    pub fn run(&self) -> Result<String, CostError> {
        let manifest = run::read_manifest(&self.manifest)?;
        let estimate = Estimate::new(&manifest, &self.usage, &self.prices()?);
        Ok(match self.json {
            true => format!("{:#}", estimate.to_json()),
            false => estimate.to_string(),
        })
    }

    fn prices(&self) -> Result<Prices, CostError> {
        let Some(path) = self.prices.clone() else {
            return Ok(Prices::ours());
        };
        let text = fs::read_to_string(&path).map_err(|source| CostError::NoPrices {
            path: path.clone(),
            source,
        })?;
        Prices::parse(&text).map_err(|problem| CostError::Prices { path, problem })
    }
}
