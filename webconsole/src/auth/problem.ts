/** What Cognito's refusals mean to a person. */
import { texts } from "../texts";

export function authProblem(error: unknown): string {
  const name = error instanceof Error ? error.name : "";
  return texts.account.problems[name] ?? texts.account.problem;
}

export function isNamed(error: unknown, name: string): boolean {
  return error instanceof Error && error.name === name;
}
