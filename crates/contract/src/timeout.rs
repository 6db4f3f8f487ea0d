//! Times that a function and its template must agree on.

/// Seconds that an invocation of `device` may take: deleting one device takes
/// about a dozen calls, one after the other. Meanwhile it holds a lease on the
/// device, which lasts longer than this.
pub const DEVICE_SECONDS: i32 = 20;
