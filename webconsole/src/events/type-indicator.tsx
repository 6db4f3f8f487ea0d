import StatusIndicator, { type StatusIndicatorProps } from "@cloudscape-design/components/status-indicator";

import type { EventType } from "../api/types";
import { texts } from "../texts";

const TYPES: Record<EventType, StatusIndicatorProps.Type> = {
  error: "error",
  warning: "warning",
  info: "info",
  diagnostic: "success",
};

export function EventTypeIndicator({ type }: { type: EventType }) {
  return (
    <StatusIndicator type={TYPES[type]} colorOverride={type === "diagnostic" ? "grey" : undefined}>
      {texts.common.eventTypes[type]}
    </StatusIndicator>
  );
}
