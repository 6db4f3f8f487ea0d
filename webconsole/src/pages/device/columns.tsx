import StatusIndicator from "@cloudscape-design/components/status-indicator";
import type { TableProps } from "@cloudscape-design/components/table";

import type { PresenceRow } from "../../devices/presence";
import type { ShadowRow } from "../../devices/shadow";
import { texts } from "../../texts";
import { show } from "../../ui/json";
import { dateTime } from "../../ui/time";

const t = texts.device;

export const shadowColumns: TableProps.ColumnDefinition<ShadowRow>[] = [
  { id: "field", header: t.field, cell: (row) => row.field, isRowHeader: true },
  { id: "desired", header: t.desired, cell: (row) => show(row.desired) },
  { id: "reported", header: t.reported, cell: (row) => show(row.reported) },
  { id: "state", header: texts.device.state, cell: (row) => <ShadowState row={row} />, minWidth: 130 },
  {
    id: "changed",
    header: t.changed,
    minWidth: 150,
    cell: (row) => (row.reportedAt === undefined ? texts.common.none : dateTime(row.reportedAt * 1000)),
  },
];

function ShadowState({ row }: { row: ShadowRow }) {
  if (row.differs) return <StatusIndicator type="warning">{t.differs}</StatusIndicator>;
  if (row.desired === undefined) return <StatusIndicator type="info">{t.onlyReported}</StatusIndicator>;
  return <StatusIndicator type="success">{t.same}</StatusIndicator>;
}

export const presenceColumns: TableProps.ColumnDefinition<PresenceRow>[] = [
  { id: "time", header: t.at, cell: (row) => dateTime(row.time), isRowHeader: true, minWidth: 130 },
  {
    id: "what",
    header: t.what,
    minWidth: 140,
    cell: (row) => (
      <StatusIndicator type={row.isConnected ? "success" : "stopped"}>
        {row.isConnected ? t.connected : t.disconnected}
      </StatusIndicator>
    ),
  },
  { id: "reason", header: t.reason, cell: (row) => row.reason ?? texts.common.none },
];
