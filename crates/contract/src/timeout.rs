//! Times that a function and its template must agree on.

/// Seconds that an invocation of `device` may take: deleting one device takes
/// about a dozen calls, one after the other. Meanwhile it holds a lease on the
/// device, which lasts longer than this.
pub const DEVICE_SECONDS: i32 = 20;

/// Seconds that an invocation of `history` may take. API Gateway waits for 30.
pub const HISTORY_SECONDS: i32 = 25;
