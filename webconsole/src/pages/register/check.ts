/** The API's rules for a registration, checked before it is asked, and its errors beside the fields. */
import { describe, type Problem } from "../../api/describe";
import { ApiError } from "../../api/error";
import type { NewRegistration } from "../../api/types";
import { texts } from "../../texts";

const t = texts.register;

export type Field = keyof NewRegistration;
export type FieldProblems = Partial<Record<Field, string>>;

const RULES: Record<Field, { pattern: RegExp; text: string }> = {
  deviceId: { pattern: /^[A-Za-z0-9:_-]{1,128}$/, text: t.serialInvalid },
  // eslint-disable-next-line no-control-regex -- these are what a name must not have
  deviceName: { pattern: /^[^\u0000-\u001F\u007F-\u009F]{1,128}$/u, text: t.nameInvalid },
  modelNumber: { pattern: /^[A-Za-z0-9_.,@/:#-]{1,128}$/, text: t.modelInvalid },
};

/** What is sent: people copy spaces along with what is on a label. */
export function trimmed(form: NewRegistration): NewRegistration {
  return {
    deviceId: form.deviceId.trim(),
    deviceName: form.deviceName.trim(),
    modelNumber: form.modelNumber.trim(),
  };
}

export function checkRegistration(form: NewRegistration): FieldProblems {
  const problems: FieldProblems = {};
  for (const field of Object.keys(RULES) as Field[]) {
    if (form[field] === "") problems[field] = t.needed[field];
    else if (!RULES[field].pattern.test(form[field])) problems[field] = RULES[field].text;
  }
  return problems;
}

/** Where an error of the API belongs: beside a field, or to the whole form. */
export function placeError(error: unknown): { fields: FieldProblems; form?: Problem } {
  if (!(error instanceof ApiError)) return { fields: {}, form: describe(error) };
  switch (error.code) {
    case "DeviceRegisteredFailure":
      return { fields: { deviceId: `${texts.errors.taken} ${texts.errors.takenAdvice}` } };
    // When registering: nobody made such a device. Either number may be the wrong one.
    case "DeviceNotFoundFailure":
      return {
        fields: { deviceId: `${texts.errors.unknownProduct} ${texts.errors.unknownProductAdvice}` },
      };
  }
  const field = (Object.keys(RULES) as Field[]).find((it) => error.message.includes(`\`${it}\``));
  const problem = describe(error);
  return field && error.status === 400 ? { fields: { [field]: problem.advice } } : { fields: {}, form: problem };
}
