import LineChart from "@cloudscape-design/components/line-chart";
import { memo } from "react";

import { texts } from "../texts";
import { clock, dayAndHour } from "../ui/time";
import type { ChartData } from "./series";

interface ChartProps {
  chart: ChartData;
  xDomain: [Date, Date];
  isLong: boolean;
}

/** One chart of values. Loaded only where it is shown. */
const TelemetryChart = memo(function TelemetryChart({ chart, xDomain, isLong }: ChartProps) {
  const { names, unit, lines } = chart;
  const format = (y: number) =>
    names ? (names[y] ?? "") : `${y.toLocaleString("en", { maximumFractionDigits: 2 })}${unit ? ` ${unit}` : ""}`;
  return (
    <LineChart
      height={names ? 100 : 240}
      hideFilter
      hideLegend={lines.length === 1}
      xScaleType="time"
      xDomain={xDomain}
      yDomain={chart.yDomain}
      series={lines.map((line) => ({ ...line, type: "line", valueFormatter: format }))}
      xTitle={texts.telemetry.time}
      yTitle={unit ?? ""}
      ariaLabel={texts.telemetry.chart(lines.map((it) => it.title).join(", "))}
      i18nStrings={{ xTickFormatter: isLong ? dayAndHour : clock, yTickFormatter: format }}
      detailPopoverSize="small"
    />
  );
});

export default TelemetryChart;
