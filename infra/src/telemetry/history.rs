//! The API's function that asks the dataset about one device.

use contract::telemetry::TABLE;
use contract::{env, timeout};

use super::queries;
use super::store::{ANSWERS, DATA, Store};
use crate::base::Base;
use crate::function::Function;
use crate::policy::Statement;
use crate::stack::Stack;
use crate::value::{arn_of, literal, reference};

/// Why objects are not named one by one.
const FILES: &str = "Athena reads and writes with the rights of who asks, and files are named when they are written";

/// Defines the function. Athena does everything with its rights: it reads the
/// catalogue and the files, and writes the answer.
///
/// Logical ids: `HistoryService…`.
pub(super) fn define(stack: &mut Stack, base: &Base, columns: String) -> Function {
    let (store, registrations) = (base.telemetry, base.tables.registrations);
    let database = stack.target().plain_name();
    let mut service = Function::new(
        "HistoryService",
        "history",
        "What devices have measured",
        timeout::HISTORY_SECONDS,
    );
    service.env(env::REGISTRATIONS_TABLE, registrations.name());
    service.env(env::TELEMETRY_COLUMNS, literal(columns));
    service.env(env::TELEMETRY_DATABASE, literal(database.as_str()));
    service.env(env::TELEMETRY_WORK_GROUP, reference(queries::WORK_GROUP));
    registrations.grant_get(&mut service);
    for statement in stack.target().cloud.ask(queries::WORK_GROUP) {
        service.grant(statement);
    }
    service.grant(Statement::allow_each(
        &["glue:GetDatabase", "glue:GetPartitions", "glue:GetTable"],
        vec![
            arn_of("glue", "catalog"),
            arn_of("glue", &format!("database/{database}")),
            arn_of("glue", &format!("table/{database}/{TABLE}")),
        ],
    ));
    for statement in files(store) {
        service.grant(statement);
    }
    service.define(stack);
    service
}

fn files(store: Store) -> [Statement; 3] {
    [
        Statement::allow(&["s3:GetBucketLocation", "s3:ListBucket"], store.arn()),
        Statement::allow_pattern(
            &["s3:GetObject"],
            vec![store.objects(&format!("{DATA}/*"))],
            FILES,
        ),
        Statement::allow_pattern(
            &["s3:AbortMultipartUpload", "s3:GetObject", "s3:PutObject"],
            vec![store.objects(&format!("{ANSWERS}/*"))],
            FILES,
        ),
    ]
}
