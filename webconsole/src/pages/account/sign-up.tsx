import Link from "@cloudscape-design/components/link";
import { signUp } from "aws-amplify/auth";
import { useState } from "react";
import { useNavigate } from "react-router";

import { emailProblem, passwordProblem } from "../../auth/rules";
import { paths } from "../../paths";
import { texts } from "../../texts";
import { useFollow } from "../../ui/follow";
import { useTask } from "../../ui/use-task";
import { EmailField, NewPasswordField } from "./fields";
import { AccountFrame } from "./frame";

const t = texts.account;

export default function SignUp() {
  const navigate = useNavigate();
  const follow = useFollow();
  const task = useTask();
  const [email, setEmail] = useState("");
  const [password, setPassword] = useState("");
  const [repeated, setRepeated] = useState("");
  const [isChecked, setIsChecked] = useState(false);

  const problems = {
    email: emailProblem(email),
    password: passwordProblem(password),
    repeated: password === repeated ? undefined : t.passwordMismatch,
  };
  const shown = isChecked ? problems : undefined;

  const submit = () => {
    setIsChecked(true);
    if (Object.values(problems).some(Boolean)) return;
    void task.run(async () => {
      const username = email.trim();
      await signUp({ username, password, options: { userAttributes: { email: username } } });
      await navigate(paths.confirm(username));
    });
  };

  return (
    <AccountFrame
      title={t.signUp}
      submit={t.signUp}
      task={task}
      onSubmit={submit}
      links={
        <Link href={paths.signIn()} onFollow={follow}>
          {t.toSignIn}
        </Link>
      }
    >
      <EmailField value={email} onChange={setEmail} problem={shown?.email} autoFocus />
      <NewPasswordField
        label={t.password}
        value={password}
        onChange={setPassword}
        problem={shown?.password}
        hint={t.passwordRule}
      />
      <NewPasswordField label={t.repeatPassword} value={repeated} onChange={setRepeated} problem={shown?.repeated} />
    </AccountFrame>
  );
}
