import Button from "@cloudscape-design/components/button";
import KeyValuePairs from "@cloudscape-design/components/key-value-pairs";
import { useQueryClient } from "@tanstack/react-query";
import { updateUserAttribute } from "aws-amplify/auth";
import { useState } from "react";

import { authProblem } from "../../auth/problem";
import { profileKey, useProfile } from "../../auth/profile";
import { useSession } from "../../auth/provider";
import { texts } from "../../texts";
import { useToasts } from "../../ui/toasts";
import { useTask } from "../../ui/use-task";
import { TextField } from "../account/fields";
import { Section } from "./section";

const t = texts.settings;

export function Profile() {
  const { email, userId, isAdmin } = useSession();
  const { data: profile } = useProfile();
  const queries = useQueryClient();
  const toasts = useToasts();
  const task = useTask();
  const [edited, setEdited] = useState<string>();

  const save = () =>
    void task.run(async () => {
      await updateUserAttribute({ userAttribute: { attributeKey: "name", value: (edited ?? "").trim() } });
      await queries.invalidateQueries({ queryKey: profileKey });
      setEdited(undefined);
      toasts.add({ type: "success", header: texts.common.saved, seconds: 5 });
    });

  return (
    <Section title={t.profile} problem={task.error === undefined ? undefined : authProblem(task.error)} onSubmit={save}>
      <KeyValuePairs
        columns={3}
        items={[
          { label: t.email, value: email },
          { label: t.role, value: isAdmin ? t.administrator : t.owner },
          { label: t.userId, value: userId },
        ]}
      />
      <TextField
        label={t.name}
        type="text"
        autoComplete="name"
        hint={t.nameHint}
        value={edited ?? profile?.name ?? ""}
        onChange={setEdited}
        disabled={!profile}
      />
      <Button formAction="submit" disabled={edited === undefined} loading={task.isBusy} loadingText={texts.loading}>
        {texts.common.save}
      </Button>
    </Section>
  );
}
