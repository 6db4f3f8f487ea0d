import Alert from "@cloudscape-design/components/alert";
import Button from "@cloudscape-design/components/button";
import Link from "@cloudscape-design/components/link";
import { confirmSignUp, resendSignUpCode } from "aws-amplify/auth";
import { useState } from "react";
import { useLocation, useNavigate } from "react-router";

import { codeProblem, emailProblem } from "../../auth/rules";
import { paths } from "../../paths";
import { texts } from "../../texts";
import { useFollow } from "../../ui/follow";
import { useTask } from "../../ui/use-task";
import { CodeField, EmailField } from "./fields";
import { AccountFrame } from "./frame";

const t = texts.account;

export default function Confirm() {
  const { search } = useLocation();
  const navigate = useNavigate();
  const follow = useFollow();
  const task = useTask();
  const [email, setEmail] = useState(() => new URLSearchParams(search).get("email") ?? "");
  const [code, setCode] = useState("");
  const [isChecked, setIsChecked] = useState(false);
  const [isResent, setIsResent] = useState(false);

  const problems = { email: emailProblem(email), code: codeProblem(code) };
  const shown = isChecked ? problems : undefined;

  const submit = () => {
    setIsChecked(true);
    if (problems.email ?? problems.code) return;
    void task.run(async () => {
      const username = email.trim();
      await confirmSignUp({ username, confirmationCode: code.trim() });
      await navigate(paths.signIn(), { state: { news: t.confirmed, email: username } });
    });
  };

  const resend = () =>
    void task.run(async () => {
      setIsResent(false);
      await resendSignUpCode({ username: email.trim() });
      setIsResent(true);
    });

  return (
    <AccountFrame
      title={t.confirmTitle}
      description={t.confirmText}
      submit={t.confirm}
      task={task}
      onSubmit={submit}
      links={
        <Link href={paths.signIn()} onFollow={follow}>
          {t.toSignIn}
        </Link>
      }
    >
      {isResent && <Alert type="success">{t.resent}</Alert>}
      <EmailField value={email} onChange={setEmail} problem={shown?.email} autoFocus={email === ""} />
      <CodeField value={code} onChange={setCode} problem={shown?.code} autoFocus={email !== ""} />
      <Button formAction="none" variant="inline-link" disabled={emailProblem(email) !== undefined} onClick={resend}>
        {t.resend}
      </Button>
    </AccountFrame>
  );
}
