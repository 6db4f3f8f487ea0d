import StatusIndicator, { type StatusIndicatorProps } from "@cloudscape-design/components/status-indicator";

import type { Command, CommandStatus } from "../api/types";
import { texts } from "../texts";

const TYPES: Record<CommandStatus, StatusIndicatorProps.Type> = {
  pending: "in-progress",
  success: "success",
  failed: "error",
};

export function CommandStatusIndicator({ status }: { status: CommandStatus }) {
  return <StatusIndicator type={TYPES[status]}>{texts.common.commandStatuses[status]}</StatusIndicator>;
}

/** Why it failed, or what else the device said. */
export function reasonOf({ reason }: Pick<Command, "reason">): string {
  return reason === null ? texts.common.none : (texts.commands.reasons[reason] ?? reason);
}
