import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import Container from "@cloudscape-design/components/container";
import Grid from "@cloudscape-design/components/grid";
import Header from "@cloudscape-design/components/header";
import KeyValuePairs from "@cloudscape-design/components/key-value-pairs";
import Link from "@cloudscape-design/components/link";
import ProgressBar from "@cloudscape-design/components/progress-bar";
import SpaceBetween from "@cloudscape-design/components/space-between";
import StatusIndicator from "@cloudscape-design/components/status-indicator";
import { lazy, Suspense, useMemo, useState } from "react";

import { itemsOf } from "../../api/paging";
import { useAlerts, useDevices, useRecentEvents } from "../../api/queries";
import type { Device } from "../../api/types";
import { STATE_TEXTS, STATE_TYPES } from "../../devices/state";
import { EventTypeIndicator } from "../../events/type-indicator";
import { paths } from "../../paths";
import { PageLoading } from "../../shell/page-loading";
import { texts } from "../../texts";
import { Empty } from "../../ui/empty";
import { useFollow } from "../../ui/follow";
import { Page } from "../../ui/page";
import { ProblemAlert } from "../../ui/problem";
import { dateTime } from "../../ui/time";
import { countByHour, countByModel, countByState, firstHour, total } from "./fleet";

const EventsChart = lazy(() => import("./events-chart"));

const t = texts.overview;

/** More models than this are a list, not an overview. */
const MAX_MODELS = 8;
const MAX_ALERTS = 5;

export default function Overview() {
  const { devices, isComplete, error, refetch } = useDevices();
  return (
    <Page title={t.title}>
      <SpaceBetween size="l">
        {error && <ProblemAlert error={error} onRetry={() => void refetch()} />}
        {devices && isComplete && devices.length === 0 ? <Start /> : <Devices devices={devices} />}
        <Grid gridDefinition={[{ colspan: { default: 12, s: 7 } }, { colspan: { default: 12, s: 5 } }]}>
          <RecentEvents />
          <NewestAlerts />
        </Grid>
      </SpaceBetween>
    </Page>
  );
}

function Start() {
  const follow = useFollow();
  return (
    <Container>
      <Empty
        title={t.startTitle}
        text={t.startText}
        action={
          <Button variant="primary" href={paths.register()} onFollow={follow}>
            {texts.devices.register}
          </Button>
        }
      />
    </Container>
  );
}

function Devices({ devices }: { devices?: readonly Device[] }) {
  const follow = useFollow();
  const link = (
    <Link href={paths.devices()} onFollow={follow}>
      {t.allDevices}
    </Link>
  );
  return (
    <Grid gridDefinition={[{ colspan: { default: 12, s: 7 } }, { colspan: { default: 12, s: 5 } }]}>
      <Container
        fitHeight
        header={
          <Header variant="h2" counter={devices && `(${devices.length})`} actions={link}>
            {t.byState}
          </Header>
        }
      >
        {devices ? (
          <KeyValuePairs
            columns={4}
            minColumnWidth={140}
            items={countByState(devices).map(({ state, count }) => ({
              label: <StatusIndicator type={STATE_TYPES[state]}>{STATE_TEXTS[state]}</StatusIndicator>,
              value: <Box variant="awsui-value-large">{count}</Box>,
            }))}
          />
        ) : (
          <PageLoading />
        )}
      </Container>
      <Container fitHeight header={<Header variant="h2">{t.byModel}</Header>}>
        {devices ? <Models devices={devices} /> : <PageLoading />}
      </Container>
    </Grid>
  );
}

function Models({ devices }: { devices: readonly Device[] }) {
  const models = countByModel(devices).slice(0, MAX_MODELS);
  return (
    <SpaceBetween size="s">
      {models.map(({ model, count }) => (
        <ProgressBar key={model} label={model} value={(100 * count) / devices.length} additionalInfo={t.total(count)} />
      ))}
    </SpaceBetween>
  );
}

function RecentEvents() {
  const [now] = useState(() => Date.now());
  const { data, error, refetch } = useRecentEvents(firstHour(now));
  const hours = useMemo(() => countByHour(data?.items ?? [], now), [data, now]);
  return (
    <Container
      fitHeight
      header={
        <Header variant="h2" description={data?.isCut ? t.eventsCut(data.items.length) : undefined}>
          {t.events}
        </Header>
      }
    >
      {error ? (
        <ProblemAlert error={error} onRetry={() => void refetch()} />
      ) : !data ? (
        <PageLoading />
      ) : total(hours) === 0 ? (
        <Empty title={t.noEvents} text={texts.events.emptyText} />
      ) : (
        <Suspense fallback={<PageLoading />}>
          <EventsChart hours={hours} />
        </Suspense>
      )}
    </Container>
  );
}

function NewestAlerts() {
  const follow = useFollow();
  const { data, error, refetch } = useAlerts();
  const alerts = itemsOf(data).slice(0, MAX_ALERTS);
  return (
    <Container
      fitHeight
      header={
        <Header
          variant="h2"
          actions={
            <Link href={paths.alerts()} onFollow={follow}>
              {t.allAlerts}
            </Link>
          }
        >
          {t.newestAlerts}
        </Header>
      }
    >
      {error ? (
        <ProblemAlert error={error} onRetry={() => void refetch()} />
      ) : !data ? (
        <PageLoading />
      ) : alerts.length === 0 ? (
        <Empty title={t.noAlerts} text={texts.alerts.emptyText} />
      ) : (
        <SpaceBetween size="m">
          {alerts.map((alert) => (
            <div key={alert.id}>
              <SpaceBetween direction="horizontal" size="xs">
                <EventTypeIndicator type={alert.type} />
                <Link href={paths.event(alert.deviceId, alert.id)} onFollow={follow}>
                  {alert.message || texts.events.noMessage}
                </Link>
              </SpaceBetween>
              <Box color="text-body-secondary" fontSize="body-s">
                {alert.deviceName}, {dateTime(alert.createdAt)}
              </Box>
            </div>
          ))}
        </SpaceBetween>
      )}
    </Container>
  );
}
