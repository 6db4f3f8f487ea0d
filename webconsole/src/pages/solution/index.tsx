import Alert from "@cloudscape-design/components/alert";
import Button from "@cloudscape-design/components/button";
import Container from "@cloudscape-design/components/container";
import FormField from "@cloudscape-design/components/form-field";
import Input from "@cloudscape-design/components/input";
import KeyValuePairs from "@cloudscape-design/components/key-value-pairs";
import SpaceBetween from "@cloudscape-design/components/space-between";
import Textarea from "@cloudscape-design/components/textarea";
import { useState } from "react";

import { unwrap } from "../../api/client";
import { useApi } from "../../api/context";
import { ApiError } from "../../api/error";
import type { SolutionSetting } from "../../api/types";
import { useSession } from "../../auth/provider";
import { texts } from "../../texts";
import { isRecord } from "../../ui/json";
import { Page } from "../../ui/page";
import { ProblemAlert } from "../../ui/problem";
import { dateTime } from "../../ui/time";
import { useToasts } from "../../ui/toasts";
import { useTask } from "../../ui/use-task";

const t = texts.solution;

export default function Solution() {
  const { isAdmin } = useSession();
  return (
    <Page title={t.title} description={isAdmin ? t.intro : undefined}>
      {isAdmin ? (
        <SpaceBetween size="l">
          <Alert type="info" header={t.scope}>
            {t.scopeText}
          </Alert>
          <Editor />
        </SpaceBetween>
      ) : (
        <Alert type="warning" header={t.denied}>
          {t.deniedText}
        </Alert>
      )}
    </Page>
  );
}

/** What was read under an id: the setting, or that there is none. */
interface Read {
  id: string;
  stored?: SolutionSetting;
}

function Editor() {
  const api = useApi();
  const toasts = useToasts();
  const reading = useTask();
  const storing = useTask();
  const [id, setId] = useState("");
  const [idProblem, setIdProblem] = useState<string>();
  const [read, setRead] = useState<Read>();
  const [text, setText] = useState("");
  const [textProblem, setTextProblem] = useState<string>();

  const show = (settingId: string, stored: SolutionSetting | undefined) => {
    setRead({ id: settingId, stored });
    setText(JSON.stringify(stored?.setting ?? {}, undefined, 2));
    setTextProblem(undefined);
    storing.clear();
  };

  const look = () => {
    const settingId = id.trim();
    const isValid = /^[A-Za-z0-9_.:-]{1,128}$/.test(settingId);
    setIdProblem(isValid ? undefined : t.idInvalid);
    if (!isValid) return;
    setRead(undefined);
    void reading.run(async () => {
      try {
        const path = { settingId };
        show(settingId, await unwrap(api.GET("/settings/config/{settingId}", { params: { path } })));
      } catch (error) {
        if (!(error instanceof ApiError && error.code === "MissingSetting")) throw error;
        show(settingId, undefined);
      }
    });
  };

  const store = ({ id: settingId }: Read) => {
    const setting = parse(text);
    setTextProblem(setting ? undefined : t.invalid);
    if (!setting) return;
    void storing.run(async () => {
      const request = { params: { path: { settingId } }, body: { setting } as never };
      show(settingId, await unwrap(api.PUT("/settings/config/{settingId}", request)));
      toasts.add({ type: "success", header: t.stored(settingId), seconds: 10 });
    });
  };

  return (
    <Container>
      <SpaceBetween size="l">
        <form
          noValidate
          onSubmit={(event) => {
            event.preventDefault();
            look();
          }}
        >
          <FormField
            label={t.id}
            constraintText={t.idHint}
            errorText={idProblem}
            secondaryControl={
              <Button formAction="submit" loading={reading.isBusy} loadingText={texts.loading}>
                {t.read}
              </Button>
            }
          >
            <Input spellcheck={false} value={id} onChange={({ detail }) => setId(detail.value)} />
          </FormField>
        </form>
        {reading.error !== undefined && <ProblemAlert error={reading.error} onRetry={look} />}
        {read && (
          <SpaceBetween size="l">
            {read.stored ? (
              <KeyValuePairs
                columns={3}
                items={[
                  { label: t.id, value: read.id },
                  { label: t.created, value: time(read.stored.createdAt) },
                  { label: t.updated, value: time(read.stored.updatedAt) },
                ]}
              />
            ) : (
              <Alert type="info">{t.missing}</Alert>
            )}
            {storing.error !== undefined && <ProblemAlert error={storing.error} onRetry={() => store(read)} />}
            <FormField label={t.value} description={t.valueHint} errorText={textProblem} stretch>
              <Textarea rows={10} spellcheck={false} value={text} onChange={({ detail }) => setText(detail.value)} />
            </FormField>
            <Button variant="primary" loading={storing.isBusy} loadingText={texts.loading} onClick={() => store(read)}>
              {texts.common.save}
            </Button>
          </SpaceBetween>
        )}
      </SpaceBetween>
    </Container>
  );
}

function time(value: string | undefined): string {
  return value === undefined ? texts.common.none : dateTime(value);
}

function parse(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return isRecord(value) ? value : undefined;
  } catch {
    return undefined;
  }
}
