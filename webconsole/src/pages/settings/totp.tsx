import Button from "@cloudscape-design/components/button";
import CopyToClipboard from "@cloudscape-design/components/copy-to-clipboard";
import SpaceBetween from "@cloudscape-design/components/space-between";
import StatusIndicator from "@cloudscape-design/components/status-indicator";
import { useQueryClient } from "@tanstack/react-query";
import { setUpTOTP, updateMFAPreference, verifyTOTPSetup } from "aws-amplify/auth";
import { lazy, Suspense, useState } from "react";

import { authProblem } from "../../auth/problem";
import { mfaKey, useTotp } from "../../auth/profile";
import { useSession } from "../../auth/provider";
import { codeProblem } from "../../auth/rules";
import { texts } from "../../texts";
import { useToasts } from "../../ui/toasts";
import { useTask } from "../../ui/use-task";
import { CodeField } from "../account/fields";
import { Section } from "./section";

const QrCode = lazy(() => import("./qr-code"));

const t = texts.settings;

/** What the app is told, as a key to type and as an address to scan. */
interface Secret {
  key: string;
  uri: string;
}

export function Totp() {
  const { email } = useSession();
  const { data: isOn } = useTotp();
  const queries = useQueryClient();
  const toasts = useToasts();
  const task = useTask();
  const [secret, setSecret] = useState<Secret>();
  const [code, setCode] = useState("");
  const [isChecked, setIsChecked] = useState(false);

  const finish = async (said: string) => {
    await queries.invalidateQueries({ queryKey: mfaKey });
    setSecret(undefined);
    setCode("");
    setIsChecked(false);
    toasts.add({ type: "success", header: said, seconds: 10 });
  };

  const start = () =>
    void task.run(async () => {
      const setup = await setUpTOTP();
      setSecret({ key: setup.sharedSecret, uri: setup.getSetupUri(texts.product, email).toString() });
    });

  const confirm = () => {
    setIsChecked(true);
    if (codeProblem(code)) return;
    void task.run(async () => {
      await verifyTOTPSetup({ code: code.trim() });
      await updateMFAPreference({ totp: "PREFERRED" });
      await finish(t.totpEnabled);
    });
  };

  const stop = () =>
    void task.run(async () => {
      await updateMFAPreference({ totp: "DISABLED" });
      await finish(t.totpDisabled);
    });

  return (
    <Section
      title={t.totp}
      description={t.totpText}
      problem={task.error === undefined ? undefined : authProblem(task.error)}
      onSubmit={secret ? confirm : undefined}
    >
      <StatusIndicator type={isOn === undefined ? "loading" : isOn ? "success" : "stopped"}>
        {isOn === undefined ? texts.loading : isOn ? t.totpOn : t.totpOff}
      </StatusIndicator>
      {secret && (
        <SpaceBetween size="m">
          <Suspense>
            <QrCode text={secret.uri} label={t.totpQr} />
          </Suspense>
          <SpaceBetween size="xs">
            <span>{t.totpSecret}</span>
            <CopyToClipboard
              variant="inline"
              textToCopy={secret.key}
              copyButtonAriaLabel={t.totpCopy}
              copySuccessText={t.totpCopied}
              copyErrorText={t.totpCopyFailed}
            />
          </SpaceBetween>
          <CodeField
            label={t.totpCode}
            value={code}
            onChange={setCode}
            problem={isChecked ? codeProblem(code) : undefined}
          />
        </SpaceBetween>
      )}
      <SpaceBetween direction="horizontal" size="xs">
        {secret ? (
          <SpaceBetween direction="horizontal" size="xs">
            <Button formAction="submit" variant="primary" loading={task.isBusy} loadingText={texts.loading}>
              {t.totpConfirm}
            </Button>
            <Button formAction="none" variant="link" onClick={() => setSecret(undefined)}>
              {texts.common.cancel}
            </Button>
          </SpaceBetween>
        ) : (
          <Button
            disabled={isOn === undefined}
            loading={task.isBusy}
            loadingText={texts.loading}
            onClick={isOn ? stop : start}
          >
            {isOn ? t.totpStop : t.totpStart}
          </Button>
        )}
      </SpaceBetween>
    </Section>
  );
}
