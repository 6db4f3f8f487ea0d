import { useQueryClient } from "@tanstack/react-query";

import { forEach } from "../alerts/flag";
import { unwrap } from "../api/client";
import { useApi } from "../api/context";
import { describe } from "../api/describe";
import { ApiError } from "../api/error";
import { keys } from "../api/queries";
import { withRetry } from "../api/retry";
import type { Device } from "../api/types";
import { texts } from "../texts";
import { useToasts } from "../ui/toasts";

const t = texts.deleteDevice;

/** Deletes devices and says what came of it; answers whether all are gone. */
export function useDeleteDevices() {
  const api = useApi();
  const queries = useQueryClient();
  const toasts = useToasts();

  const remove = ({ deviceId }: Device) =>
    withRetry(async () => {
      try {
        await unwrap(api.DELETE("/devices/{deviceId}", { params: { path: { deviceId } } }));
      } catch (error) {
        // Done before: by an attempt whose answer was lost, or in another window.
        if (!(error instanceof ApiError && error.code === "DeviceNotFoundFailure")) throw error;
      }
    });

  return async (devices: readonly Device[]): Promise<boolean> => {
    const { done, failed } = await forEach(devices, remove);
    for (const { deviceId } of done) queries.removeQueries({ queryKey: keys.device(deviceId) });
    for (const key of [keys.devices(), keys.allAlerts(), keys.alertsCount()]) {
      void queries.invalidateQueries({ queryKey: key });
    }
    if (done.length > 0) toasts.add({ type: "success", header: t.done(done.length), seconds: 10 });
    const [first] = failed;
    if (first) {
      const { title, advice } = describe(first.error);
      toasts.add({ type: "error", header: t.failed(failed.length), text: `${title} ${advice}` });
    }
    return failed.length === 0;
  };
}
