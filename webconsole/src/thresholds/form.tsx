import Button from "@cloudscape-design/components/button";
import ColumnLayout from "@cloudscape-design/components/column-layout";
import FormField from "@cloudscape-design/components/form-field";
import Input from "@cloudscape-design/components/input";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { useState } from "react";

import type { Threshold, ThresholdUpdate } from "../api/types";
import { texts } from "../texts";
import { type Entered, entered, problems, update } from "./limits";

const t = texts.thresholds;

interface ThresholdFormProps {
  threshold: Threshold;
  isBusy: boolean;
  onSave: (change: ThresholdUpdate) => void;
  onCancel: () => void;
}

export function ThresholdForm({ threshold, isBusy, onSave, onCancel }: ThresholdFormProps) {
  const [entry, setEntry] = useState<Entered>(() => entered(threshold));
  const [isTried, setIsTried] = useState(false);
  const found = isTried ? problems(entry) : {};
  const { unit } = threshold;

  const save = () => {
    setIsTried(true);
    if (Object.keys(problems(entry)).length === 0) onSave(update(entry, threshold));
  };
  const field = (name: keyof Entered, label: string, hint: string) => (
    <FormField label={label} constraintText={hint} errorText={found[name]} stretch>
      <Input
        type="text"
        inputMode="decimal"
        value={entry[name]}
        disabled={isBusy}
        onChange={({ detail }) => setEntry({ ...entry, [name]: detail.value })}
      />
    </FormField>
  );
  return (
    <form
      noValidate
      aria-label={`${t.title}: ${threshold.name}`}
      onSubmit={(event) => {
        event.preventDefault();
        save();
      }}
    >
      <SpaceBetween size="m">
        <ColumnLayout columns={3}>
          {field("above", t.above, unit ?? t.noUnit)}
          {field("below", t.below, unit ?? t.noUnit)}
          {field("minutes", t.time, t.minutes)}
        </ColumnLayout>
        <SpaceBetween direction="horizontal" size="xs">
          <Button variant="primary" formAction="submit" loading={isBusy} loadingText={texts.loading}>
            {texts.common.save}
          </Button>
          <Button formAction="none" disabled={isBusy} onClick={onCancel}>
            {texts.common.cancel}
          </Button>
        </SpaceBetween>
      </SpaceBetween>
    </form>
  );
}
