import { describe, expect, it } from "vitest";

import { describe as explain, sentence } from "./describe";
import { ApiError, mayRetry, retryDelay } from "./error";

const error = (status: number, code = "", message = "", retryAfter?: number) =>
  new ApiError(status, code, message, retryAfter);

describe("trying again", () => {
  it.each([
    [error(429), 0, true],
    [error(503), 2, true],
    [error(503), 3, false],
    [error(0), 0, true],
    [error(500), 0, false],
    [error(400), 0, false],
    [new Error("a mistake of ours"), 0, false],
  ])("%o after %i failures: %s", (problem, failures, expected) => {
    expect(mayRetry(failures, problem)).toBe(expected);
  });

  it("waits as long as the answer says, or twice as long each time, and never for ever", () => {
    expect(retryDelay(0, error(503, "", "", 7), () => 0)).toBe(7000);
    expect([0, 1, 2, 9].map((failures) => retryDelay(failures, error(429), () => 0))).toEqual([
      1000, 2000, 4000, 30_000,
    ]);
    expect(retryDelay(0, error(429), () => 1)).toBe(1250);
  });
});

describe("what an error means", () => {
  it.each([
    [error(0, "NotReached"), "The API could not be reached.", true],
    [error(429), "The service is busy.", true],
    [error(503, "ServiceUnavailable"), "The service is busy.", true],
    [error(500, "InternalFailure"), "Something failed on our side.", true],
    [error(504), "Something failed on our side.", true],
    [error(401, "AccessDeniedException"), "You may not do this.", false],
    [error(400, "DeviceNotFoundFailure"), "You have no such device.", false],
    [error(409, "DeviceRegisteredFailure"), "This device is registered already.", false],
    [error(400, "MissingEvent"), "It is not there any more.", false],
    [new Error("a mistake of ours"), "Something failed on our side.", true],
  ])("%o: %s", (problem, title, canRetry) => {
    expect(explain(problem)).toMatchObject({ title, canRetry });
  });

  it("passes on what the API says would be right", () => {
    const problem = error(400, "InvalidParameter", "`value` of `set-temp` is not what this product takes");
    expect(explain(problem).advice).toBe("Value of set-temp is not what this product takes.");
  });

  it("makes a sentence of a message", () => {
    expect([sentence(""), sentence("`limit` is bad"), sentence("Done!")]).toEqual(["", "Limit is bad.", "Done!"]);
  });
});
