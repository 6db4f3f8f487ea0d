import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { render, screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { MemoryRouter } from "react-router";
import { describe, expect, it, vi } from "vitest";

import { createApi } from "../../api/client";
import { ApiProvider } from "../../api/context";
import type { Device } from "../../api/types";
import { device } from "../../test/samples";
import { Toasts, ToastsProvider } from "../../ui/toasts";
import Devices from ".";

const PAGE = 100;

/** Shows the list of an owner who has `devices`; the API gives them page by page. */
function show(devices: Device[]) {
  const asked: string[] = [];
  const json = (body: unknown, headers: Record<string, string> = {}) =>
    new Response(JSON.stringify(body), { headers: { "Content-Type": "application/json", ...headers } });
  const send = ({ url }: Request) => {
    const { pathname, searchParams } = new URL(url);
    asked.push(pathname);
    if (pathname.endsWith("/status")) {
      const since = new Date(Date.now() - 3 * 3_600_000).toISOString();
      return Promise.resolve(json({ connected: false, since, state: {}, metadata: {}, disconnectReason: null }));
    }
    const from = Number(searchParams.get("lastevalkey") ?? "0");
    const next = from + PAGE;
    const link = next < devices.length ? { Link: `<?limit=100&lastevalkey=${next}>; rel="next"` } : {};
    return Promise.resolve(json(devices.slice(from, next), link as Record<string, string>));
  };
  const api = createApi(
    "https://example.com/api",
    { idToken: () => Promise.resolve("token"), expired: vi.fn() },
    send as typeof fetch,
  );
  render(
    <QueryClientProvider client={new QueryClient()}>
      <ApiProvider value={api}>
        <ToastsProvider value={new Toasts()}>
          <MemoryRouter>
            <Devices />
          </MemoryRouter>
        </ToastsProvider>
      </ApiProvider>
    </QueryClientProvider>,
  );
  // By selector: looking for roles in a table of this size takes seconds.
  const names = () => [...document.querySelectorAll("tbody th")].map((it) => it.textContent);
  return { asked, names };
}

const named = (count: number, change: (at: number) => Partial<Device> = () => ({})) =>
  Array.from({ length: count }, (_, at) => device({ deviceId: `SP-${at}`, deviceName: `Room ${at}`, ...change(at) }));

describe("the list of devices", () => {
  it("says how to start where there are none", async () => {
    show([]);
    await waitFor(() => expect(screen.getByText("No devices")).toBeTruthy());
    expect(screen.getAllByText("Register device").length).toBeGreaterThan(1);
  });

  it("follows the links to all of 1,000 devices, and shows a page of them", async () => {
    const { asked, names } = show(named(1000));
    await waitFor(() => expect(screen.getByText("(1000)")).toBeTruthy(), { timeout: 10_000 });
    expect(asked).toHaveLength(10);
    expect(names()).toHaveLength(20);
  });

  it("is searched and ordered over all pages", async () => {
    const { names } = show(named(150));
    await waitFor(() => expect(screen.getByText("(150)")).toBeTruthy());
    await userEvent.type(screen.getByPlaceholderText("Name, serial number or model"), "room 14");
    await waitFor(() => expect(names()).toHaveLength(12));
    const order = screen.getByText("Name");
    expect(names()[0]).toBe("Room 14");
    await userEvent.click(order);
    await waitFor(() => expect(names()[0]).toBe("Room 149"));
  });

  it("asks when those were last seen that are away, and no others", async () => {
    const { asked } = show(named(3, (at) => ({ connected: at === 0, status: at === 2 ? "pending" : "complete" })));
    await waitFor(() => expect(screen.getByText("3 hours ago")).toBeTruthy());
    expect(asked.filter((it) => it.endsWith("/status"))).toEqual(["/api/devices/SP-1/status"]);
    expect(screen.getByText("Now")).toBeTruthy();
    expect(screen.getByText("Never")).toBeTruthy();
  });
});
