import { useQueryClient } from "@tanstack/react-query";
import { useEffect } from "react";

import { keys } from "../api/queries";

/** A device that falls silent may be gone; nothing tells of that, so the status is read once, then ever more rarely. */
const FIRST_LOOK_MS = 30_000;
const LONGEST_MS = 10 * 60_000;

/** Looks at the connection of a device that has said nothing since `lastMessage`. */
export function useSilenceCheck(deviceId: string, lastMessage: number | undefined) {
  const queries = useQueryClient();
  useEffect(() => {
    let wait = FIRST_LOOK_MS;
    let timer: ReturnType<typeof setTimeout>;
    const look = () => {
      void queries.invalidateQueries({ queryKey: keys.status(deviceId) });
      wait = Math.min(2 * wait, LONGEST_MS);
      timer = setTimeout(look, wait);
    };
    timer = setTimeout(look, wait);
    return () => clearTimeout(timer);
  }, [queries, deviceId, lastMessage]);
}
