import Alert from "@cloudscape-design/components/alert";
import Button from "@cloudscape-design/components/button";
import Container from "@cloudscape-design/components/container";
import Form from "@cloudscape-design/components/form";
import FormField from "@cloudscape-design/components/form-field";
import Input from "@cloudscape-design/components/input";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useNavigate } from "react-router";

import { unwrap } from "../../api/client";
import { useApi } from "../../api/context";
import { keys } from "../../api/queries";
import type { NewRegistration } from "../../api/types";
import { paths } from "../../paths";
import { texts } from "../../texts";
import { Page } from "../../ui/page";
import { useTask } from "../../ui/use-task";
import { checkRegistration, type Field, type FieldProblems, placeError, trimmed } from "./check";

const t = texts.register;

const FIELDS: { field: Field; label: string; hint?: string }[] = [
  { field: "deviceId", label: t.serial, hint: t.serialRule },
  { field: "modelNumber", label: t.model },
  { field: "deviceName", label: t.name, hint: t.nameHint },
];

export default function Register() {
  const api = useApi();
  const queries = useQueryClient();
  const navigate = useNavigate();
  const task = useTask();
  const [form, setForm] = useState<NewRegistration>({ deviceId: "", deviceName: "", modelNumber: "" });
  const [problems, setProblems] = useState<FieldProblems>({});
  const refused = task.error === undefined ? undefined : placeError(task.error);
  const shown = { ...refused?.fields, ...problems };

  const change = (field: Field, value: string) => {
    setForm({ ...form, [field]: value });
    setProblems(({ [field]: _, ...others }) => others);
    task.clear();
  };

  const submit = () => {
    const body = trimmed(form);
    const found = checkRegistration(body);
    setProblems(found);
    if (Object.keys(found).length > 0) return;
    void task.run(async () => {
      await unwrap(api.POST("/registration", { body }));
      await queries.invalidateQueries({ queryKey: keys.devices() });
      await navigate(paths.registered(body.deviceId));
    });
  };

  return (
    <Page title={t.title} description={t.intro} crumbs={[{ text: texts.shell.devices, href: paths.devices() }]}>
      <form
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          submit();
        }}
      >
        <Form
          actions={
            <SpaceBetween direction="horizontal" size="xs">
              <Button formAction="none" variant="link" onClick={() => void navigate(paths.devices())}>
                {texts.common.cancel}
              </Button>
              <Button formAction="submit" variant="primary" loading={task.isBusy} loadingText={texts.loading}>
                {t.submit}
              </Button>
            </SpaceBetween>
          }
        >
          <Container>
            <SpaceBetween size="l">
              {refused?.form && (
                <Alert type="error" header={refused.form.title}>
                  {refused.form.advice}
                </Alert>
              )}
              {FIELDS.map(({ field, label, hint }, at) => (
                <FormField key={field} label={label} constraintText={hint} errorText={shown[field]}>
                  <Input
                    autoFocus={at === 0}
                    spellcheck={false}
                    autoComplete={false}
                    value={form[field]}
                    onChange={({ detail }) => change(field, detail.value)}
                  />
                </FormField>
              ))}
            </SpaceBetween>
          </Container>
        </Form>
      </form>
    </Page>
  );
}
