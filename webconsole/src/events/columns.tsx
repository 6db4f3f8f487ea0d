import Link, { type LinkProps } from "@cloudscape-design/components/link";
import type { TableProps } from "@cloudscape-design/components/table";

import type { DeviceEvent, EventType } from "../api/types";
import { paths } from "../paths";
import { texts } from "../texts";
import { dateTime } from "../ui/time";
import { eventState } from "./state";
import { EventTypeIndicator } from "./type-indicator";

const t = texts.events;

export type EventColumn = "type" | "message" | "device" | "state" | "time";

export function eventColumns(
  wanted: readonly EventColumn[],
  follow: LinkProps["onFollow"],
  alertLevel: readonly EventType[],
): TableProps.ColumnDefinition<DeviceEvent>[] {
  const columns: Record<EventColumn, TableProps.ColumnDefinition<DeviceEvent>> = {
    type: { id: "type", header: t.type, cell: (event) => <EventTypeIndicator type={event.type} />, minWidth: 120 },
    message: {
      id: "message",
      header: t.message,
      cell: (event) => (
        <Link href={paths.event(event.deviceId, event.id)} onFollow={follow}>
          {event.message || t.noMessage}
        </Link>
      ),
      isRowHeader: true,
      minWidth: 180,
    },
    device: {
      id: "device",
      header: t.device,
      cell: (event) => (
        <Link href={paths.device(event.deviceId)} onFollow={follow}>
          {event.deviceName}
        </Link>
      ),
    },
    state: { id: "state", header: t.state, cell: (event) => eventState(event, alertLevel) },
    time: { id: "time", header: t.time, cell: (event) => dateTime(event.createdAt), minWidth: 140 },
  };
  return wanted.map((it) => columns[it]);
}
