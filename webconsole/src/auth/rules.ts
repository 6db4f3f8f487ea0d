/** The rules of the user pool, checked before it is asked. */
import { texts } from "../texts";

const t = texts.account;

/** Why the password is not one that the pool takes; `undefined` where it is. */
export function passwordProblem(password: string): string | undefined {
  const isStrong =
    password.length >= 12 &&
    /[a-z]/.test(password) &&
    /[A-Z]/.test(password) &&
    /[0-9]/.test(password) &&
    /[^A-Za-z0-9\s]/.test(password);
  return isStrong ? undefined : t.passwordTooWeak;
}

export function emailProblem(email: string): string | undefined {
  return /^\S+@\S+\.\S+$/.test(email.trim()) ? undefined : t.emailNeeded;
}

export function codeProblem(code: string): string | undefined {
  return /^\d{6}$/.test(code.trim()) ? undefined : t.codeNeeded;
}

/** A number in the form of E.164, as Cognito wants it. */
export function phoneProblem(phone: string): string | undefined {
  return /^\+[1-9]\d{6,14}$/.test(phone) ? undefined : texts.settings.phoneInvalid;
}
