//! Times that a function and its template must agree on.

/// Seconds that an invocation of `device` may take. While it deletes a device it
/// holds a lease on it, which lasts longer than this.
pub const DEVICE_SECONDS: i32 = 20;
