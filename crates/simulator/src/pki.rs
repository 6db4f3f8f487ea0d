//! Keys and certificates in files.

use std::fs::{self, OpenOptions};
use std::io::{ErrorKind, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, anyhow};
use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};
use rcgen::{CertificateParams, DistinguishedName, DnType, Issuer, KeyPair};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};

/// Lifetime of a certificate where nobody says otherwise. Products live long
/// and these have no way to renew.
pub(crate) const DAYS: u16 = 3650;

/// A certificate authority that can sign. Its files have the names that the
/// openssl steps of the device contract use, so either way of making them works.
pub(crate) struct Authority {
    pem: String,
    issuer: Issuer<'static, KeyPair>,
}

impl Authority {
    pub(crate) fn key_path(dir: &Path) -> PathBuf {
        dir.join("sampleCACertificate.key")
    }

    pub(crate) fn certificate_path(dir: &Path) -> PathBuf {
        dir.join("sampleCACertificate.pem")
    }

    pub(crate) fn load(dir: &Path) -> Result<Self> {
        let missing = || {
            format!(
                "there is no CA in `{0}`: make one by `simulator ca create --dir {0}`",
                dir.display()
            )
        };
        let pem = read(&Self::certificate_path(dir))?.with_context(missing)?;
        let key = read(&Self::key_path(dir))?.with_context(missing)?;
        let key = parse_key(&key, &Self::key_path(dir))?;
        let issuer = Issuer::from_ca_cert_pem(&pem, key).with_context(|| {
            format!(
                "`{}` is not a certificate in PEM form",
                Self::certificate_path(dir).display()
            )
        })?;
        Ok(Self { pem, issuer })
    }

    /// The authority's own certificate.
    pub(crate) fn pem(&self) -> &str {
        &self.pem
    }

    /// Signs `params` for the owner of `key`; returns the certificate as PEM.
    pub(crate) fn sign(&self, params: &CertificateParams, key: &KeyPair) -> Result<String> {
        Ok(params
            .signed_by(key, &self.issuer)
            .context("could not sign the certificate")?
            .pem())
    }
}

/// A certificate with `common_name` as its whole subject. It is valid from
/// yesterday, because the clock of a device or a broker may be behind.
pub(crate) fn params(common_name: &str, days: u16) -> Result<CertificateParams> {
    let midnight = |date: Date| {
        rcgen::date_time_ymd(
            date.year().into(),
            date.month().unsigned_abs(),
            date.day().unsigned_abs(),
        )
    };
    let today = Timestamp::now().to_zoned(TimeZone::UTC).date();
    let mut params = CertificateParams::default();
    params.distinguished_name = DistinguishedName::new();
    params
        .distinguished_name
        .push(DnType::CommonName, common_name);
    params.not_before = midnight(today.yesterday()?);
    params.not_after = midnight(today.checked_add(i64::from(days).days())?);
    params.use_authority_key_identifier_extension = true;
    Ok(params)
}

/// The key in `path`; a new one is made where there is none or `force` is set.
pub(crate) fn key(path: &Path, force: bool) -> Result<KeyPair> {
    if !force && let Some(pem) = read(path)? {
        return parse_key(&pem, path);
    }
    let key = KeyPair::generate().context("could not make a key")?;
    write(path, &key.serialize_pem(), 0o600)?;
    Ok(key)
}

fn parse_key(pem: &str, path: &Path) -> Result<KeyPair> {
    KeyPair::from_pem(pem).with_context(|| {
        format!(
            "`{}` is not an unencrypted PKCS #8 key (`BEGIN PRIVATE KEY`)",
            path.display()
        )
    })
}

/// The certificates in a PEM file, in its order.
pub(crate) fn certificates(path: &Path) -> Result<Vec<CertificateDer<'static>>> {
    let text = read(path)?.with_context(|| format!("there is no file `{}`", path.display()))?;
    let found: Vec<_> = CertificateDer::pem_slice_iter(text.as_bytes())
        .collect::<Result<_, _>>()
        .map_err(|error| anyhow!("`{}` is not in PEM form: {error}", path.display()))?;
    anyhow::ensure!(
        !found.is_empty(),
        "`{}` holds no certificate in PEM form",
        path.display()
    );
    Ok(found)
}

/// The private key in a PEM file, as TLS wants it.
pub(crate) fn private_key(path: &Path) -> Result<PrivateKeyDer<'static>> {
    let text = read(path)?.with_context(|| format!("there is no file `{}`", path.display()))?;
    PrivateKeyDer::from_pem_slice(text.as_bytes()).map_err(|error| {
        anyhow!(
            "`{}` holds no private key in PEM form: {error}",
            path.display()
        )
    })
}

/// The subject's common name.
pub(crate) fn common_name(certificate: &CertificateDer<'_>) -> Option<String> {
    let (_, parsed) = x509_parser::parse_x509_certificate(certificate).ok()?;
    let name = parsed.subject().iter_common_name().next()?;
    name.as_str().ok().map(str::to_owned)
}

/// The text of a file, `None` where there is no such file.
pub(crate) fn read(path: &Path) -> Result<Option<String>> {
    match fs::read_to_string(path) {
        Ok(text) => Ok(Some(text)),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error).with_context(|| format!("could not read `{}`", path.display())),
    }
}

/// Writes the whole file or nothing: a reader, or a second run after a crash,
/// never finds half of it. `mode` holds from the first byte on.
pub(crate) fn write(path: &Path, text: &str, mode: u32) -> Result<()> {
    let failed = || format!("could not write `{}`", path.display());
    if let Some(dir) = path.parent() {
        fs::create_dir_all(dir).with_context(failed)?;
    }
    let mut partial = path.as_os_str().to_owned();
    partial.push(format!(".{}", std::process::id()));
    let mut file = OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(mode)
        .open(&partial)
        .with_context(failed)?;
    file.write_all(text.as_bytes())
        .and_then(|()| file.sync_all())
        .with_context(failed)?;
    fs::rename(&partial, path).with_context(failed)
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    #[test]
    fn only_the_owner_can_read_a_key() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("new/device.key");
        key(&path, false).unwrap();
        assert_eq!(
            fs::metadata(&path).unwrap().permissions().mode() & 0o777,
            0o600
        );
    }

    #[test]
    fn a_key_is_replaced_by_force_only() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("device.key");
        let first = key(&path, false).unwrap().serialize_pem();
        assert_eq!(key(&path, false).unwrap().serialize_pem(), first);
        assert_ne!(key(&path, true).unwrap().serialize_pem(), first);
        assert_eq!(
            fs::read_dir(dir.path()).unwrap().count(),
            1,
            "nothing else is left over"
        );
    }

    #[test]
    fn what_is_not_a_key_is_neither_used_nor_overwritten() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("device.key");
        fs::write(&path, "precious").unwrap();
        let error = key(&path, false).unwrap_err().to_string();
        assert!(
            error.contains("device.key` is not an unencrypted PKCS #8 key"),
            "{error}"
        );
        assert_eq!(fs::read_to_string(&path).unwrap(), "precious");
    }
}
