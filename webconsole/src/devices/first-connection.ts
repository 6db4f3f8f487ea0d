import { useEffect } from "react";

import { useDevice } from "../api/queries";
import { useWatch } from "../live/provider";

/**
 * How often one pending registration is looked at. What the device says is heard at once and completes it;
 * but a device may have nothing to say for a while after its first connection, and no message tells of that.
 */
const LOOK_MS = 10_000;

/** A device, followed live until it has connected for the first time. */
export function useFirstConnection(deviceId: string) {
  const query = useDevice(deviceId);
  useWatch(query.data?.deviceId);
  const { refetch } = query;
  const isPending = query.data?.status === "pending";
  useEffect(() => {
    if (!isPending) return;
    const timer = setInterval(() => {
      if (document.visibilityState === "visible") void refetch();
    }, LOOK_MS);
    return () => clearInterval(timer);
  }, [isPending, refetch]);
  return query;
}
