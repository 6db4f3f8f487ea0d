//! One event of IoT Core in, one decision out.

use contract::metric;
use domain::id::CertificateId;
use domain::jitr::{Admission, Admissions, Certificates, TrustedCas, admit};
use jiff::Timestamp;
use lambda_runtime::{Diagnostic, LambdaEvent};
use runtime::Chain;
use serde::Deserialize;
use tracing::{info, warn};

/// The part of the event that we read. The rest (status, CA, time) is asked of
/// IoT Core: an event may be old, what the certificate is now counts.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct CertificateRegistered {
    certificate_id: CertificateId,
}

/// Translates one event into one domain call, and its outcome into a log line
/// and a metric. A refusal is an outcome, not a failure: repeating the event
/// would change nothing, the device's next connection may.
pub(crate) async fn handle(
    certificates: &impl Certificates,
    admissions: &impl Admissions,
    trusted: &TrustedCas,
    event: LambdaEvent<CertificateRegistered>,
) -> Result<(), Diagnostic> {
    let certificate = event.payload.certificate_id;
    match admit(
        certificates,
        admissions,
        trusted,
        &certificate,
        Timestamp::now(),
    )
    .await
    {
        Ok(Admission::Admitted(device)) => {
            runtime::count(metric::NAMESPACE, metric::REGISTRATION_COMPLETED);
            info!(device.id = %device, certificate.id = %certificate, "let device `{device}` in");
            Ok(())
        }
        Ok(Admission::AlreadyAdmitted(device)) => {
            info!(device.id = %device, certificate.id = %certificate, "device `{device}` was let in before");
            Ok(())
        }
        Ok(Admission::Refused(refusal)) => {
            runtime::count(metric::NAMESPACE, metric::REGISTRATION_REFUSED);
            let device = refusal.device().map(ToString::to_string);
            warn!(device.id = device, certificate.id = %certificate, "refused: {refusal}");
            Ok(())
        }
        Err(err) => Err(Diagnostic {
            error_type: "RegistrationUpdateFailure".to_owned(),
            error_message: Chain(&err).to_string(),
        }),
    }
}
