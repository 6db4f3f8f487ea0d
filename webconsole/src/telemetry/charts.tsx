import Container from "@cloudscape-design/components/container";
import Header from "@cloudscape-design/components/header";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { lazy, Suspense } from "react";

import { PageLoading } from "../shell/page-loading";
import type { ChartData } from "./series";

const TelemetryChart = lazy(() => import("./chart"));

interface ChartsProps {
  charts: readonly ChartData[];
  xDomain: [Date, Date];
  /** Over more than a day, a clock says too little. */
  isLong?: boolean;
}

/** One box for each chart. */
export function Charts({ charts, xDomain, isLong = false }: ChartsProps) {
  return (
    <Suspense fallback={<PageLoading />}>
      <SpaceBetween size="l">
        {charts.map((chart) => (
          <Container
            key={chart.id}
            header={
              <Header variant="h3" headingTagOverride="h2">
                {chart.fields.map((it) => it.name).join(", ")}
              </Header>
            }
          >
            <TelemetryChart chart={chart} xDomain={xDomain} isLong={isLong} />
          </Container>
        ))}
      </SpaceBetween>
    </Suspense>
  );
}
