import Box from "@cloudscape-design/components/box";
import Container from "@cloudscape-design/components/container";
import ExpandableSection from "@cloudscape-design/components/expandable-section";
import Header from "@cloudscape-design/components/header";
import KeyValuePairs from "@cloudscape-design/components/key-value-pairs";
import SpaceBetween from "@cloudscape-design/components/space-between";
import StatusIndicator from "@cloudscape-design/components/status-indicator";
import Table from "@cloudscape-design/components/table";
import type { UseQueryResult } from "@tanstack/react-query";

import { useConnectionEvents } from "../../api/queries";
import type { Device, DeviceStatus } from "../../api/types";
import { modelOf } from "../../devices/model";
import { presenceRows, reasonText } from "../../devices/presence";
import { shadowRows } from "../../devices/shadow";
import { DeviceStateIndicator } from "../../devices/state-indicator";
import { texts } from "../../texts";
import { Empty } from "../../ui/empty";
import { show } from "../../ui/json";
import { JsonView } from "../../ui/json-view";
import { ProblemAlert } from "../../ui/problem";
import { dateTime } from "../../ui/time";
import { presenceColumns, shadowColumns } from "./columns";

const t = texts.device;

export function DeviceOverview({ device, status }: { device: Device; status: UseQueryResult<DeviceStatus> }) {
  return (
    <SpaceBetween size="l">
      {status.error && <ProblemAlert error={status.error} onRetry={() => void status.refetch()} />}
      <Facts device={device} status={status.data} />
      <Shadow status={status.data} isLoading={status.isLoading} />
      <Connections deviceId={device.deviceId} />
    </SpaceBetween>
  );
}

function Facts({ device, status }: { device: Device; status?: DeviceStatus }) {
  const { other } = modelOf(device.details);
  const { none } = texts.common;
  return (
    <Container>
      <SpaceBetween size="l">
        <KeyValuePairs
          columns={4}
          items={[
            { label: t.state, value: <DeviceStateIndicator device={device} /> },
            { label: t.since, value: status?.since ? dateTime(status.since) : none },
            { label: t.lastReason, value: status?.disconnectReason ? reasonText(status.disconnectReason) : none },
            { label: t.status, value: texts.common.registrationStatuses[device.status] },
            { label: t.serial, value: device.deviceId },
            { label: t.model, value: device.modelNumber },
            { label: t.registered, value: dateTime(device.createdAt) },
            ...Object.entries(other)
              .filter(([, value]) => typeof value !== "object")
              .map(([label, value]) => ({ label, value: show(value) })),
          ]}
        />
        <ExpandableSection headerText={t.details} headingTagOverride="h2">
          <JsonView value={device.details} label={t.details} />
        </ExpandableSection>
      </SpaceBetween>
    </Container>
  );
}

function Shadow({ status, isLoading }: { status?: DeviceStatus; isLoading: boolean }) {
  const rows = status ? shadowRows(status) : [];
  const differing = rows.filter((it) => it.differs).length;
  return (
    <Table
      variant="container"
      wrapLines
      loading={isLoading}
      loadingText={texts.loading}
      items={rows}
      trackBy="field"
      columnDefinitions={shadowColumns}
      ariaLabels={{ tableLabel: t.shadow }}
      header={
        <Header
          variant="h2"
          description={t.shadowText}
          info={differing > 0 && <StatusIndicator type="warning">{t.differing(differing)}</StatusIndicator>}
        >
          {t.shadow}
        </Header>
      }
      empty={<Empty title={t.noShadow} text={t.noShadowText} />}
    />
  );
}

function Connections({ deviceId }: { deviceId: string }) {
  const { data, error, isLoading, refetch } = useConnectionEvents(deviceId);
  if (error) return <ProblemAlert error={error} onRetry={() => void refetch()} />;
  return (
    <Table
      variant="container"
      wrapLines
      loading={isLoading}
      loadingText={texts.loading}
      items={presenceRows(data?.items ?? [])}
      trackBy="id"
      columnDefinitions={presenceColumns}
      ariaLabels={{ tableLabel: t.connections }}
      header={
        <Header variant="h2" description={t.connectionsText}>
          {t.connections}
        </Header>
      }
      empty={<Box textAlign="center">{t.noConnections}</Box>}
    />
  );
}
