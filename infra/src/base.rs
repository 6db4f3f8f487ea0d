//! What every deployment has, whatever its manifest switches on: the data, the
//! users, the things, and the queues where what failed waits.

use contract::{index, output, table};
use serde_json::json;

use crate::custom_resource::{Broker, Helper};
use crate::function::Function;
use crate::manifest::Manifest;
use crate::queue::Queue;
use crate::schedule;
use crate::stack::Stack;
use crate::table::{Index, Table, TableProps};
use crate::telemetry::Store;
use crate::things::{self, Things};
use crate::users::{self, Users};

/// The five tables. All of them hold what cannot be made again.
#[derive(Clone, Copy, Debug)]
pub struct Tables {
    /// Users' and solution's settings.
    pub settings: Table,
    /// Whose device is it.
    pub registrations: Table,
    /// Events and alerts.
    pub events: Table,
    /// Commands to devices.
    pub commands: Table,
    /// What was manufactured.
    pub reference: Table,
}

/// What the features build upon.
#[derive(Clone, Copy, Debug)]
pub struct Base {
    /// Where the data lives.
    pub tables: Tables,
    /// Who may sign in.
    pub users: Users,
    /// What a device is, and may do.
    pub things: Things,
    /// Where devices and pages connect to.
    pub broker: Broker,
    /// Gets what a function or a rule failed to handle.
    pub failed: Queue,
    /// Gets the messages that were not valid.
    pub rejected: Queue,
    /// Keeps telemetry.
    pub telemetry: Store,
}

impl Tables {
    /// Defines the tables; `docs/data-model.md` explains the keys.
    pub fn define(stack: &mut Stack) -> Self {
        let expires = Some(table::EXPIRES_AT);
        let settings = TableProps {
            key: &[table::SETTING_ID],
            indexes: &[],
            expires,
        };
        let registrations = TableProps {
            key: &[table::USER_ID, table::DEVICE_ID],
            indexes: &[Index {
                name: index::REGISTRATIONS_BY_DEVICE,
                key: &[table::ACTIVE_DEVICE],
            }],
            expires: None,
        };
        let events = TableProps {
            key: &[table::USER_DEVICE, table::ID],
            indexes: &[
                Index {
                    name: index::EVENTS_BY_DEVICE,
                    key: &[table::USER_DEVICE, table::ORDER],
                },
                Index {
                    name: index::EVENTS_BY_USER,
                    key: &[table::USER_ID, table::ORDER],
                },
                Index {
                    name: index::EVENTS_UNREAD,
                    key: &[table::UNREAD, table::ORDER],
                },
            ],
            expires,
        };
        let commands = TableProps {
            key: &[table::USER_DEVICE, table::COMMAND_ID],
            indexes: &[Index {
                name: index::COMMANDS_OPEN,
                key: &[table::OPEN, table::DUE],
            }],
            expires,
        };
        let reference = TableProps {
            key: &[table::DEVICE_ID, table::MODEL_NUMBER],
            indexes: &[],
            expires: None,
        };
        Self {
            settings: Table::define(stack, table::SETTINGS, &settings),
            registrations: Table::define(stack, table::REGISTRATIONS, &registrations),
            events: Table::define(stack, table::EVENTS, &events),
            commands: Table::define(stack, table::COMMANDS, &commands),
            reference: Table::define(stack, table::REFERENCE, &reference),
        }
    }
}

impl Base {
    /// Defines the rest of the base around the tables.
    ///
    /// `helper` makes what CloudFormation cannot; `after_confirmation` is invoked
    /// for each user whose account was just confirmed.
    pub fn define(
        stack: &mut Stack,
        manifest: &Manifest,
        tables: Tables,
        helper: &Helper,
        after_confirmation: Option<&Function>,
    ) -> Self {
        let base = Self {
            tables,
            users: users::define(stack, after_confirmation),
            things: things::define(stack, manifest),
            broker: helper.find_broker(stack),
            failed: Queue::define(stack, "FailedQueue", &[schedule::COMMAND_SWEEP]),
            rejected: Queue::define(stack, "RejectedQueue", &[]),
            telemetry: Store::define(stack, manifest.telemetry.keep_days),
        };
        base.define_outputs(stack);
        base
    }

    fn define_outputs(&self, stack: &mut Stack) {
        stack.output(
            output::USER_POOL_ID,
            "Id of the user pool",
            json!(self.users.pool()),
        );
        stack.output(
            output::USER_POOL_CLIENT_ID,
            "Id of the user pool's client for applications",
            json!(self.users.client()),
        );
        stack.output(
            output::FAILED_QUEUE_URL,
            "Queue of what a function or a rule failed to handle",
            json!(self.failed.url()),
        );
        stack.output(
            output::REJECTED_QUEUE_URL,
            "Queue of messages that were not valid",
            json!(self.rejected.url()),
        );
        stack.output(
            output::REFERENCE_TABLE,
            "Table where manufactured products are added",
            json!(self.tables.reference.name()),
        );
        stack.output(
            output::DEVICE_ENDPOINT,
            "Host name that devices connect to by MQTT, port 8883",
            json!(stack.target().cloud.device_endpoint(self.broker.address())),
        );
    }
}
