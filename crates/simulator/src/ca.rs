//! A certificate authority of one's own: made once, registered in an account
//! by proving that its key is at hand.

use std::path::PathBuf;

use anyhow::{Context, Result};
use aws_sdk_iot::Client;
use aws_sdk_iot::operation::register_ca_certificate::RegisterCACertificateError as Refusal;
use aws_sdk_iot::types::{AutoRegistrationStatus, CaCertificateStatus};
use rcgen::{BasicConstraints, IsCa, KeyPair, KeyUsagePurpose};

use crate::aws::{Account, explain};
use crate::pki::{self, Authority};

#[derive(Debug, clap::Subcommand)]
pub(crate) enum Command {
    /// Make the CA's key and certificate; what is there already is kept.
    Create(CreateArgs),
    /// Register the CA, activate it and open it for just-in-time registration;
    /// prints its id. Doing it again is harmless.
    Register(RegisterArgs),
}

#[derive(Debug, clap::Args)]
pub(crate) struct CreateArgs {
    /// Folder of the CA.
    #[arg(long)]
    dir: PathBuf,
    /// Common name of the CA.
    #[arg(long, default_value = "Smart Product Sample CA")]
    name: String,
    /// Days until it expires.
    #[arg(long, default_value_t = pki::DAYS)]
    days: u16,
    /// Replace the key and the certificate: devices of the old CA stay with it.
    #[arg(long)]
    force: bool,
}

#[derive(Debug, clap::Args)]
pub(crate) struct RegisterArgs {
    /// Folder of the CA.
    #[arg(long)]
    dir: PathBuf,
    #[command(flatten)]
    aws: Account,
}

/// Runs one of the subcommands.
pub(crate) async fn run(command: Command) -> Result<()> {
    match command {
        Command::Create(args) => {
            let path = Authority::certificate_path(&args.dir);
            let done = if create(&args)? { "made" } else { "kept" };
            eprintln!("{done} the CA certificate `{}`", path.display());
        }
        Command::Register(args) => {
            let authority = Authority::load(&args.dir)?;
            let client = Client::new(&args.aws.load().await?);
            let id = register(&client, &authority).await?;
            eprintln!(
                "the CA is registered, active and open for just-in-time registration; its id:"
            );
            println!("{id}");
        }
    }
    Ok(())
}

/// Makes the CA unless it is there; says whether it did.
fn create(args: &CreateArgs) -> Result<bool> {
    let path = Authority::certificate_path(&args.dir);
    if !args.force && pki::read(&path)?.is_some() {
        Authority::load(&args.dir)?;
        return Ok(false);
    }
    let key = pki::key(&Authority::key_path(&args.dir), args.force)?;
    let mut params = pki::params(&args.name, args.days)?;
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    let certificate = params
        .self_signed(&key)
        .context("could not sign the CA certificate")?;
    pki::write(&path, &certificate.pem(), 0o644)?;
    Ok(true)
}

/// A CA for tests.
#[cfg(test)]
pub(crate) fn create_in(dir: &std::path::Path) {
    let args = CreateArgs {
        dir: dir.to_owned(),
        name: "Test CA".into(),
        days: 10,
        force: false,
    };
    assert!(create(&args).unwrap());
}

/// Where CAs are registered: IoT Core.
trait Registry {
    /// What the verification certificate must have as its common name.
    async fn registration_code(&self) -> Result<String>;
    /// Registers the CA and returns its id, also where it is registered already.
    async fn register(&self, ca: &str, verification: &str) -> Result<String>;
    /// Activates the CA and lets it register devices just in time.
    async fn open(&self, id: &str) -> Result<()>;
}

async fn register(registry: &impl Registry, authority: &Authority) -> Result<String> {
    let code = registry
        .registration_code()
        .await
        .context("could not get a registration code")?;
    let params = pki::params(&code, 1)?;
    let verification = authority.sign(&params, &KeyPair::generate()?)?;
    let id = registry
        .register(authority.pem(), &verification)
        .await
        .context("could not register the CA certificate")?;
    registry
        .open(&id)
        .await
        .with_context(|| format!("could not activate the CA certificate {id}"))?;
    Ok(id)
}

impl Registry for Client {
    async fn registration_code(&self) -> Result<String> {
        let answer = self
            .get_registration_code()
            .send()
            .await
            .map_err(|error| explain(&error))?;
        answer.registration_code.context("AWS answered without one")
    }

