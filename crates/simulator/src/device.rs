//! A device's identity: a key, and a certificate with its serial number as
//! common name.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};
use rcgen::{ExtendedKeyUsagePurpose, KeyUsagePurpose};
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;

use crate::pki::{self, Authority};
use crate::serial::Serial;

#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Serial number of the device, common name of its certificate.
    #[arg(long)]
    serial: Serial,
    /// Folder of the CA that signs.
    #[arg(long)]
    ca_dir: PathBuf,
    /// Folder for the device's files, one folder for as many devices as you like.
    #[arg(long)]
    dir: PathBuf,
    /// Days until the certificate expires.
    #[arg(long, default_value_t = pki::DAYS)]
    days: u16,
    /// Replace the key and the certificate: the cloud lets a device in with the one it knows.
    #[arg(long)]
    force: bool,
}

/// Files of one device; their names start with its serial number.
#[derive(Debug)]
pub(crate) struct Files {
    /// Private key.
    pub(crate) key: PathBuf,
    /// The device's certificate alone.
    pub(crate) certificate: PathBuf,
    /// The device's certificate, then its CA's: what a first connection presents.
    pub(crate) chain: PathBuf,
}

impl Files {
    pub(crate) fn new(dir: &Path, serial: &Serial) -> Self {
        Self {
            key: dir.join(format!("{serial}.key")),
            certificate: dir.join(format!("{serial}.crt")),
            chain: dir.join(format!("{serial}.chain.crt")),
        }
    }
}

/// Runs the subcommand.
pub(crate) fn run(args: &Args) -> Result<()> {
    let done = if create(args)? { "made" } else { "kept" };
    let files = Files::new(&args.dir, &args.serial);
    eprintln!(
        "{done} key `{}` and chain `{}`",
        files.key.display(),
        files.chain.display()
    );
    Ok(())
}

fn create(args: &Args) -> Result<bool> {
    let authority = Authority::load(&args.ca_dir)?;
    make(&authority, &args.dir, &args.serial, args.days, args.force)
}

/// Makes key, certificate and chain in `dir` unless they are there; says
/// whether it did.
///
/// # Errors
///
/// When what is there is another device's or of another CA and `force` is not
/// set, or a file cannot be read or written.
pub(crate) fn make(
    authority: &Authority,
    dir: &Path,
    serial: &Serial,
    days: u16,
    force: bool,
) -> Result<bool> {
    let files = Files::new(dir, serial);
    if !force && pki::read(&files.chain)?.is_some() {
        check(&files, serial, authority)?;
        return Ok(false);
    }
    let key = pki::key(&files.key, force)?;
    let mut params = pki::params(serial.as_str(), days)?;
    params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth];
    let certificate = authority.sign(&params, &key)?;
    pki::write(&files.certificate, &certificate, 0o644)?;
    // The chain is what marks the work as done, so it comes last.
    pki::write(&files.chain, &(certificate + authority.pem()), 0o644)?;
    Ok(true)
}

/// A device for tests.
#[cfg(test)]
pub(crate) fn create_in(dir: &Path, serial: &Serial, ca_dir: &Path) {
    let (dir, ca_dir) = (dir.to_owned(), ca_dir.to_owned());
    let args = Args {
        serial: serial.clone(),
        ca_dir,
        dir,
        days: 10,
        force: false,
    };
    assert!(create(&args).unwrap());
}

