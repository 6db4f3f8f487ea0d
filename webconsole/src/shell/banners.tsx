/** Conditions that hold for the whole page: no network, no live data. */
import Button from "@cloudscape-design/components/button";
import type { FlashbarProps } from "@cloudscape-design/components/flashbar";
import { useEffect, useState, useSyncExternalStore } from "react";

import { useLiveState } from "../live/provider";
import { texts } from "../texts";

/** A connection that is replaced at once is nobody's concern. */
const PATIENCE_MS = 3000;

function onNetwork(listener: () => void) {
  window.addEventListener("online", listener);
  window.addEventListener("offline", listener);
  return () => {
    window.removeEventListener("online", listener);
    window.removeEventListener("offline", listener);
  };
}

export function useBanners(): FlashbarProps.MessageDefinition[] {
  const isOnline = useSyncExternalStore(onNetwork, () => navigator.onLine);
  const { state, retryNow } = useLiveState();
  const isLost = useLasting(state === "lost", PATIENCE_MS);
  if (!isOnline) {
    return [{ id: "offline", type: "warning", header: texts.offline.noNetwork, content: texts.offline.noNetworkText }];
  }
  if (isLost) {
    return [
      {
        id: "not-live",
        type: "warning",
        header: texts.offline.notLive,
        content: texts.offline.notLiveText,
        action: <Button onClick={retryNow}>{texts.common.retry}</Button>,
      },
    ];
  }
  return [];
}

/** Whether `condition` has held for some time. */
function useLasting(condition: boolean, milliseconds: number): boolean {
  const [lasts, setLasts] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => setLasts(condition), condition ? milliseconds : 0);
    return () => clearTimeout(timer);
  }, [condition, milliseconds]);
  return condition && lasts;
}
