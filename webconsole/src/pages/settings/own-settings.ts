import { useQueryClient } from "@tanstack/react-query";

import { unwrap } from "../../api/client";
import { useApi } from "../../api/context";
import { keys, useSetting } from "../../api/queries";
import { withRetry } from "../../api/retry";
import type { UserSettings } from "../../api/types";
import { useSession } from "../../auth/provider";
import { DEFAULT_SETTINGS } from "../../events/state";

/** The user's own settings, and how to store them. What is stored replaces the whole setting. */
export function useEditableSettings() {
  const api = useApi();
  const queries = useQueryClient();
  const { userId } = useSession();
  const query = useSetting(userId);
  const settings = (query.data?.setting as UserSettings | undefined) ?? DEFAULT_SETTINGS;

  const store = async (change: Partial<UserSettings>) => {
    const request = { params: { path: { settingId: userId } }, body: { setting: { ...settings, ...change } } };
    const stored = await withRetry(() => unwrap(api.PUT("/settings/config/{settingId}", request)));
    queries.setQueryData(keys.setting(userId), stored);
    // Another level makes other alerts.
    void queries.invalidateQueries({ queryKey: keys.allAlerts() });
    void queries.invalidateQueries({ queryKey: keys.alertsCount() });
  };

  return { query, settings, store };
}
