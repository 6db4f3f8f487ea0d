import Alert from "@cloudscape-design/components/alert";
import Button from "@cloudscape-design/components/button";
import SpaceBetween from "@cloudscape-design/components/space-between";
import Tabs from "@cloudscape-design/components/tabs";
import { lazy, Suspense, useState } from "react";
import { Navigate, useNavigate, useParams } from "react-router";

import { useStatus } from "../../api/queries";
import type { Device } from "../../api/types";
import { DeleteModal } from "../../devices/delete-modal";
import { useFirstConnection } from "../../devices/first-connection";
import { useSilenceCheck } from "../../devices/silence";
import { DeviceStateIndicator } from "../../devices/state-indicator";
import { useTelemetry } from "../../live/provider";
import { type DeviceTab, paths } from "../../paths";
import { PageLoading } from "../../shell/page-loading";
import { texts } from "../../texts";
import { useFollow } from "../../ui/follow";
import { Page } from "../../ui/page";
import { ProblemAlert } from "../../ui/problem";
import { DeviceOverview } from "./overview";

const TelemetryTab = lazy(() => import("./telemetry"));
const CommandsTab = lazy(() => import("./commands"));
const EventsTab = lazy(() => import("./events"));

const t = texts.device;
const TABS: readonly DeviceTab[] = ["overview", "telemetry", "commands", "events"];

export default function DevicePage({ hasHistory }: { hasHistory: boolean }) {
  const { deviceId = "", tab = "overview" } = useParams();
  const { data: device, error, refetch } = useFirstConnection(deviceId);
  const active = TABS.find((it) => it === tab);

  if (!active) return <Navigate replace to={paths.device(deviceId)} />;
  if (error && !device) {
    return (
      <Page title={deviceId}>
        <ProblemAlert error={error} onRetry={() => void refetch()} />
      </Page>
    );
  }
  if (!device) return <PageLoading />;
  return <DeviceView key={deviceId} device={device} tab={active} hasHistory={hasHistory} />;
}

interface DeviceViewProps {
  device: Device;
  tab: DeviceTab;
  hasHistory: boolean;
}

function DeviceView({ device, tab, hasHistory }: DeviceViewProps) {
  const { deviceId } = device;
  const navigate = useNavigate();
  const follow = useFollow();
  const status = useStatus(deviceId);
  useSilenceCheck(deviceId, useTelemetry(deviceId).at(-1)?.time);
  const [isLeaving, setIsLeaving] = useState(false);
  // The status is newer than the device's row, and live.
  const current = status.data ? { ...device, connected: status.data.connected } : device;

  const contents: Record<DeviceTab, React.ReactNode> = {
    overview: <DeviceOverview device={current} status={status} />,
    telemetry: <TelemetryTab device={current} hasHistory={hasHistory} />,
    commands: <CommandsTab device={current} status={status.data} />,
    events: <EventsTab device={current} />,
  };

  return (
    <Page
      title={device.deviceName}
      crumbs={[{ text: texts.shell.devices, href: paths.devices() }]}
      description={<DeviceStateIndicator device={current} />}
      actions={<Button onClick={() => setIsLeaving(true)}>{t.delete}</Button>}
    >
      <SpaceBetween size="m">
        {device.status === "pending" && (
          <Alert
            type="info"
            header={t.pendingTitle}
            action={
              <Button href={paths.registered(deviceId)} onFollow={follow}>
                {t.pendingAction}
              </Button>
            }
          >
            {texts.register.stepConnectText}
          </Alert>
        )}
        <Tabs
          activeTabId={tab}
          onChange={({ detail }) => {
            const next = TABS.find((it) => it === detail.activeTabId);
            if (next) void navigate(paths.device(deviceId, next));
          }}
          tabs={TABS.map((id) => ({
            id,
            label: t.tabs[id],
            content: id === tab && <Suspense fallback={<PageLoading />}>{contents[id]}</Suspense>,
          }))}
        />
      </SpaceBetween>
      {isLeaving && (
        <DeleteModal
          devices={[device]}
          onClose={() => setIsLeaving(false)}
          onDone={() => void navigate(paths.devices(), { replace: true })}
        />
      )}
    </Page>
  );
}
