import Alert from "@cloudscape-design/components/alert";
import Link from "@cloudscape-design/components/link";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { confirmSignIn, signIn, type SignInOutput, signOut } from "aws-amplify/auth";
import { useState } from "react";
import { Navigate, useLocation, useNavigate } from "react-router";

import { isNamed } from "../../auth/problem";
import { useSessionState } from "../../auth/provider";
import { codeProblem, emailProblem, passwordProblem } from "../../auth/rules";
import { nextPath, paths } from "../../paths";
import { texts } from "../../texts";
import { useFollow } from "../../ui/follow";
import { useTask } from "../../ui/use-task";
import { CodeField, EmailField, NewPasswordField, PasswordField } from "./fields";
import { AccountFrame } from "./frame";

const t = texts.account;

type Step = "password" | "totp" | "newPassword";

export default function SignIn() {
  const { state, refresh } = useSessionState();
  const { search, state: news } = useLocation() as { search: string; state: { news?: string; email?: string } | null };
  const navigate = useNavigate();
  const follow = useFollow();
  const task = useTask();
  const [step, setStep] = useState<Step>("password");
  const [email, setEmail] = useState(news?.email ?? "");
  const [password, setPassword] = useState("");
  const [code, setCode] = useState("");
  const [isChecked, setIsChecked] = useState(false);

  if (state.kind === "signedIn") return <Navigate replace to={nextPath(search)} />;

  const goOn = async ({ nextStep }: SignInOutput) => {
    setIsChecked(false);
    switch (nextStep.signInStep) {
      case "DONE":
        return refresh();
      case "CONFIRM_SIGN_IN_WITH_TOTP_CODE": {
        setStep("totp");
        return;
      }
      case "CONFIRM_SIGN_IN_WITH_NEW_PASSWORD_REQUIRED":
        setPassword("");
        {
          setStep("newPassword");
          return;
        }
      case "CONFIRM_SIGN_UP":
        return navigate(paths.confirm(email.trim()));
      case "RESET_PASSWORD":
        return navigate(paths.forgotPassword());
      default:
        throw new Error(nextStep.signInStep);
    }
  };

  const problems: Record<Step, (string | undefined)[]> = {
    password: [emailProblem(email), password === "" ? t.passwordNeeded : undefined],
    totp: [codeProblem(code)],
    newPassword: [passwordProblem(password)],
  };
  const shown = isChecked ? problems[step] : [];

  const submit = () => {
    setIsChecked(true);
    if (problems[step].some(Boolean)) return;
    void task.run(async () => {
      if (step === "totp") return goOn(await confirmSignIn({ challengeResponse: code.trim() }));
      if (step === "newPassword") return goOn(await confirmSignIn({ challengeResponse: password }));
      return goOn(await signInAnew(email.trim(), password));
    });
  };

  const isExpired = state.kind === "signedOut" && state.why === "expired";
  return (
    <AccountFrame
      title={step === "totp" ? t.totpTitle : step === "newPassword" ? t.newPasswordTitle : t.signIn}
      news={news?.news}
      submit={t.signIn}
      task={task}
      onSubmit={submit}
      links={
        <SpaceBetween size="xs">
          <Link href={paths.forgotPassword()} onFollow={follow}>
            {t.forgot}
          </Link>
          <Link href={paths.signUp()} onFollow={follow}>
            {t.toSignUp}
          </Link>
        </SpaceBetween>
      }
    >
      {isExpired && <Alert type="info">{t.expired}</Alert>}
      {step === "password" && (
        <SpaceBetween size="m">
          <EmailField value={email} onChange={setEmail} problem={shown[0]} autoFocus />
          <PasswordField value={password} onChange={setPassword} problem={shown[1]} />
        </SpaceBetween>
      )}
      {step === "totp" && <CodeField value={code} onChange={setCode} problem={shown[0]} autoFocus />}
      {step === "newPassword" && (
        <NewPasswordField value={password} onChange={setPassword} problem={shown[0]} hint={t.passwordRule} autoFocus />
      )}
    </AccountFrame>
  );
}

/** Signs in; tokens that an earlier session has left behind are no obstacle. */
async function signInAnew(username: string, password: string): Promise<SignInOutput> {
  try {
    return await signIn({ username, password });
  } catch (error) {
    if (!isNamed(error, "UserAlreadyAuthenticatedException")) throw error;
    await signOut().catch(() => undefined);
    return signIn({ username, password });
  }
}
