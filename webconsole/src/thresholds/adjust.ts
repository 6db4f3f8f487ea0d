import { useQueryClient } from "@tanstack/react-query";

import { unwrap } from "../api/client";
import { useApi } from "../api/context";
import { keys } from "../api/queries";
import { withRetry } from "../api/retry";
import type { Threshold, ThresholdUpdate } from "../api/types";

/** Changes a threshold, and shows what is stored then. */
export function useAdjust(deviceId: string, { field, name }: Threshold) {
  const api = useApi();
  const queries = useQueryClient();
  return async (body: ThresholdUpdate) => {
    const params = { path: { deviceId, field, name } };
    const stored = await withRetry(() =>
      unwrap(api.PUT("/devices/{deviceId}/thresholds/{field}/{name}", { params, body })),
    );
    queries.setQueryData<Threshold[]>(keys.thresholds(deviceId), (all) =>
      all?.map((it) => (it.field === field && it.name === name ? stored : it)),
    );
  };
}
