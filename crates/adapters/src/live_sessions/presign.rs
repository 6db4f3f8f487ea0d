//! The address of the broker, signed by Signature Version 4 in its query.

use std::error::Error;
use std::time::SystemTime;

use aws_credential_types::Credentials;
use aws_sigv4::http_request::{
    SessionTokenMode, SignableBody, SignableRequest, SignatureLocation, SigningSettings, sign,
};
use aws_sigv4::sign::v4;
use domain::live::{Address, LIFETIME};
use jiff::Timestamp;

/// The name of the broker's service for clients that are signed in by IAM.
const SERVICE: &str = "iotdevicegateway";

/// `{endpoint}/mqtt`, which lets in whoever has it until [`LIFETIME`] after `now`.
///
/// The broker checks the signature without the session's token, so the token
/// comes last (<https://docs.aws.amazon.com/iot/latest/developerguide/protocols.html>).
pub(super) fn url(
    endpoint: &str,
    region: &str,
    credentials: Credentials,
    now: Timestamp,
) -> Result<Address, Box<dyn Error + Send + Sync>> {
    let mut settings = SigningSettings::default();
    settings.signature_location = SignatureLocation::QueryParams;
    settings.session_token_mode = SessionTokenMode::Exclude;
    settings.expires_in = Some(LIFETIME);

    let identity = credentials.into();
    let params = v4::SigningParams::builder()
        .identity(&identity)
        .region(region)
        .name(SERVICE)
        .time(SystemTime::from(now))
        .settings(settings)
        .build()?
        .into();
    let url = format!("{endpoint}/mqtt");
    let none = std::iter::empty::<(&str, &str)>();
    let request = SignableRequest::new("GET", &url, none, SignableBody::Bytes(&[]))?;
    let (signed, _) = sign(request, &params)?.into_parts();

    let mut query = form_urlencoded::Serializer::new(String::new());
    for (name, value) in signed.params() {
        query.append_pair(name, value);
    }
    Ok(Address::new(format!("{url}?{}", query.finish())))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The signatures were made by another program, from the rules in
    /// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html>.
    #[test]
    fn addresses_are_signed_as_the_broker_checks_them() {
        for (endpoint, signature) in [
            (
                "wss://abc-ats.iot.eu-west-1.amazonaws.com",
                "1476b6adc8848592ac8de37d956f67cad24674dae902500581f3e3efa6f5f6e6",
            ),
            (
                "ws://iot.eu-west-1.localhost:4566",
                "0b2bd4c93d42644b401ff8b92e4649f7dbce79bc256a844891915c18ee530880",
            ),
        ] {
            let credentials = Credentials::new(
                "ASIAEXAMPLE",
                "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY",
                Some("a+token/with=signs".to_owned()),
                None,
                "test",
            );
            let now = "2026-11-21T04:17:00.7Z".parse().unwrap();
            let url = url(endpoint, "eu-west-1", credentials, now).unwrap();
            let expected = format!(
                "{endpoint}/mqtt?X-Amz-Algorithm=AWS4-HMAC-SHA256\
                 &X-Amz-Credential=ASIAEXAMPLE%2F20261121%2Feu-west-1%2Fiotdevicegateway%2Faws4_request\
                 &X-Amz-Date=20261121T041700Z&X-Amz-Expires=900&X-Amz-SignedHeaders=host\
                 &X-Amz-Signature={signature}&X-Amz-Security-Token=a%2Btoken%2Fwith%3Dsigns"
            );
            assert_eq!(url.as_str(), expected);
        }
    }
}
