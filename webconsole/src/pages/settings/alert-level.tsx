import Button from "@cloudscape-design/components/button";
import Checkbox from "@cloudscape-design/components/checkbox";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { useState } from "react";

import { describe } from "../../api/describe";
import { EVENT_TYPES, type EventType } from "../../api/types";
import { texts } from "../../texts";
import { ProblemAlert } from "../../ui/problem";
import { useToasts } from "../../ui/toasts";
import { useTask } from "../../ui/use-task";
import { useEditableSettings } from "./own-settings";
import { Section } from "./section";

const t = texts.settings;

export function AlertLevel() {
  const { query, settings, store } = useEditableSettings();
  const toasts = useToasts();
  const task = useTask();
  const [edited, setEdited] = useState<readonly EventType[]>();
  const level = edited ?? settings.alertLevel;
  const problem = task.error === undefined ? undefined : describe(task.error);

  const toggle = (type: EventType, isOn: boolean) =>
    setEdited(EVENT_TYPES.filter((it) => (it === type ? isOn : level.includes(it))));

  const save = () =>
    void task.run(async () => {
      await store({ alertLevel: [...level] });
      setEdited(undefined);
      toasts.add({ type: "success", header: texts.common.saved, seconds: 5 });
    });

  return (
    <Section
      title={t.alertLevel}
      description={t.alertLevelText}
      problem={problem && `${problem.title} ${problem.advice}`}
      onSubmit={save}
    >
      {query.error && <ProblemAlert error={query.error} onRetry={() => void query.refetch()} />}
      <SpaceBetween size="xs">
        {EVENT_TYPES.map((type) => (
          <Checkbox
            key={type}
            disabled={!query.data}
            checked={level.includes(type)}
            description={t.descriptions[type]}
            onChange={({ detail }) => toggle(type, detail.checked)}
          >
            {texts.common.eventTypes[type]}
          </Checkbox>
        ))}
      </SpaceBetween>
      <Button formAction="submit" disabled={!edited} loading={task.isBusy} loadingText={texts.loading}>
        {texts.common.save}
      </Button>
    </Section>
  );
}
