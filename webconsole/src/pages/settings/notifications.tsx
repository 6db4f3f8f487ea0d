import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import SpaceBetween from "@cloudscape-design/components/space-between";
import StatusIndicator from "@cloudscape-design/components/status-indicator";
import Toggle from "@cloudscape-design/components/toggle";
import { useQueryClient } from "@tanstack/react-query";
import { confirmUserAttribute, sendUserAttributeVerificationCode, updateUserAttribute } from "aws-amplify/auth";
import { useState } from "react";

import { describe } from "../../api/describe";
import { authProblem } from "../../auth/problem";
import { profileKey, useProfile } from "../../auth/profile";
import { codeProblem, phoneProblem } from "../../auth/rules";
import { texts } from "../../texts";
import { useToasts } from "../../ui/toasts";
import { useTask } from "../../ui/use-task";
import { CodeField, TextField } from "../account/fields";
import { useEditableSettings } from "./own-settings";
import { Section } from "./section";

const t = texts.settings;

export function Notifications() {
  const { query, settings, store } = useEditableSettings();
  const { data: profile } = useProfile();
  const task = useTask();
  // What is being stored shows already.
  const [wanted, setWanted] = useState<boolean>();
  const problem = task.error === undefined ? undefined : describe(task.error);
  const isReady = profile?.phone !== undefined && profile.isPhoneVerified;

  return (
    <Section
      title={t.notifications}
      description={t.notificationsText}
      problem={problem && `${problem.title} ${problem.advice}`}
    >
      <Toggle
        // Switching off is always possible.
        disabled={!query.data || task.isBusy || (!isReady && !settings.sendNotification)}
        checked={wanted ?? settings.sendNotification}
        description={isReady ? undefined : t.needsPhone}
        onChange={({ detail }) => {
          setWanted(detail.checked);
          void task.run(() => store({ sendNotification: detail.checked })).then(() => setWanted(undefined));
        }}
      >
        {t.send}
      </Toggle>
      {profile && <Phone phone={profile.phone} isVerified={profile.isPhoneVerified} />}
    </Section>
  );
}

/** The number: entered, saved, then verified by a code that Cognito sends to it. */
function Phone({ phone, isVerified }: { phone?: string; isVerified: boolean }) {
  const queries = useQueryClient();
  const toasts = useToasts();
  const task = useTask();
  const [edited, setEdited] = useState<string>();
  const [code, setCode] = useState("");
  const [isChecked, setIsChecked] = useState(false);
  const [news, setNews] = useState<string>();

  const run = (work: () => Promise<string>) => {
    setNews(undefined);
    void task.run(async () => {
      const said = await work();
      await queries.invalidateQueries({ queryKey: profileKey });
      setIsChecked(false);
      setNews(said);
    });
  };

  const save = (number: string) => {
    setIsChecked(true);
    if (phoneProblem(number)) return;
    run(async () => {
      await updateUserAttribute({ userAttribute: { attributeKey: "phone_number", value: number } });
      setEdited(undefined);
      return t.phoneSaved;
    });
  };

  const send = () =>
    run(async () => {
      await sendUserAttributeVerificationCode({ userAttributeKey: "phone_number" });
      return t.codeSent;
    });

  const verify = () => {
    setIsChecked(true);
    if (codeProblem(code)) return;
    run(async () => {
      await confirmUserAttribute({ userAttributeKey: "phone_number", confirmationCode: code.trim() });
      setCode("");
      toasts.add({ type: "success", header: t.phoneVerified, seconds: 10 });
      return t.phoneVerified;
    });
  };

  const number = edited ?? "";
  const isEditing = edited !== undefined || phone === undefined;
  return (
    <SpaceBetween size="s">
      {task.error !== undefined && <StatusIndicator type="error">{authProblem(task.error)}</StatusIndicator>}
      {news && <StatusIndicator type="success">{news}</StatusIndicator>}
      {isEditing ? (
        <SpaceBetween size="s">
          <TextField
            label={t.phone}
            type="text"
            inputMode="tel"
            autoComplete="tel"
            hint={t.phoneHint}
            value={number}
            onChange={setEdited}
            problem={isChecked ? phoneProblem(compact(number)) : undefined}
          />
          <SpaceBetween direction="horizontal" size="xs">
            <Button loading={task.isBusy} loadingText={texts.loading} onClick={() => save(compact(number))}>
              {t.savePhone}
            </Button>
            {phone !== undefined && (
              <Button variant="link" onClick={() => setEdited(undefined)}>
                {texts.common.cancel}
              </Button>
            )}
          </SpaceBetween>
        </SpaceBetween>
      ) : (
        <SpaceBetween size="s">
          <Box variant="awsui-key-label">{t.phone}</Box>
          <SpaceBetween direction="horizontal" size="s" alignItems="center">
            <span>{phone}</span>
            <StatusIndicator type={isVerified ? "success" : "warning"}>
              {isVerified ? t.verified : t.unverified}
            </StatusIndicator>
            <Button onClick={() => setEdited(phone)}>{t.changePhone}</Button>
          </SpaceBetween>
          {!isVerified && (
            <SpaceBetween size="s">
              <CodeField value={code} onChange={setCode} problem={isChecked ? codeProblem(code) : undefined} />
              <SpaceBetween direction="horizontal" size="xs">
                <Button loading={task.isBusy} loadingText={texts.loading} onClick={verify}>
                  {t.verify}
                </Button>
                <Button disabled={task.isBusy} onClick={send}>
                  {t.sendCode}
                </Button>
              </SpaceBetween>
            </SpaceBetween>
          )}
        </SpaceBetween>
      )}
    </SpaceBetween>
  );
}

/** People write numbers with spaces, dashes and brackets. */
function compact(number: string): string {
  return number.replaceAll(/[\s()./-]/g, "");
}