    async fn register(&self, ca: &str, verification: &str) -> Result<String> {
        let answer = self
            .register_ca_certificate()
            .ca_certificate(ca)
            .verification_certificate(verification)
            .send()
            .await;
        match answer {
            Ok(registered) => registered
                .certificate_id
                .context("AWS answered without its id"),
            Err(error) => match error.as_service_error() {
                Some(Refusal::ResourceAlreadyExistsException(existing)) => existing
                    .resource_id
                    .clone()
                    .context("AWS has it already, and gave no id"),
                _ => Err(explain(&error)),
            },
        }
    }

    async fn open(&self, id: &str) -> Result<()> {
        self.update_ca_certificate()
            .certificate_id(id)
            .new_status(CaCertificateStatus::Active)
            .new_auto_registration_status(AutoRegistrationStatus::Enable)
            .send()
            .await
            .map_err(|error| explain(&error))?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;
    use std::collections::BTreeMap;
    use std::path::Path;

    use rustls::pki_types::CertificateDer;
    use rustls::pki_types::pem::PemObject;
    use x509_parser::parse_x509_certificate;

    use super::*;

    const CODE: &str = "0123456789abcdef";

    /// Behaves as IoT Core does: wants the proof each time, and knows a CA by
    /// its certificate.
    #[derive(Default)]
    struct Account {
        open_by_certificate: RefCell<BTreeMap<String, bool>>,
    }

    impl Registry for Account {
        async fn registration_code(&self) -> Result<String> {
            Ok(CODE.to_owned())
        }

        async fn register(&self, ca: &str, verification: &str) -> Result<String> {
            let ca_der = CertificateDer::from_pem_slice(ca.as_bytes())?;
            let proof_der = CertificateDer::from_pem_slice(verification.as_bytes())?;
            assert_eq!(pki::common_name(&proof_der).as_deref(), Some(CODE));
            let (_, proof) = parse_x509_certificate(&proof_der)?;
            let (_, ca_parsed) = parse_x509_certificate(&ca_der)?;
            assert_eq!(proof.issuer(), ca_parsed.subject());
            self.open_by_certificate
                .borrow_mut()
                .entry(ca.to_owned())
                .or_insert(false);
            Ok(format!("id of {ca}"))
        }

        async fn open(&self, id: &str) -> Result<()> {
            let mut all = self.open_by_certificate.borrow_mut();
            *all.get_mut(id.strip_prefix("id of ").unwrap()).unwrap() = true;
            Ok(())
        }
    }

    fn args(dir: &Path, force: bool) -> CreateArgs {
        CreateArgs {
            dir: dir.to_owned(),
            name: "Test CA".to_owned(),
            days: 10,
            force,
        }
    }

    #[tokio::test]
    async fn registering_proves_the_key_and_opens_the_ca() {
        let dir = tempfile::tempdir().unwrap();
        create(&args(dir.path(), false)).unwrap();
        let authority = Authority::load(dir.path()).unwrap();
        let account = Account::default();

        let first = register(&account, &authority).await.unwrap();
        let second = register(&account, &authority).await.unwrap();

        assert_eq!(first, second);
        let all = account.open_by_certificate.into_inner();
        assert_eq!(all.into_values().collect::<Vec<_>>(), [true]);
    }

    #[test]
    fn a_ca_is_made_once_and_replaced_by_force_only() {
        let dir = tempfile::tempdir().unwrap();
        let pem = || Authority::load(dir.path()).unwrap().pem().to_owned();

        assert!(create(&args(dir.path(), false)).unwrap());
        let first = pem();
        assert!(!create(&args(dir.path(), false)).unwrap());
        assert_eq!(pem(), first);
        assert!(create(&args(dir.path(), true)).unwrap());
        assert_ne!(pem(), first);
    }

    #[test]
    fn the_certificate_says_that_it_is_a_ca() {
        let dir = tempfile::tempdir().unwrap();
        create(&args(dir.path(), false)).unwrap();
        let certificate = pki::certificates(&Authority::certificate_path(dir.path())).unwrap();
        assert_eq!(
            pki::common_name(&certificate[0]).as_deref(),
            Some("Test CA")
        );
        let (_, parsed) = parse_x509_certificate(&certificate[0]).unwrap();
        assert!(parsed.is_ca());
        assert_eq!(parsed.subject(), parsed.issuer());
        assert!(parsed.validity().is_valid());
    }

    #[test]
    fn a_missing_ca_says_how_to_make_one() {
        let dir = tempfile::tempdir().unwrap();
        let error = Authority::load(dir.path())
            .map(|it| it.pem().to_owned())
            .unwrap_err();
        assert!(
            error.to_string().contains("simulator ca create --dir"),
            "{error}"
        );
    }
}
