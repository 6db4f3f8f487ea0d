//! What `jitr` reads from its environment, once.

use contract::env;
use domain::id::CertificateId;
use domain::jitr::TrustedCas;
use lambda_runtime::Error;

/// `CA_CERTIFICATE_IDS`, `DEVICE_POLICY`, `REGISTRATIONS_TABLE`.
#[derive(Debug)]
pub(crate) struct Config {
    pub(crate) device_policy: String,
    pub(crate) registrations_table: String,
    pub(crate) trusted_cas: TrustedCas,
}

impl Config {
    pub(crate) fn from_env() -> Result<Self, Error> {
        Ok(Self {
            device_policy: runtime::env::required(env::DEVICE_POLICY)?,
            registrations_table: runtime::env::required(env::REGISTRATIONS_TABLE)?,
            trusted_cas: trusted_cas(&runtime::env::required(env::CA_CERTIFICATE_IDS)?)?,
        })
    }
}

/// Ids separated by commas; none means that no CA is singled out.
fn trusted_cas(ids: &str) -> Result<TrustedCas, Error> {
    match ids {
        "" => Ok(TrustedCas::AnyRegistered),
        ids => Ok(TrustedCas::Only(
            ids.split(',')
                .map(CertificateId::new)
                .collect::<Result<_, _>>()?,
        )),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn an_empty_list_trusts_what_the_account_has_registered() {
        assert_eq!(trusted_cas("").unwrap(), TrustedCas::AnyRegistered);
    }

    #[test]
    fn a_list_is_taken_by_its_word_and_a_typo_in_it_is_fatal() {
        let (a, b) = ("a".repeat(64), "b".repeat(64));
        let only = TrustedCas::Only(BTreeSet::from([
            CertificateId::new(&a).unwrap(),
            CertificateId::new(&b).unwrap(),
        ]));
        assert_eq!(trusted_cas(&format!("{a},{b}")).unwrap(), only);
        for bad in [
            format!("{a},"),
            format!("{a}, {b}"),
            "abc".to_owned(),
            ",".to_owned(),
        ] {
            assert!(trusted_cas(&bad).is_err(), "{bad}");
        }
    }
}
