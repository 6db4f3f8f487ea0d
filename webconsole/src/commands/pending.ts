/** Commands that nobody has answered yet: when to look whether their time is over. */
import { useQueryClient } from "@tanstack/react-query";
import { useEffect } from "react";

import { keys } from "../api/queries";
import type { Command } from "../api/types";
import type { CommandModel } from "../devices/model";

/** The cloud looks every minute for those whose time is over; no message tells of it. */
const SWEEP_MS = 20_000;
/** One that is pending so long after its time is left alone. */
const GIVE_UP_MS = 5 * 60_000;

/** Milliseconds until the list should be read again for what is pending in it; `undefined` for never. */
export function nextLook(
  commands: readonly Pick<Command, "status" | "command" | "createdAt">[],
  models: readonly CommandModel[],
  now: number,
): number | undefined {
  const waits = commands.flatMap((command) => {
    if (command.status !== "pending") return [];
    const limit = models.find((it) => it.name === command.command)?.timeLimitSeconds ?? 60;
    const left = Date.parse(command.createdAt) + limit * 1000 - now;
    if (left < -GIVE_UP_MS) return [];
    return [left > 0 ? left + 1000 : SWEEP_MS];
  });
  return waits.length > 0 ? Math.min(...waits) : undefined;
}

export function usePendingLook(deviceId: string, commands: readonly Command[], models: readonly CommandModel[]) {
  const queries = useQueryClient();
  useEffect(() => {
    const wait = nextLook(commands, models, Date.now());
    if (wait === undefined) return;
    const timer = setTimeout(() => void queries.invalidateQueries({ queryKey: keys.commands(deviceId) }), wait);
    return () => clearTimeout(timer);
  }, [queries, deviceId, commands, models]);
}
