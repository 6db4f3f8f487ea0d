import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { render, screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { describe, expect, it, vi } from "vitest";

import { createApi } from "../api/client";
import { ApiProvider } from "../api/context";
import type { Command } from "../api/types";
import { modelOf } from "../devices/model";
import { command } from "../test/samples";
import { CommandCard } from "./command-card";

/** Shows the form of a command whose model is `model`; the API answers with `status`. */
function show(model: Record<string, unknown>, { current, status = 200 }: { current?: unknown; status?: number } = {}) {
  const sent: { body: unknown; key: string | null }[] = [];
  const send = async (request: Request) => {
    sent.push({ body: await request.json(), key: request.headers.get("Idempotency-Key") });
    const answer =
      status === 200 ? command() : { code: status, error: "InvalidParameter", message: "`value` is too warm" };
    return new Response(JSON.stringify(answer), { status, headers: { "Content-Type": "application/json" } });
  };
  const api = createApi(
    "https://example.com/api",
    { idToken: () => Promise.resolve("token"), expired: vi.fn() },
    send as typeof fetch,
  );
  const [found] = modelOf({ commands: { go: model } }).commands;
  if (!found) throw new Error("no command");
  const card = (last?: Command) => (
    <QueryClientProvider client={new QueryClient()}>
      <ApiProvider value={api}>
        <CommandCard deviceId="SP-0001" model={found} current={current} last={last} />
      </ApiProvider>
    </QueryClientProvider>
  );
  const { rerender } = render(card());
  return {
    sent,
    update: (last: Command) => rerender(card(last)),
    submit: () => userEvent.click(screen.getByText("Send")),
  };
}

const RANGE = { value: { type: "number", minimum: 50, maximum: 110 } };

describe("a command's form", () => {
  it("has a slider for a range, at what the device has", () => {
    show(RANGE, { current: 72 });
    expect(screen.getByRole("slider", { name: "Value" })).toHaveProperty("value", "72");
    expect(screen.getByRole("textbox", { name: "Value" })).toHaveProperty("value", "72");
  });

  it("sends what was entered, once, with a key", async () => {
    const { sent, submit } = show(RANGE, { current: 72 });
    const input = screen.getByRole("textbox", { name: "Value" });
    await userEvent.clear(input);
    await userEvent.type(input, "80.5");
    await submit();
    await waitFor(() => expect(sent).toHaveLength(1));
    expect(sent[0]?.body).toEqual({ command: "go", value: 80.5 });
    expect(sent[0]?.key).toMatch(/^[0-9a-f-]{36}$/);
  });

  it("sends nothing that the model does not take, and says why", async () => {
    const { sent, submit } = show(RANGE);
    const input = screen.getByRole("textbox", { name: "Value" });
    await userEvent.clear(input);
    await userEvent.type(input, "200");
    await submit();
    expect(screen.getByText("Enter 110 or less.")).toBeTruthy();
    expect(sent).toEqual([]);
  });

  it("has choices for an enum, and none is chosen by itself", async () => {
    const { sent, submit } = show({ value: { enum: ["HEAT", "AC", "OFF"] } });
    await submit();
    expect(screen.getByText("Enter a value.")).toBeTruthy();
    await userEvent.click(screen.getByRole("radio", { name: "AC" }));
    await submit();
    await waitFor(() => expect(sent.map((it) => it.body)).toEqual([{ command: "go", value: "AC" }]));
  });

  it("needs no value where the command takes none", async () => {
    const { sent, submit } = show({});
    await submit();
    await waitFor(() => expect(sent.map((it) => it.body)).toEqual([{ command: "go", value: null }]));
  });

  it("shows what becomes of it", async () => {
    const { sent, submit, update } = show({});
    await submit();
    await waitFor(() => expect(sent).toHaveLength(1));
    update(command({ command: "go" }));
    expect(screen.getByText("Pending")).toBeTruthy();
    update(command({ command: "go", status: "failed", reason: "timeout" }));
    expect(screen.getByText("No answer in time")).toBeTruthy();
  });

  it("shows the API's reason beside the form", async () => {
    const { submit } = show({}, { status: 400 });
    await submit();
    await waitFor(() => expect(screen.getByText("Value is too warm.")).toBeTruthy());
  });
});
