import Alert from "@cloudscape-design/components/alert";
import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import Container from "@cloudscape-design/components/container";
import Header from "@cloudscape-design/components/header";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { useMemo, useState } from "react";

import { describe } from "../api/describe";
import type { Command } from "../api/types";
import type { CommandModel } from "../devices/model";
import { texts } from "../texts";
import { useTask } from "../ui/use-task";
import { FieldInput } from "./field-input";
import { fieldOf } from "./schema";
import { useSendCommand } from "./send";
import { CommandStatusIndicator, reasonOf } from "./status-indicator";
import { type Entry, initialEntry, readEntry } from "./value";

const t = texts.commands;

interface CommandCardProps {
  deviceId: string;
  model: CommandModel;
  /** What the device has now, where the command sets a field of the shadow. */
  current: unknown;
  unit?: string;
  /** The newest command of this kind, as it is now. */
  last?: Command;
}

/** One command as a form, with what became of the last one that was sent from here. */
export function CommandCard({ deviceId, model, current, unit, last }: CommandCardProps) {
  const task = useTask();
  const send = useSendCommand(deviceId);
  const field = useMemo(() => fieldOf(model.schema), [model.schema]);
  // Until somebody changes it, the form shows what the device has.
  const [edited, setEdited] = useState<{ entry: Entry }>();
  const [isChecked, setIsChecked] = useState(false);
  const [sentId, setSentId] = useState<string>();
  const entry = edited ? edited.entry : initialEntry(field, current);
  const read = readEntry(field, entry);
  const problem = task.error === undefined ? undefined : describe(task.error);

  const submit = () => {
    setIsChecked(true);
    if (read.problems) return;
    void task.run(async () => {
      const { commandId } = await send(model.name, read.value);
      setSentId(commandId);
      setIsChecked(false);
    });
  };

  return (
    <form
      aria-label={model.name}
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        submit();
      }}
    >
      <Container
        fitHeight
        header={
          <Header variant="h3" headingTagOverride="h3" description={model.description}>
            {model.name}
          </Header>
        }
        footer={
          <SpaceBetween direction="horizontal" size="s" alignItems="center">
            <Button
              formAction="submit"
              ariaLabel={`${t.send} ${model.name}`}
              loading={task.isBusy}
              loadingText={texts.loading}
            >
              {t.send}
            </Button>
            <div aria-live="polite">
              {last && last.commandId === sentId && (
                <SpaceBetween direction="horizontal" size="xs">
                  <CommandStatusIndicator status={last.status} />
                  {last.reason !== null && <Box color="text-body-secondary">{reasonOf(last)}</Box>}
                </SpaceBetween>
              )}
            </div>
          </SpaceBetween>
        }
      >
        <SpaceBetween size="s">
          {problem && (
            <Alert type="error" header={problem.title}>
              {problem.advice}
            </Alert>
          )}
          <FieldInput
            field={field}
            label={t.value}
            path=""
            entry={entry}
            problems={isChecked ? (read.problems ?? {}) : {}}
            unit={unit}
            onChange={(next) => {
              setEdited({ entry: next });
              task.clear();
            }}
          />
        </SpaceBetween>
      </Container>
    </form>
  );
}
