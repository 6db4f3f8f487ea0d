/** A request that was not done, and why. */
export class ApiError extends Error {
  constructor(
    /** The HTTP status; 0 where no answer came. */
    readonly status: number,
    /** The error's name, such as `DeviceNotFoundFailure`; empty where the gateway answered. */
    readonly code: string,
    message: string,
    /** Seconds to wait, as the answer says. */
    readonly retryAfter?: number,
  ) {
    super(message);
    this.name = "ApiError";
  }

  /** Whether the same request may well be done a moment later. */
  get isPassing(): boolean {
    return this.status === 0 || this.status === 429 || this.status === 503;
  }
}

/** What an answer that is no success says. `body` is whatever was parsed of it. */
export function toApiError(response: Response, body: unknown): ApiError {
  const said = (typeof body === "object" && body !== null ? body : {}) as Record<string, unknown>;
  const text = (name: string) => (typeof said[name] === "string" ? said[name] : "");
  const seconds = Number(response.headers.get("Retry-After") ?? Number.NaN);
  return new ApiError(response.status, text("error"), text("message"), Number.isFinite(seconds) ? seconds : undefined);
}

/** Attempts of a request that is safe to repeat, the first one included. */
const ATTEMPTS = 4;

/** Whether to try again after `failures` failures. */
export function mayRetry(failures: number, error: unknown): boolean {
  return error instanceof ApiError && error.isPassing && failures < ATTEMPTS - 1;
}

/** Milliseconds until the next attempt: what the answer says, or twice as long each time. */
export function retryDelay(failures: number, error: unknown, random = Math.random): number {
  const asked = error instanceof ApiError ? error.retryAfter : undefined;
  const base = asked === undefined ? 1000 * 2 ** failures : 1000 * asked;
  // Some jitter, so that pages that failed together do not come back together.
  return Math.min(base, 30_000) + 250 * random();
}
