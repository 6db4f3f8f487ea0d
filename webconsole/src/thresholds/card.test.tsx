import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { render, screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { describe, expect, it, vi } from "vitest";

import { createApi } from "../api/client";
import { ApiProvider } from "../api/context";
import type { Threshold } from "../api/types";
import { threshold } from "../test/samples";
import { ThresholdsCard } from "./card";

/** Shows one threshold; the API stores what it is sent as `stored` says, or refuses it. */
function show(current: Threshold, stored?: Threshold) {
  const sent: { path: string; body: unknown }[] = [];
  const send = async (request: Request) => {
    const json = (status: number, body: unknown) =>
      new Response(JSON.stringify(body), { status, headers: { "Content-Type": "application/json" } });
    if (request.method === "GET") return json(200, { deviceId: "SP-0001", thresholds: [current] });
    sent.push({ path: new URL(request.url).pathname, body: await request.json() });
    return stored ? json(200, stored) : json(400, { code: 400, error: "InvalidParameter", message: "it is too high" });
  };
  const api = createApi(
    "https://example.com/api",
    { idToken: () => Promise.resolve("token"), expired: vi.fn() },
    send as typeof fetch,
  );
  render(
    <QueryClientProvider client={new QueryClient()}>
      <ApiProvider value={api}>
        <ThresholdsCard deviceId="SP-0001" />
      </ApiProvider>
    </QueryClientProvider>,
  );
  return sent;
}

async function enter(label: string, text: string) {
  const input = screen.getByRole("textbox", { name: label });
  await userEvent.clear(input);
  await userEvent.type(input, text);
}

describe("a threshold", () => {
  it("is shown with its limits, and changed by its form", async () => {
    const own = { above: 40000, below: null, seconds: null, enabled: null };
    const sent = show(threshold(), threshold({ above: 40000, own }));
    expect(await screen.findByText("15 minutes")).toBeTruthy();
    await userEvent.click(screen.getByRole("button", { name: "Change glare" }));
    await enter("High when over", "40000");
    await userEvent.click(screen.getByText("Save changes"));
    expect(await screen.findByText("35,000 by the product's model")).toBeTruthy();
    expect(sent).toEqual([{ path: "/api/devices/SP-0001/thresholds/lux/glare", body: { above: 40000 } }]);
    expect(screen.getByRole("button", { name: "Reset glare" })).toBeTruthy();
  });

  it("is not sent with limits that make no sense", async () => {
    const sent = show(threshold(), threshold());
    await userEvent.click(await screen.findByRole("button", { name: "Change glare" }));
    await enter("Low when under", "36000");
    await userEvent.click(screen.getByText("Save changes"));
    expect(screen.getByText("Enter a number that is not over the upper limit.")).toBeTruthy();
    expect(sent).toEqual([]);
  });

  it("is switched off, and what the API refuses is said", async () => {
    const sent = show(threshold());
    await userEvent.click(await screen.findByRole("checkbox", { name: "On" }));
    await waitFor(() => expect(sent).toEqual([{ path: expect.anything() as string, body: { enabled: false } }]));
    expect(await screen.findByText(/too high/i)).toBeTruthy();
    expect(screen.getByRole("checkbox", { name: "On" })).toHaveProperty("checked", true);
  });

  it("is put back to the model's", async () => {
    const own = { above: 40000, below: null, seconds: null, enabled: null };
    const sent = show(threshold({ above: 40000, own }), threshold());
    await userEvent.click(await screen.findByRole("button", { name: "Reset glare" }));
    await waitFor(() =>
      expect(sent.map((it) => it.body)).toEqual([{ above: null, below: null, seconds: null, enabled: null }]),
    );
    expect(screen.queryByRole("button", { name: "Reset glare" })).toBeNull();
  });
});
