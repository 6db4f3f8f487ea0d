import FormField from "@cloudscape-design/components/form-field";
import Input, { type InputProps } from "@cloudscape-design/components/input";

import { texts } from "../../texts";

export interface FieldProps {
  value: string;
  onChange: (value: string) => void;
  problem?: string;
  label?: string;
  hint?: string;
  autoFocus?: boolean;
  disabled?: boolean;
}

const t = texts.account;

export function EmailField(props: FieldProps) {
  return <TextField label={t.email} type="email" inputMode="email" autoComplete="username" {...props} />;
}

export function PasswordField(props: FieldProps) {
  return <TextField label={t.password} type="password" autoComplete="current-password" {...props} />;
}

export function NewPasswordField(props: FieldProps) {
  return <TextField label={t.newPassword} type="password" autoComplete="new-password" {...props} />;
}

/** A code of six digits, from a mail, a text message or an app. */
export function CodeField(props: FieldProps) {
  return <TextField label={t.code} type="text" inputMode="numeric" autoComplete="one-time-code" {...props} />;
}

type TextFieldProps = FieldProps & Pick<InputProps, "type" | "inputMode"> & { autoComplete: string };

export function TextField({ value, onChange, problem, label, hint, ...input }: TextFieldProps) {
  return (
    <FormField label={label} constraintText={hint} errorText={problem} stretch>
      <Input {...input} value={value} onChange={({ detail }) => onChange(detail.value)} />
    </FormField>
  );
}
