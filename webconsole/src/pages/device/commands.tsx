import Alert from "@cloudscape-design/components/alert";
import Grid from "@cloudscape-design/components/grid";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { useMemo } from "react";

import { itemsOf } from "../../api/paging";
import { useCommands } from "../../api/queries";
import type { Device, DeviceStatus } from "../../api/types";
import { CommandCard } from "../../commands/command-card";
import { CommandHistory } from "../../commands/history";
import { usePendingLook } from "../../commands/pending";
import { modelOf } from "../../devices/model";
import { texts } from "../../texts";
import { Empty } from "../../ui/empty";
import { record } from "../../ui/json";

const t = texts.commands;

export default function CommandsTab({ device, status }: { device: Device; status?: DeviceStatus }) {
  const { deviceId } = device;
  const model = useMemo(() => modelOf(device.details), [device.details]);
  const { data } = useCommands(deviceId);
  const sent = useMemo(() => itemsOf(data), [data]);
  usePendingLook(deviceId, sent, model.commands);
  // What is asked for goes before what the device says: it is on its way there.
  const { desired, reported } = record(status?.state);
  const shadow = { ...record(reported), ...record(desired) };

  return (
    <SpaceBetween size="l">
      {device.status === "pending" ? (
        <Alert type="warning">{t.pendingDevice}</Alert>
      ) : (
        device.connected === false && <Alert type="warning">{t.offlineDevice}</Alert>
      )}
      {model.commands.length === 0 && <Empty title={t.none} text={t.noneText} />}
      <h2 className="visually-hidden">{t.title}</h2>
      <Grid gridDefinition={model.commands.map(() => ({ colspan: { default: 12, s: 6 } }))}>
        {model.commands.map((command) => (
          <CommandCard
            key={command.name}
            deviceId={deviceId}
            model={command}
            current={command.desiredField === undefined ? undefined : shadow[command.desiredField]}
            unit={model.telemetry.find((it) => it.name === command.desiredField)?.unit}
            last={sent.find((it) => it.command === command.name)}
          />
        ))}
      </Grid>
      <CommandHistory deviceId={deviceId} />
    </SpaceBetween>
  );
}
