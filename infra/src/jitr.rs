//! Just-in-time registration: IoT Core tells a function about each device
//! certificate that it sees for the first time, and the function lets in those
//! that an owner waits for.

use contract::{env, index, topic};

use crate::base::Base;
use crate::function::Function;
use crate::manifest::Manifest;
use crate::policy::Statement;
use crate::rule::{self, RuleProps};
use crate::stack::Stack;
use crate::value::{arn_of, literal};

/// The binaries it needs.
pub const SERVICES: &[&str] = &["jitr"];

/// Why a certificate or thing is not named one by one.
const ANY_DEVICE: &str = "devices are not known when the stack is deployed";

/// Defines the function and the rule that invokes it.
///
/// Logical ids: `JitrService…`, `JitrRule…`.
pub fn define(stack: &mut Stack, manifest: &Manifest, base: &Base) {
    let mut service = Function::new(
        "JitrService",
        "jitr",
        "Lets in devices that an owner has registered",
        15,
    );
    service.env(
        env::CA_CERTIFICATE_IDS,
        literal(manifest.jitr.ca_certificate_ids.join(",")),
    );
    base.things.name_policy(&mut service);
    let registrations = base.tables.registrations;
    service.env(env::REGISTRATIONS_TABLE, registrations.name());
    registrations.grant_query_index(&mut service, index::REGISTRATIONS_BY_DEVICE);
    registrations.grant_update(&mut service);
    grant_certificates(stack, &mut service);
    service.fail_to(base.failed);
    service.define(stack);

    rule::define(
        stack,
        &RuleProps {
            id: "JitrRule",
            description: "Certificates that IoT Core has just stored",
            sql: format!("SELECT * FROM '{}/+'", topic::CERTIFICATE_REGISTERED),
            function: &service,
            failures: base.failed,
        },
    );
}

fn grant_certificates(stack: &Stack, service: &mut Function) {
    let cloud = stack.target().cloud;
    service.grant(Statement::allow_pattern(
        &[
            "iot:DeleteCertificate",
            "iot:DescribeCertificate",
            "iot:UpdateCertificate",
        ],
        vec![arn_of("iot", "cert/*")],
        ANY_DEVICE,
    ));
    service.grant(cloud.attach_policies(ANY_DEVICE));
    service.grant(Statement::allow_pattern(
        &["iot:AttachThingPrincipal"],
        cloud.principal_targets(),
        ANY_DEVICE,
    ));
    service.grant(Statement::allow_pattern(
        &["iot:ListThingPrincipals"],
        vec![arn_of("iot", "thing/*")],
        ANY_DEVICE,
    ));
}
