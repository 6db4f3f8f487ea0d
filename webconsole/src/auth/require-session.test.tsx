import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { act, render, screen } from "@testing-library/react";
import { MemoryRouter, Route, Routes, useLocation } from "react-router";
import { describe, expect, it, vi } from "vitest";

import { nextPath, paths } from "../paths";
import { SessionEnd, SessionProvider, useSession, useSessionState } from "./provider";
import { RequireSession } from "./require-session";

const fetchAuthSession = vi.hoisted(() => vi.fn());
vi.mock("aws-amplify/auth", () => ({ fetchAuthSession, signOut: () => Promise.resolve() }));

const SIGNED_IN = { tokens: { idToken: { payload: { sub: "user-1", email: "a@example.com" }, toString: () => "t" } } };

function Page() {
  const { email } = useSession();
  const { signOut } = useSessionState();
  return <button onClick={() => void signOut()}>{email}</button>;
}

function SignIn() {
  const { pathname, search } = useLocation();
  const { state } = useSessionState();
  return (
    <p>
      {pathname}
      {search} {state.kind === "signedOut" && state.why}
    </p>
  );
}

async function open(path: string, session: unknown) {
  fetchAuthSession.mockResolvedValue(session);
  const end = new SessionEnd();
  const forget = vi.fn();
  const queries = new QueryClient();
  queries.setQueryData(["devices"], "of user-1");
  render(
    <QueryClientProvider client={queries}>
      <MemoryRouter initialEntries={[path]}>
        <SessionProvider end={end} onEnd={forget}>
          <Routes>
            <Route path="/sign-in" element={<SignIn />} />
            <Route path="*" element={<RequireSession waiting="waiting">{<Page />}</RequireSession>} />
          </Routes>
        </SessionProvider>
      </MemoryRouter>
    </QueryClientProvider>,
  );
  await act(() => Promise.resolve());
  return { end, forget, queries };
}

describe("a page that needs a session", () => {
  it("is shown to who is signed in", async () => {
    await open("/alerts", SIGNED_IN);
    expect(screen.getByText("a@example.com")).toBeTruthy();
  });

  it("leads everybody else to the sign-in, and knows the way back", async () => {
    await open("/devices/SP-1/events?x=1", {});
    expect(screen.getByText("/sign-in?next=%2Fdevices%2FSP-1%2Fevents%3Fx%3D1 none")).toBeTruthy();
  });

  it("leads there when the session ends by itself, and forgets what was read", async () => {
    const { end, forget, queries } = await open("/alerts", SIGNED_IN);
    act(() => end.tell());
    expect(screen.getByText("/sign-in?next=%2Falerts expired")).toBeTruthy();
    expect(queries.getQueryData(["devices"])).toBeUndefined();
    expect(forget).toHaveBeenCalledOnce();
  });

  it("does not lead back who has signed out", async () => {
    await open("/alerts", SIGNED_IN);
    await act(async () => {
      screen.getByText("a@example.com").click();
      await Promise.resolve();
    });
    expect(screen.getByText("/sign-in left")).toBeTruthy();
  });
});

describe("the way back", () => {
  it.each([
    [paths.signIn("/devices/SP-1?x=1"), "/devices/SP-1?x=1"],
    ["/sign-in", "/"],
    ["/sign-in?next=https://evil.example.com", "/"],
    ["/sign-in?next=//evil.example.com", "/"],
    ["/sign-in?next=/%5Cevil.example.com", "/"],
  ])("of %s is %s", (address, expected) => {
    expect(nextPath(address.slice(address.indexOf("?")))).toBe(expected);
  });
});
