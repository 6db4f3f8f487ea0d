import BarChart from "@cloudscape-design/components/bar-chart";
import {
  colorChartsStatusHigh,
  colorChartsStatusInfo,
  colorChartsStatusMedium,
  colorChartsStatusNeutral,
} from "@cloudscape-design/design-tokens";

import { EVENT_TYPES, type EventType } from "../../api/types";
import { texts } from "../../texts";
import type { Hour } from "./fleet";

const t = texts.overview;

const COLOURS: Record<EventType, string> = {
  error: colorChartsStatusHigh,
  warning: colorChartsStatusMedium,
  info: colorChartsStatusInfo,
  diagnostic: colorChartsStatusNeutral,
};

const HOUR = new Intl.DateTimeFormat("en", { hour: "2-digit", minute: "2-digit", hourCycle: "h23" });

/** Events by type over the hours. Loaded only where it is shown. */
export default function EventsChart({ hours }: { hours: readonly Hour[] }) {
  return (
    <BarChart
      stackedBars
      hideFilter
      height={200}
      xScaleType="categorical"
      xDomain={hours.map((it) => it.start)}
      series={EVENT_TYPES.map((type) => ({
        type: "bar",
        title: texts.common.eventTypes[type],
        color: COLOURS[type],
        data: hours.map((it) => ({ x: it.start, y: it.counts[type] })),
      }))}
      xTitle={t.time}
      yTitle={t.count}
      ariaLabel={t.eventsByType}
      i18nStrings={{ xTickFormatter: (it) => HOUR.format(it) }}
    />
  );
}
