import { describe, expect, it, vi } from "vitest";

import { createApi, unwrap } from "./client";
import { ApiError } from "./error";

const json = (status: number, body: unknown, headers: Record<string, string> = {}) =>
  new Response(JSON.stringify(body), { status, headers: { "Content-Type": "application/json", ...headers } });

/** An API that gives `answers` in turn, and what it was asked. */
function api(answers: (Response | Error)[], tokens: (string | undefined)[] = ["one", "two"]) {
  const asked: Request[] = [];
  const expired = vi.fn();
  const send = vi.fn((request: RequestInfo | URL) => {
    asked.push(request as Request);
    const answer = answers.shift() ?? new Error("asked too often");
    return answer instanceof Error ? Promise.reject(answer) : Promise.resolve(answer);
  });
  const idToken = (fresh: boolean) => Promise.resolve(tokens[fresh ? 1 : 0]);
  const client = createApi("https://example.com/api", { idToken, expired }, send);
  const count = () => unwrap(client.GET("/devices/alerts/count"));
  return { count, asked, expired };
}

const failure = async (request: Promise<unknown>) => {
  const error: unknown = await request.then(
    () => undefined,
    (it: unknown) => it,
  );
  if (!(error instanceof ApiError)) throw new Error("no ApiError");
  return error;
};

describe("the client of the API", () => {
  it("sends the ID token", async () => {
    const { count, asked } = api([json(200, { alertsCount: 2 })]);
    expect(await count()).toEqual({ alertsCount: 2 });
    expect(asked[0]?.headers.get("Authorization")).toBe("Bearer one");
  });

  it("takes a new token once where the first one is refused", async () => {
    const { count, asked, expired } = api([json(401, { message: "Unauthorized" }), json(200, { alertsCount: 0 })]);
    expect(await count()).toEqual({ alertsCount: 0 });
    expect(asked[1]?.headers.get("Authorization")).toBe("Bearer two");
    expect(expired).not.toHaveBeenCalled();
  });

  it("says that the session has ended where there is no new token", async () => {
    const { count, expired } = api([json(401, { message: "Unauthorized" })], ["one", undefined]);
    expect((await failure(count())).code).toBe("SessionExpired");
    expect(expired).toHaveBeenCalledOnce();
  });

  it("does not end a session because one operation is not allowed", async () => {
    const denied = () => json(401, { code: 401, error: "AccessDeniedException", message: "not yours" });
    const { count, expired } = api([denied(), denied()]);
    expect((await failure(count())).code).toBe("AccessDeniedException");
    expect(expired).not.toHaveBeenCalled();
  });

  it("tells an answer's error, and how long to wait", async () => {
    const { count } = api([
      json(503, { code: 503, error: "ServiceUnavailable", message: "wait" }, { "Retry-After": "3" }),
    ]);
    expect(await failure(count())).toMatchObject({ status: 503, code: "ServiceUnavailable", retryAfter: 3 });
  });

  it("tells a network that is away from an answer", async () => {
    const { count } = api([new TypeError("Failed to fetch")]);
    expect(await failure(count())).toMatchObject({ status: 0, isPassing: true });
  });

  it("does not take a page for an answer", async () => {
    const page = new Response("<!doctype html>", { headers: { "Content-Type": "text/html" } });
    expect((await failure(api([page]).count())).code).toBe("NotTheApi");
  });
});
