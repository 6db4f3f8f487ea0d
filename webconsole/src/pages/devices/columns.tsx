import Link, { type LinkProps } from "@cloudscape-design/components/link";
import type { TableProps } from "@cloudscape-design/components/table";

import type { Device } from "../../api/types";
import { DEVICE_STATES, stateOf } from "../../devices/state";
import { DeviceStateIndicator } from "../../devices/state-indicator";
import { paths } from "../../paths";
import { texts } from "../../texts";
import { ago, dateTime } from "../../ui/time";

const t = texts.devices;

/** On a phone only these. */
export const NARROW_COLUMNS = ["name", "state", "lastSeen"];

const byText = (of: (device: Device) => string) => (left: Device, right: Device) =>
  of(left).localeCompare(of(right), "en", { numeric: true });

/** Orders, each the same object at each drawing: a table knows by it which column it is sorted by. */
const ORDERS = {
  name: byText((it) => it.deviceName),
  state: (left: Device, right: Device) => DEVICE_STATES.indexOf(stateOf(left)) - DEVICE_STATES.indexOf(stateOf(right)),
  serial: byText((it) => it.deviceId),
  model: byText((it) => it.modelNumber),
  registered: byText((it) => it.createdAt),
};

/** How the list begins. */
export const FIRST_ORDER = { sortingComparator: ORDERS.name };

/** Since when a device is away, by its id; `null` where it has never been there or that is not known. */
export type LastSeen = ReadonlyMap<string, string | null>;

export function columns(lastSeen: LastSeen, follow: LinkProps["onFollow"]): TableProps.ColumnDefinition<Device>[] {
  return [
    {
      id: "name",
      header: t.name,
      cell: (device) => (
        <Link href={paths.device(device.deviceId)} onFollow={follow}>
          {device.deviceName}
        </Link>
      ),
      sortingComparator: ORDERS.name,
      isRowHeader: true,
    },
    {
      id: "state",
      header: t.state,
      cell: (device) => <DeviceStateIndicator device={device} />,
      sortingComparator: ORDERS.state,
    },
    {
      id: "serial",
      header: t.serial,
      cell: (device) => device.deviceId,
      sortingComparator: ORDERS.serial,
    },
    {
      id: "model",
      header: t.model,
      cell: (device) => device.modelNumber,
      sortingComparator: ORDERS.model,
    },
    { id: "lastSeen", header: t.lastSeen, cell: (device) => showLastSeen(device, lastSeen) },
    {
      id: "registered",
      header: t.registered,
      cell: (device) => dateTime(device.createdAt),
      sortingComparator: ORDERS.registered,
    },
  ];
}

function showLastSeen(device: Device, lastSeen: LastSeen) {
  switch (stateOf(device)) {
    case "connected":
      return t.now;
    case "pending":
      return t.never;
    default: {
      const since = lastSeen.get(device.deviceId);
      if (!since) return since === null ? t.unknown : texts.common.none;
      return <time dateTime={since}>{ago(since)}</time>;
    }
  }
}