/// Refuses files that are not what the caller takes them for.
fn check(files: &Files, serial: &Serial, authority: &Authority) -> Result<()> {
    let chain = pki::certificates(&files.chain)?;
    let ca = CertificateDer::from_pem_slice(authority.pem().as_bytes())
        .context("the CA certificate is not in PEM form")?;
    ensure!(
        pki::common_name(&chain[0]).as_deref() == Some(serial.as_str()),
        "`{}` is the certificate of another device: `--force` replaces it",
        files.chain.display()
    );
    ensure!(
        chain.get(1) == Some(&ca),
        "`{}` was signed by another CA: `--force` replaces it",
        files.chain.display()
    );
    pki::private_key(&files.key)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use rustls::RootCertStore;
    use rustls::crypto::ring;
    use rustls::pki_types::UnixTime;
    use rustls::server::WebPkiClientVerifier;

    use super::*;
    use crate::ca;

    struct Bench {
        dir: tempfile::TempDir,
    }

    impl Bench {
        fn new() -> Self {
            let bench = Self {
                dir: tempfile::tempdir().unwrap(),
            };
            ca::create_in(&bench.path("ca"));
            ca::create_in(&bench.path("other-ca"));
            bench
        }

        fn path(&self, name: &str) -> PathBuf {
            self.dir.path().join(name)
        }

        fn args(&self, ca: &str, force: bool) -> Args {
            Args {
                serial: "SN-1".parse().unwrap(),
                ca_dir: self.path(ca),
                dir: self.path("devices"),
                days: 10,
                force,
            }
        }

        fn files(&self) -> Files {
            Files::new(&self.path("devices"), &"SN-1".parse().unwrap())
        }

        fn key(&self) -> String {
            std::fs::read_to_string(self.files().key).unwrap()
        }

        /// Whether a broker that trusts `ca` lets the chain in.
        fn trusts(&self, ca: &str) -> bool {
            let mut roots = RootCertStore::empty();
            let root = pki::certificates(&Authority::certificate_path(&self.path(ca))).unwrap();
            roots.add(root[0].clone()).unwrap();
            let provider = Arc::new(ring::default_provider());
            let broker = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider)
                .build()
                .unwrap();
            let chain = pki::certificates(&self.files().chain).unwrap();
            broker
                .verify_client_cert(&chain[0], &chain[1..], UnixTime::now())
                .is_ok()
        }
    }

    #[test]
    fn the_chain_is_the_device_then_the_ca_and_holds() {
        let bench = Bench::new();
        assert!(create(&bench.args("ca", false)).unwrap());
        let chain = pki::certificates(&bench.files().chain).unwrap();
        let ca = pki::certificates(&Authority::certificate_path(&bench.path("ca"))).unwrap();
        assert_eq!(chain.len(), 2);
        assert_eq!(pki::common_name(&chain[0]).as_deref(), Some("SN-1"));
        assert_eq!(
            chain[0],
            pki::certificates(&bench.files().certificate).unwrap()[0]
        );
        assert_eq!(chain[1], ca[0]);
        assert!(bench.trusts("ca"));
        assert!(!bench.trusts("other-ca"));
    }

    #[test]
    fn a_second_run_keeps_everything() {
        let bench = Bench::new();
        create(&bench.args("ca", false)).unwrap();
        let (key, chain) = (
            bench.key(),
            pki::certificates(&bench.files().chain).unwrap(),
        );
        assert!(!create(&bench.args("ca", false)).unwrap());
        assert_eq!(
            (
                bench.key(),
                pki::certificates(&bench.files().chain).unwrap()
            ),
            (key, chain)
        );
    }

    #[test]
    fn a_run_that_ended_half_way_is_completed_with_the_same_key() {
        let bench = Bench::new();
        create(&bench.args("ca", false)).unwrap();
        let key = bench.key();
        std::fs::remove_file(bench.files().chain).unwrap();
        assert!(create(&bench.args("ca", false)).unwrap());
        assert_eq!(bench.key(), key);
        assert!(bench.trusts("ca"));
    }

    #[test]
    fn another_ca_needs_force() {
        let bench = Bench::new();
        create(&bench.args("ca", false)).unwrap();
        let key = bench.key();
        let error = create(&bench.args("other-ca", false))
            .unwrap_err()
            .to_string();
        assert!(
            error.contains("was signed by another CA: `--force` replaces it"),
            "{error}"
        );
        assert_eq!(bench.key(), key);
        assert!(create(&bench.args("other-ca", true)).unwrap());
        assert_ne!(bench.key(), key);
        assert!(bench.trusts("other-ca"));
    }
}
