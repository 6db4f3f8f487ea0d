import Button from "@cloudscape-design/components/button";
import Container from "@cloudscape-design/components/container";
import Header from "@cloudscape-design/components/header";
import SpaceBetween from "@cloudscape-design/components/space-between";
import StatusIndicator from "@cloudscape-design/components/status-indicator";
import { useMemo } from "react";

import { useHistory } from "../../api/queries";
import type { Device } from "../../api/types";
import { modelOf } from "../../devices/model";
import { Charts } from "../../telemetry/charts";
import { pointsOf, type Range, spanOf } from "../../telemetry/history";
import { charts } from "../../telemetry/series";
import { texts } from "../../texts";
import { Empty } from "../../ui/empty";
import { ProblemAlert } from "../../ui/problem";

const t = texts.telemetry;

/** What the device has measured in the last hours. */
export function History({ device, range }: { device: Device; range: Range }) {
  const { data: history, error, refetch, isFetching } = useHistory(device.deviceId, range);
  const fields = useMemo(() => modelOf(device.details).telemetry, [device.details]);
  const drawn = useMemo(
    () => history && charts(fields, pointsOf(history)).filter(({ lines }) => lines.some((it) => it.data.length > 0)),
    [fields, history],
  );
  const messages = history?.points.reduce((sum, it) => sum + it.messages, 0) ?? 0;
  return (
    <SpaceBetween size="l">
      <Container
        header={
          <Header
            variant="h2"
            description={t.historyIntro}
            actions={
              <Button iconName="refresh" loading={isFetching} onClick={() => void refetch()}>
                {t.readAgain}
              </Button>
            }
          >
            {t.history}
          </Header>
        }
      >
        {error ? (
          <ProblemAlert error={error} onRetry={() => void refetch()} />
        ) : !history ? (
          <StatusIndicator type="loading">{t.reading}</StatusIndicator>
        ) : messages === 0 ? (
          <Empty title={t.nothing} text={t.nothingText} />
        ) : (
          t.steps(messages, history.resolution)
        )}
      </Container>
      {history && drawn && <Charts charts={drawn} xDomain={spanOf(history)} isLong={range > 24} />}
    </SpaceBetween>
  );
}
