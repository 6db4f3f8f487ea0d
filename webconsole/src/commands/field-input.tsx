/** The inputs of a command's value: sliders for ranges, choices for enums, and so on. */
import Box from "@cloudscape-design/components/box";
import FormField from "@cloudscape-design/components/form-field";
import Input from "@cloudscape-design/components/input";
import RadioGroup from "@cloudscape-design/components/radio-group";
import Select from "@cloudscape-design/components/select";
import Slider from "@cloudscape-design/components/slider";
import SpaceBetween from "@cloudscape-design/components/space-between";
import Textarea from "@cloudscape-design/components/textarea";
import Toggle from "@cloudscape-design/components/toggle";

import { texts } from "../texts";
import { isRecord, show } from "../ui/json";
import { JsonView } from "../ui/json-view";
import { type Field, type Member, nearestPlace, type NumberField, sliderOf } from "./schema";
import { type Entry, initialEntry, join, type Problems } from "./value";

const t = texts.commands;

/** More options than this are a list to open. */
const MAX_RADIOS = 5;

interface FieldInputProps<F extends Field = Field> {
  field: F;
  label: string;
  description?: string;
  path: string;
  entry: Entry;
  problems: Problems;
  unit?: string;
  onChange: (entry: Entry) => void;
}

export function FieldInput(props: FieldInputProps) {
  const { field, label, description, path, entry, problems, onChange } = props;
  const text = typeof entry === "string" ? entry : "";
  const frame = { label, description, errorText: problems[path] };
  switch (field.kind) {
    case "none":
      return <Box color="text-body-secondary">{t.noValue}</Box>;
    case "constant":
      return <FormField {...frame}>{show(field.value)}</FormField>;
    case "choice": {
      const options = field.options.map((option, at) => ({ value: String(at), label: show(option) }));
      return (
        <FormField {...frame}>
          {options.length <= MAX_RADIOS ? (
            <RadioGroup
              ariaLabel={label}
              items={options}
              value={text === "" ? null : text}
              onChange={({ detail }) => onChange(detail.value)}
            />
          ) : (
            <Select
              options={options}
              selectedOption={options.find((it) => it.value === text) ?? null}
              onChange={({ detail }) => onChange(detail.selectedOption.value)}
            />
          )}
        </FormField>
      );
    }
    case "boolean":
      return (
        <FormField errorText={problems[path]} description={description}>
          <Toggle checked={entry === true} onChange={({ detail }) => onChange(detail.checked)}>
            {label}
          </Toggle>
        </FormField>
      );
    case "number":
      return <NumberInput {...props} field={field} />;
    case "text":
      return (
        <FormField {...frame}>
          <Input value={text} onChange={({ detail }) => onChange(detail.value)} />
        </FormField>
      );
    case "json":
      return (
        <SpaceBetween size="xs">
          <FormField {...frame} constraintText={t.jsonHint} stretch>
            <Textarea spellcheck={false} value={text} onChange={({ detail }) => onChange(detail.value)} />
          </FormField>
          <JsonView value={field.schema} label={t.jsonHint} />
        </SpaceBetween>
      );
    case "object": {
      const entries = isRecord(entry) ? (entry as Record<string, Entry>) : {};
      return (
        <SpaceBetween size="s">
          {field.members.map((member) => (
            <MemberInput
              key={member.name}
              member={member}
              path={join(path, member.name)}
              entry={entries[member.name]}
              problems={problems}
              onChange={(next) => onChange({ ...entries, [member.name]: next })}
            />
          ))}
        </SpaceBetween>
      );
    }
  }
}

function NumberInput({
  field,
  label,
  description,
  path,
  entry,
  problems,
  unit,
  onChange,
}: FieldInputProps<NumberField>) {
  const text = typeof entry === "string" ? entry : "";
  const slider = sliderOf(field);
  const suffix = unit ? ` ${unit}` : "";
  const hint =
    field.minimum !== undefined && field.maximum !== undefined
      ? t.range(field.minimum, field.maximum, suffix)
      : undefined;
  return (
    <FormField label={label} description={description} constraintText={hint} errorText={problems[path]}>
      <SpaceBetween size="xs">
        {slider && (
          <Slider
            {...slider}
            ariaLabel={label}
            value={nearestPlace(slider, text === "" ? Number.NaN : Number(text))}
            valueFormatter={(it) => `${it}${suffix}`}
            onChange={({ detail }) => onChange(String(detail.value))}
          />
        )}
        <Input ariaLabel={label} inputMode="decimal" value={text} onChange={({ detail }) => onChange(detail.value)} />
      </SpaceBetween>
    </FormField>
  );
}

interface MemberInputProps {
  member: Member;
  path: string;
  entry: Entry;
  problems: Problems;
  onChange: (entry: Entry) => void;
}

/** A field of an object; one that may be left out has a switch for that. */
function MemberInput({ member, path, entry, problems, onChange }: MemberInputProps) {
  const { name, isRequired, description, field } = member;
  const input = (
    <FieldInput
      field={field}
      label={name}
      description={description}
      path={path}
      entry={entry}
      problems={problems}
      onChange={onChange}
    />
  );
  if (isRequired) return input;
  // A choice has no first option that is right for everybody; a state of its own says that it is wanted.
  const first = initialEntry(field, undefined) ?? "";
  return (
    <SpaceBetween size="xs">
      <Toggle checked={entry !== undefined} onChange={({ detail }) => onChange(detail.checked ? first : undefined)}>
        {t.include(name)}
      </Toggle>
      {entry !== undefined && input}
    </SpaceBetween>
  );
}
