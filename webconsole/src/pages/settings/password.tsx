import Button from "@cloudscape-design/components/button";
import { updatePassword } from "aws-amplify/auth";
import { useState } from "react";

import { authProblem, isNamed } from "../../auth/problem";
import { passwordProblem } from "../../auth/rules";
import { texts } from "../../texts";
import { useToasts } from "../../ui/toasts";
import { useTask } from "../../ui/use-task";
import { NewPasswordField, PasswordField } from "../account/fields";
import { Section } from "./section";

const t = texts.settings;

export function Password() {
  const toasts = useToasts();
  const task = useTask();
  const [oldPassword, setOldPassword] = useState("");
  const [newPassword, setNewPassword] = useState("");
  const [isChecked, setIsChecked] = useState(false);

  const problems = {
    old: oldPassword === "" ? texts.account.passwordNeeded : undefined,
    new: passwordProblem(newPassword),
  };
  const shown = isChecked ? problems : undefined;

  const save = () => {
    setIsChecked(true);
    if (problems.old ?? problems.new) return;
    void task.run(async () => {
      await updatePassword({ oldPassword, newPassword });
      setOldPassword("");
      setNewPassword("");
      setIsChecked(false);
      toasts.add({ type: "success", header: t.passwordChanged, seconds: 10 });
    });
  };

  const problem = isNamed(task.error, "NotAuthorizedException") ? t.wrongPassword : authProblem(task.error);
  return (
    <Section title={t.password} problem={task.error === undefined ? undefined : problem} onSubmit={save}>
      <PasswordField label={t.currentPassword} value={oldPassword} onChange={setOldPassword} problem={shown?.old} />
      <NewPasswordField
        value={newPassword}
        onChange={setNewPassword}
        problem={shown?.new}
        hint={texts.account.passwordRule}
      />
      <Button formAction="submit" loading={task.isBusy} loadingText={texts.loading}>
        {t.changePassword}
      </Button>
    </Section>
  );
}
