import { type InfiniteData, useQueryClient } from "@tanstack/react-query";

import { unwrap } from "../api/client";
import { useApi } from "../api/context";
import { withFirst } from "../api/paging";
import { keys } from "../api/queries";
import { withRetry } from "../api/retry";
import type { Command, CommandPage, NewCommand } from "../api/types";

/** Sends a command, once however often the request is repeated, and puts it on top of the history. */
export function useSendCommand(deviceId: string) {
  const api = useApi();
  const queries = useQueryClient();
  return async (command: string, value: unknown): Promise<Command> => {
    const header = { "Idempotency-Key": crypto.randomUUID() };
    const body = { command, value } as NewCommand;
    const path = { deviceId };
    const sent = await withRetry(() =>
      // The client's own types make nothing of a field that may be any JSON.
      unwrap(api.POST("/devices/{deviceId}/commands", { params: { path, header }, body: body as never })),
    );
    for (const status of [undefined, "pending"] as const) {
      queries.setQueryData<InfiniteData<CommandPage, string | undefined>>(
        keys.commands(deviceId, status),
        (data) => data && withFirst(data, sent, (it) => it.commandId),
      );
    }
    return sent;
  };
}
