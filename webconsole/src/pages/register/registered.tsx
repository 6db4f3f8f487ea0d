import Alert from "@cloudscape-design/components/alert";
import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import Container from "@cloudscape-design/components/container";
import ExpandableSection from "@cloudscape-design/components/expandable-section";
import SpaceBetween from "@cloudscape-design/components/space-between";
import Steps, { type StepsProps } from "@cloudscape-design/components/steps";
import { useParams } from "react-router";

import { useFirstConnection } from "../../devices/first-connection";
import { paths } from "../../paths";
import { PageLoading } from "../../shell/page-loading";
import { texts } from "../../texts";
import { useFollow } from "../../ui/follow";
import { Page } from "../../ui/page";
import { ProblemAlert } from "../../ui/problem";

const t = texts.register;

/** Follows a registration until the device has connected. */
export default function Registered() {
  const { deviceId = "" } = useParams();
  const follow = useFollow();
  const { data: device, error, refetch } = useFirstConnection(deviceId);

  if (error) {
    return (
      <Page title={t.title}>
        <ProblemAlert error={error} onRetry={() => void refetch()} />
      </Page>
    );
  }
  if (!device) return <PageLoading />;

  const isComplete = device.status === "complete";
  const connecting: StepsProps.Status = isComplete ? "success" : "in-progress";
  return (
    <Page
      title={t.waitingTitle(device.deviceName)}
      description={device.deviceId}
      crumbs={[{ text: texts.shell.devices, href: paths.devices() }]}
    >
      <SpaceBetween size="l">
        {isComplete && (
          <Alert type="success" header={t.complete(device.deviceName)}>
            {t.completeText}
          </Alert>
        )}
        <Container>
          <SpaceBetween size="m">
            <Steps
              ariaLabel={t.steps}
              steps={[
                { status: "success", header: t.stepRegistered, details: t.stepRegisteredText },
                { status: connecting, header: t.stepConnect, details: t.stepConnectText },
                { status: isComplete ? "success" : "pending", header: isComplete ? t.stepDone : t.waiting },
              ]}
            />
            {!isComplete && (
              <SpaceBetween size="s">
                <ExpandableSection headerText={t.help} headingTagOverride="h2">
                  <ul>
                    {t.helpText.map((text) => (
                      <li key={text}>{text}</li>
                    ))}
                  </ul>
                </ExpandableSection>
                <Box color="text-body-secondary">{t.leave}</Box>
              </SpaceBetween>
            )}
          </SpaceBetween>
        </Container>
        <SpaceBetween direction="horizontal" size="xs">
          <Button variant={isComplete ? "primary" : "normal"} href={paths.device(deviceId)} onFollow={follow}>
            {t.open}
          </Button>
          <Button href={paths.register()} onFollow={follow}>
            {t.another}
          </Button>
        </SpaceBetween>
      </SpaceBetween>
    </Page>
  );
}
