import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import Container from "@cloudscape-design/components/container";
import Header from "@cloudscape-design/components/header";
import KeyValuePairs from "@cloudscape-design/components/key-value-pairs";
import Select, { type SelectProps } from "@cloudscape-design/components/select";
import SpaceBetween from "@cloudscape-design/components/space-between";
import StatusIndicator from "@cloudscape-design/components/status-indicator";
import { useMemo, useState } from "react";

import type { Device } from "../../api/types";
import { modelOf, type TelemetryField } from "../../devices/model";
import { useTelemetry } from "../../live/provider";
import type { Point } from "../../live/telemetry";
import { Charts } from "../../telemetry/charts";
import { type Range, RANGES } from "../../telemetry/history";
import { charts, fieldsOf, timeDomain } from "../../telemetry/series";
import { texts } from "../../texts";
import { ThresholdsCard } from "../../thresholds/card";
import { Filters } from "../../ui/filters";
import { show } from "../../ui/json";
import { clock } from "../../ui/time";
import { History } from "./history";

const t = texts.telemetry;

export default function TelemetryTab({ device, hasHistory }: { device: Device; hasHistory: boolean }) {
  const [range, setRange] = useState<Range | undefined>();
  // They are judged on the way to where the history is.
  const hasThresholds = hasHistory && modelOf(device.details).telemetry.some((it) => it.hasThresholds);
  return (
    <SpaceBetween size="l">
      {hasHistory && (
        <Filters>
          <Select
            selectedOption={CHOICES.find((it) => it.value === String(range ?? LIVE)) ?? null}
            options={CHOICES}
            ariaLabel={t.range}
            onChange={({ detail }) => setRange(RANGES.find((it) => String(it) === detail.selectedOption.value))}
          />
        </Filters>
      )}
      {range === undefined ? <LiveTelemetry device={device} /> : <History device={device} range={range} />}
      {hasThresholds && <ThresholdsCard deviceId={device.deviceId} />}
    </SpaceBetween>
  );
}

const LIVE = "live";
const CHOICES: SelectProps.Option[] = [
  { value: LIVE, label: t.live },
  ...RANGES.map((it) => ({ value: String(it), label: t.ranges[it] })),
];

function LiveTelemetry({ device }: { device: Device }) {
  const live = useTelemetry(device.deviceId);
  const [paused, setPaused] = useState<readonly Point[] | undefined>();
  const points = paused ?? live;
  const model = useMemo(() => modelOf(device.details).telemetry, [device.details]);
  const fields = useMemo(() => fieldsOf(model, points), [model, points]);
  const drawn = useMemo(() => charts(fields, points), [fields, points]);
  const xDomain = useMemo(() => timeDomain(points), [points]);
  const last = points.at(-1);

  return (
    <SpaceBetween size="l">
      <Container
        header={
          <Header
            variant="h2"
            description={t.intro}
            actions={
              <Button
                iconName={paused ? "caret-right-filled" : "status-stopped"}
                onClick={() => setPaused(paused ? undefined : live)}
              >
                {paused ? t.resume : t.pause}
              </Button>
            }
          >
            {t.title}
          </Header>
        }
      >
        {last ? (
          <SpaceBetween size="m">
            <Latest fields={fields} last={last} />
            <Box color="text-body-secondary" fontSize="body-s">
              {t.received}: {clock(last.time)}, {t.message(points.length)}
            </Box>
          </SpaceBetween>
        ) : (
          <StatusIndicator type="pending">{device.connected === false ? t.waitingOffline : t.waiting}</StatusIndicator>
        )}
      </Container>
      {points.length > 0 && <Charts charts={drawn} xDomain={xDomain} />}
    </SpaceBetween>
  );
}

function Latest({ fields, last }: { fields: readonly TelemetryField[]; last: Point }) {
  return (
    <KeyValuePairs
      columns={Math.min(4, Math.max(1, fields.length))}
      items={fields.map((field) => ({
        label: field.name,
        value: (
          <Box variant="awsui-value-large">
            {value(last.values[field.name])}
            {field.unit && ` ${field.unit}`}
          </Box>
        ),
      }))}
    />
  );
}

function value(value: Point["values"][string] | undefined): string {
  if (typeof value === "boolean") return value ? t.on : t.off;
  return typeof value === "number" ? value.toLocaleString("en", { maximumFractionDigits: 2 }) : show(value);
}
