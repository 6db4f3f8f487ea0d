import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import Container from "@cloudscape-design/components/container";
import Header from "@cloudscape-design/components/header";
import KeyValuePairs from "@cloudscape-design/components/key-value-pairs";
import Link from "@cloudscape-design/components/link";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { useParams } from "react-router";

import { useAlertActions } from "../../alerts/actions";
import { isRead } from "../../alerts/flag";
import { useDevice, useEvent } from "../../api/queries";
import type { DeviceEvent } from "../../api/types";
import { modelOf } from "../../devices/model";
import { isPresence } from "../../devices/presence";
import { eventState, useOwnSettings } from "../../events/state";
import { EventTypeIndicator } from "../../events/type-indicator";
import { paths } from "../../paths";
import { PageLoading } from "../../shell/page-loading";
import { texts } from "../../texts";
import { useFollow } from "../../ui/follow";
import { record, show } from "../../ui/json";
import { JsonView } from "../../ui/json-view";
import { Page } from "../../ui/page";
import { ProblemAlert } from "../../ui/problem";
import { dateTime } from "../../ui/time";

const t = texts.events;

/** One event. Looking at it does not acknowledge it. */
export default function EventPage() {
  const { deviceId = "", eventId = "" } = useParams();
  const { data: event, error, refetch } = useEvent(deviceId, eventId);
  if (error) {
    return (
      <Page title={t.one}>
        <ProblemAlert error={error} onRetry={() => void refetch()} />
      </Page>
    );
  }
  return event ? <EventView event={event} /> : <PageLoading />;
}

function EventView({ event }: { event: DeviceEvent }) {
  const follow = useFollow();
  const { alertLevel } = useOwnSettings();
  const { none } = texts.common;
  const meaning = useMeaning(event);
  return (
    <Page
      title={event.message || t.noMessage}
      crumbs={[
        { text: texts.shell.devices, href: paths.devices() },
        { text: event.deviceName, href: paths.device(event.deviceId) },
        { text: texts.device.tabs.events, href: paths.device(event.deviceId, "events") },
      ]}
      description={meaning}
      actions={!isPresence(event) && <Actions event={event} />}
    >
      <SpaceBetween size="l">
        <Container>
          <KeyValuePairs
            columns={3}
            items={[
              { label: t.type, value: <EventTypeIndicator type={event.type} /> },
              { label: t.state, value: eventState(event, alertLevel) },
              {
                label: t.device,
                value: (
                  <Link href={paths.device(event.deviceId)} onFollow={follow}>
                    {event.deviceName}
                  </Link>
                ),
              },
              { label: t.value, value: show(event.value) },
              { label: t.receivedAt, value: dateTime(event.createdAt) },
              { label: t.deviceTime, value: dateTime(event.timestamp) },
              { label: t.sentAt, value: event.sentAt === null ? none : dateTime(event.sentAt) },
              { label: t.updatedAt, value: dateTime(event.updatedAt) },
              { label: t.messageId, value: event.messageId },
              { label: t.id, value: event.id },
            ]}
          />
        </Container>
        <Container header={<Header variant="h2">{t.details}</Header>}>
          {event.details === null ? (
            <Box color="text-body-secondary">{t.noDetails}</Box>
          ) : (
            <JsonView value={event.details} label={t.details} />
          )}
        </Container>
      </SpaceBetween>
    </Page>
  );
}

function Actions({ event }: { event: DeviceEvent }) {
  const { acknowledge, suppress, restore } = useAlertActions();
  if (isRead(event)) return <Button onClick={() => void restore([event])}>{texts.alerts.restore}</Button>;
  return (
    <SpaceBetween direction="horizontal" size="xs">
      <Button onClick={() => void suppress([event])}>{texts.alerts.suppress}</Button>
      <Button variant="primary" onClick={() => void acknowledge([event])}>
        {texts.alerts.acknowledge}
      </Button>
    </SpaceBetween>
  );
}

/** What the product's model says of an event with this code. */
function useMeaning(event: DeviceEvent): string | undefined {
  const { data: device } = useDevice(event.deviceId);
  const code = record(event.details).code;
  return typeof code === "string" && device ? modelOf(device.details).events[code]?.description : undefined;
}
