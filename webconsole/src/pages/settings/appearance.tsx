import FormField from "@cloudscape-design/components/form-field";
import RadioGroup from "@cloudscape-design/components/radio-group";

import { texts } from "../../texts";
import { APPEARANCES, choose, useAppearance } from "../../ui/appearance";
import { Section } from "./section";

const t = texts.settings;

export function AppearanceChoice() {
  const { appearance } = useAppearance();
  return (
    <Section title={t.appearance}>
      <FormField label={t.mode}>
        <RadioGroup
          value={appearance}
          items={APPEARANCES.map((value) => ({ value, label: t.modes[value] }))}
          onChange={({ detail }) => choose(APPEARANCES.find((it) => it === detail.value) ?? "system")}
        />
      </FormField>
    </Section>
  );
}
