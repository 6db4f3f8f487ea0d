import { mayRetry, retryDelay } from "./error";

/** Does what is safe to repeat, again where the failure is a passing one. */
export async function withRetry<T>(attempt: () => Promise<T>): Promise<T> {
  for (let failures = 0; ; failures += 1) {
    try {
      return await attempt();
    } catch (error) {
      if (!mayRetry(failures, error)) throw error;
      await new Promise((resolve) => setTimeout(resolve, retryDelay(failures, error)));
    }
  }
}
