/** What an error means to a person, and what to do about it. */
import { texts } from "../texts";
import { ApiError } from "./error";

export interface Problem {
  title: string;
  /** What to do, or what the API says would be right. */
  advice: string;
  /** Whether trying again may help. */
  canRetry: boolean;
}

const t = texts.errors;

export function describe(error: unknown, now = new Date()): Problem {
  if (!(error instanceof ApiError)) return internal(now);
  switch (error.code) {
    case "NotReached":
      return { title: t.notReached, advice: t.notReachedAdvice, canRetry: true };
    case "NotTheApi":
      return { title: t.notTheApi, advice: t.notTheApiAdvice, canRetry: true };
    case "SessionExpired":
      return { title: t.expired, advice: t.expiredAdvice, canRetry: false };
    case "DeviceNotFoundFailure":
      return { title: t.noDevice, advice: t.noDeviceAdvice, canRetry: false };
    case "DeviceRegisteredFailure":
      return { title: t.taken, advice: t.takenAdvice, canRetry: false };
    case "MissingEvent":
    case "MissingCommand":
    case "MissingDevice":
    case "MissingRegistration":
    case "MissingSetting":
      return { title: t.gone, advice: t.goneAdvice, canRetry: false };
  }
  switch (error.status) {
    case 0:
      return { title: t.notReached, advice: t.notReachedAdvice, canRetry: true };
    case 401:
    case 403:
      return { title: t.denied, advice: t.deniedAdvice, canRetry: false };
    case 429:
    case 503:
      return { title: t.busy, advice: t.busyAdvice, canRetry: true };
  }
  if (error.status >= 500) return internal(now);
  // The API's message says what is wrong and what would be right.
  return { title: t.other, advice: sentence(error.message), canRetry: false };
}

function internal(now: Date): Problem {
  return { title: t.internal, advice: t.internalAdvice(now.toLocaleTimeString("en")), canRetry: true };
}

/** The API's message as a sentence without the marks around code. */
export function sentence(message: string): string {
  const plain = message.replaceAll("`", "");
  if (plain === "") return "";
  return `${plain.charAt(0).toUpperCase()}${plain.slice(1)}${/[.!?]$/.test(plain) ? "" : "."}`;
}
