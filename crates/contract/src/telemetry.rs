//! The dataset of telemetry: its columns, which the template defines and the
//! function `telemetry` fills.

/// Columns that every row has, in the order of the table.
pub const FIXED: &[(&str, ColumnKind)] = &[
    (DEVICE_ID, ColumnKind::String),
    (REGISTRATION_ID, ColumnKind::String),
    (MODEL, ColumnKind::String),
    (TIMESTAMP, ColumnKind::Timestamp),
    (TIMESTAMP_SOURCE, ColumnKind::String),
    (RECEIVED_AT, ColumnKind::Timestamp),
    (METADATA, ColumnKind::String),
    (EXTRA, ColumnKind::String),
    (PROBLEMS, ColumnKind::String),
];

/// Who measured, by the topic.
pub const DEVICE_ID: &str = "device_id";
/// Under which registration: tells an owner's time from another's.
pub const REGISTRATION_ID: &str = "registration_id";
/// The device's model number.
pub const MODEL: &str = "model";
/// When it was measured, UTC.
pub const TIMESTAMP: &str = "timestamp";
/// Whose clock [`TIMESTAMP`] is of: `device` or `received`.
pub const TIMESTAMP_SOURCE: &str = "timestamp_source";
/// When the broker had it, UTC.
pub const RECEIVED_AT: &str = "received_at";
/// What the product's details say beside its model, JSON.
pub const METADATA: &str = "metadata";
/// Measurements of fields without a column, JSON.
pub const EXTRA: &str = "extra";
/// What was left out and why.
pub const PROBLEMS: &str = "problems";
/// The partition: the day of [`TIMESTAMP`], `2026-11-24`.
pub const DAY: &str = "day";

/// Name of the table in the stack's database.
pub const TABLE: &str = "telemetry";
/// Name of the view that people and tools ask.
pub const VIEW: &str = "smartproduct_dataset";

/// Partition key of a record by which Firehose chooses the folder of the day.
pub const KEY_DAY: &str = "day";
/// Partition key of a record by which Firehose chooses the folder of the model.
pub const KEY_MODEL: &str = "model";

/// What a column holds.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum ColumnKind {
    /// Any number.
    Number,
    /// A number without a fraction.
    Integer,
    /// `true` or `false`.
    Boolean,
    /// Text.
    String,
    /// A time, UTC, with milliseconds.
    Timestamp,
}

impl ColumnKind {
    /// Those that a measurement can have, by the words of a product model.
    pub const MEASURED: [(&str, Self); 4] = [
        ("number", Self::Number),
        ("integer", Self::Integer),
        ("boolean", Self::Boolean),
        ("string", Self::String),
    ];

    /// The kind that a product model calls `word`.
    #[must_use]
    pub fn measured(word: &str) -> Option<Self> {
        let found = Self::MEASURED.into_iter().find(|(it, _)| *it == word);
        found.map(|(_, kind)| kind)
    }

    /// The word of a product model; `timestamp` is none of its.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Number => "number",
            Self::Integer => "integer",
            Self::Boolean => "boolean",
            Self::String => "string",
            Self::Timestamp => "timestamp",
        }
    }

    /// The type in the Glue catalogue.
    #[must_use]
    pub fn glue(self) -> &'static str {
        match self {
            Self::Number => "double",
            Self::Integer => "bigint",
            Self::Boolean => "boolean",
            Self::String => "string",
            Self::Timestamp => "timestamp",
        }
    }

    /// The type in a view, as Athena calls it.
    #[must_use]
    pub fn athena(self) -> &'static str {
        match self {
            Self::String => "varchar",
            other => other.glue(),
        }
    }

    /// Whether values of it may have a unit, and so a twin.
    #[must_use]
    pub fn is_numeric(self) -> bool {
        matches!(self, Self::Number | Self::Integer)
    }
}

/// The column of a field of a product model: catalogues know no capital letters
/// and few signs.
///
/// ```
/// assert_eq!(contract::telemetry::column("actualTemperature"), "actualtemperature");
/// assert_eq!(contract::telemetry::column("co2:ppm"), "co2_ppm");
/// ```
#[must_use]
pub fn column(field: &str) -> String {
    let sign = |c: char| match c.is_ascii_alphanumeric() {
        true => c.to_ascii_lowercase(),
        false => '_',
    };
    field.chars().map(sign).collect()
}

/// The column of the same value in SI units, °C for temperatures.
#[must_use]
pub fn twin(column: &str) -> String {
    format!("{column}_si")
}
