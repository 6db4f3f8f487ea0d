import Alert from "@cloudscape-design/components/alert";
import Link from "@cloudscape-design/components/link";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { confirmResetPassword, resetPassword } from "aws-amplify/auth";
import { useState } from "react";
import { useNavigate } from "react-router";

import { isNamed } from "../../auth/problem";
import { codeProblem, emailProblem, passwordProblem } from "../../auth/rules";
import { paths } from "../../paths";
import { texts } from "../../texts";
import { useFollow } from "../../ui/follow";
import { useTask } from "../../ui/use-task";
import { CodeField, EmailField, NewPasswordField } from "./fields";
import { AccountFrame } from "./frame";

const t = texts.account;

export default function ForgotPassword() {
  const navigate = useNavigate();
  const follow = useFollow();
  const task = useTask();
  const [isSent, setIsSent] = useState(false);
  const [email, setEmail] = useState("");
  const [code, setCode] = useState("");
  const [password, setPassword] = useState("");
  const [isChecked, setIsChecked] = useState(false);

  const problems = {
    email: emailProblem(email),
    code: isSent ? codeProblem(code) : undefined,
    password: isSent ? passwordProblem(password) : undefined,
  };
  const shown = isChecked ? problems : undefined;

  const submit = () => {
    setIsChecked(true);
    if (Object.values(problems).some(Boolean)) return;
    const username = email.trim();
    void task.run(async () => {
      if (isSent) {
        await confirmResetPassword({ username, confirmationCode: code.trim(), newPassword: password });
        await navigate(paths.signIn(), { state: { news: t.passwordSet, email: username } });
        return;
      }
      // Whether there is such an account is nobody's business.
      await resetPassword({ username }).catch((error: unknown) => {
        if (!isNamed(error, "UserNotFoundException")) throw error;
      });
      setIsChecked(false);
      setIsSent(true);
    });
  };

  return (
    <AccountFrame
      title={t.forgotTitle}
      description={isSent ? undefined : t.forgotText}
      submit={isSent ? t.setPassword : t.sendCode}
      task={task}
      onSubmit={submit}
      links={
        <Link href={paths.signIn()} onFollow={follow}>
          {t.toSignIn}
        </Link>
      }
    >
      {isSent && <Alert type="info">{t.mailSent(email.trim())}</Alert>}
      <EmailField value={email} onChange={setEmail} problem={shown?.email} disabled={isSent} autoFocus />
      {isSent && (
        <SpaceBetween size="m">
          <CodeField value={code} onChange={setCode} problem={shown?.code} autoFocus />
          <NewPasswordField value={password} onChange={setPassword} problem={shown?.password} hint={t.passwordRule} />
        </SpaceBetween>
      )}
    </AccountFrame>
  );
}
