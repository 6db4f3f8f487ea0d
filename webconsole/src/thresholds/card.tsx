import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import Container from "@cloudscape-design/components/container";
import Header from "@cloudscape-design/components/header";
import KeyValuePairs from "@cloudscape-design/components/key-value-pairs";
import SpaceBetween from "@cloudscape-design/components/space-between";
import Toggle from "@cloudscape-design/components/toggle";
import { useState } from "react";

import { useThresholds } from "../api/queries";
import type { Threshold, ThresholdUpdate } from "../api/types";
import { texts } from "../texts";
import { ProblemAlert } from "../ui/problem";
import { useTask } from "../ui/use-task";
import { ThresholdForm } from "./form";
import { MODELS } from "./limits";
import { useAdjust } from "./adjust";

const t = texts.thresholds;

/** What the owner is told of, and may change: the thresholds of a device. */
export function ThresholdsCard({ deviceId }: { deviceId: string }) {
  const { data: thresholds, error, refetch } = useThresholds(deviceId);
  return (
    <Container
      header={
        <Header variant="h2" description={t.intro}>
          {t.title}
        </Header>
      }
    >
      <SpaceBetween size="l">
        {error && <ProblemAlert error={error} onRetry={() => void refetch()} />}
        {thresholds?.map((it) => (
          <OneThreshold key={`${it.field} ${it.name}`} deviceId={deviceId} threshold={it} />
        ))}
      </SpaceBetween>
    </Container>
  );
}

function OneThreshold({ deviceId, threshold }: { deviceId: string; threshold: Threshold }) {
  const { field, name, enabled, own } = threshold;
  const adjust = useAdjust(deviceId, threshold);
  const task = useTask();
  const [isOpen, setIsOpen] = useState(false);
  const isOwn = Object.values(own).some((it) => it !== null);

  const change = (to: ThresholdUpdate) =>
    void task.run(async () => {
      if (Object.keys(to).length > 0) await adjust(to);
      setIsOpen(false);
    });

  return (
    <SpaceBetween size="s">
      <Header
        variant="h3"
        actions={
          <SpaceBetween direction="horizontal" size="xs" alignItems="center">
            <Toggle
              checked={enabled}
              disabled={task.isBusy}
              onChange={({ detail }) => change({ enabled: detail.checked })}
            >
              {t.judged}
            </Toggle>
            {isOwn && (
              <Button ariaLabel={`${t.reset} ${name}`} disabled={task.isBusy} onClick={() => change(MODELS)}>
                {t.reset}
              </Button>
            )}
            <Button ariaLabel={`${t.change} ${name}`} ariaExpanded={isOpen} onClick={() => setIsOpen(!isOpen)}>
              {t.change}
            </Button>
          </SpaceBetween>
        }
      >
        {field}: {name}
      </Header>
      {task.error !== undefined && <ProblemAlert error={task.error} />}
      {isOpen ? (
        <ThresholdForm threshold={threshold} isBusy={task.isBusy} onSave={change} onCancel={() => setIsOpen(false)} />
      ) : (
        <Limits threshold={threshold} />
      )}
    </SpaceBetween>
  );
}

function Limits({ threshold: { above, below, seconds, unit, model } }: { threshold: Threshold }) {
  const limit = (own: number, models: number) => (
    <>
      {own.toLocaleString("en", { maximumFractionDigits: 6 })}
      {unit && ` ${unit}`}
      {own !== models && (
        <Box color="text-body-secondary" fontSize="body-s">
          {t.model(models.toLocaleString("en", { maximumFractionDigits: 6 }))}
        </Box>
      )}
    </>
  );
  return (
    <KeyValuePairs
      columns={3}
      items={[
        { label: t.above, value: limit(above, model.above) },
        { label: t.below, value: limit(below, model.below) },
        { label: t.time, value: texts.common.duration(seconds) },
      ]}
    />
  );
}
