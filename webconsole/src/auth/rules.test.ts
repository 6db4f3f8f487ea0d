import { describe, expect, it } from "vitest";

import { authProblem } from "./problem";
import { codeProblem, emailProblem, passwordProblem, phoneProblem } from "./rules";
import { isEndOfSession, toSession } from "./session";

describe("the rules of the user pool", () => {
  it.each([
    ["Correct-horse-7battery", true],
    ["Short-1a", false],
    ["no-capital-letter-1", false],
    ["NO-SMALL-LETTER-1", false],
    ["No-digit-at-all", false],
    ["NoSymbolAtAll123", false],
  ])("password %s: %s", (password, isGood) => {
    expect(passwordProblem(password) === undefined).toBe(isGood);
  });

  it("other fields", () => {
    expect([emailProblem("a@example.com"), emailProblem("a")].map((it) => it === undefined)).toEqual([true, false]);
    expect([codeProblem(" 123456 "), codeProblem("12345")].map((it) => it === undefined)).toEqual([true, false]);
    expect(["+12065550100", "12065550100", "+0123456789"].map((it) => phoneProblem(it) === undefined)).toEqual([
      true,
      false,
      false,
    ]);
  });
});

describe("Cognito", () => {
  const named = (name: string) => Object.assign(new Error("said by Cognito"), { name });

  it("ends a session by refusing, not by being away", () => {
    expect(isEndOfSession(named("NotAuthorizedException"))).toBe(true);
    expect(isEndOfSession(named("NetworkError"))).toBe(false);
  });

  it("is explained in plain words, whatever it says", () => {
    expect(authProblem(named("CodeMismatchException"))).toMatch(/code is wrong/);
    expect(authProblem(named("SomethingNewException"))).toBe("It did not work. Try again.");
  });

  it("says by a claim who is an administrator", () => {
    expect(toSession({ sub: "u", email: "e", "cognito:groups": ["admin"] }).isAdmin).toBe(true);
    expect(toSession({ sub: "u", email: "e", "cognito:groups": "admin" }).isAdmin).toBe(false);
    expect(toSession({})).toEqual({ userId: "", email: "", isAdmin: false });
  });
});
