import Button from "@cloudscape-design/components/button";
import Header from "@cloudscape-design/components/header";
import SpaceBetween from "@cloudscape-design/components/space-between";
import Table from "@cloudscape-design/components/table";
import { useMemo, useState } from "react";

import { useAlertActions } from "../../alerts/actions";
import { itemsOf } from "../../api/paging";
import { useAlerts, useAlertsCount } from "../../api/queries";
import type { DeviceEvent, EventType } from "../../api/types";
import { eventColumns } from "../../events/columns";
import { DeviceFilter, TypeFilter } from "../../events/filters";
import { useOwnSettings } from "../../events/state";
import { paths } from "../../paths";
import { texts } from "../../texts";
import { Filters } from "../../ui/filters";
import { Empty } from "../../ui/empty";
import { useFollow } from "../../ui/follow";
import { More } from "../../ui/more";
import { Page } from "../../ui/page";
import { ProblemAlert } from "../../ui/problem";

const t = texts.alerts;

export default function Alerts() {
  const follow = useFollow();
  const { acknowledge, suppress } = useAlertActions();
  const { alertLevel } = useOwnSettings();
  const { data: unread } = useAlertsCount();
  const [deviceId, setDeviceId] = useState<string>();
  const [type, setType] = useState<EventType>();
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set());
  const query = useAlerts(deviceId);
  // The API has no filter by type here; what is unread is little enough.
  const shown = useMemo(() => itemsOf(query.data).filter((it) => !type || it.type === type), [query.data, type]);
  const selected = shown.filter((it) => chosen.has(it.id));

  const leave = (act: (alerts: readonly DeviceEvent[]) => Promise<void>) => {
    setChosen(new Set());
    void act(selected);
  };

  const isFiltered = deviceId !== undefined || type !== undefined;
  return (
    <Page title={t.title} description={t.intro}>
      {query.error && !query.data ? (
        <ProblemAlert error={query.error} onRetry={() => void query.refetch()} />
      ) : (
        <Table
          variant="container"
          wrapLines
          items={shown}
          trackBy="id"
          selectionType="multi"
          selectedItems={selected}
          onSelectionChange={({ detail }) => setChosen(new Set(detail.selectedItems.map((it) => it.id)))}
          columnDefinitions={eventColumns(["type", "message", "device", "time"], follow, alertLevel)}
          loading={query.isLoading}
          loadingText={texts.loading}
          ariaLabels={{
            tableLabel: t.tableName,
            selectionGroupLabel: t.selectAll,
            itemSelectionLabel: (_, alert) => t.select(alert.message || texts.events.noMessage),
            allItemsSelectionLabel: () => t.selectAll,
          }}
          header={
            <Header
              variant="h2"
              counter={
                selected.length > 0
                  ? t.selected(selected.length, shown.length)
                  : unread === undefined
                    ? undefined
                    : t.total(unread)
              }
              actions={
                <SpaceBetween direction="horizontal" size="xs">
                  <Button
                    iconName="refresh"
                    ariaLabel={texts.common.refresh}
                    loading={query.isRefetching}
                    onClick={() => void query.refetch()}
                  />
                  <Button disabled={selected.length === 0} onClick={() => leave(suppress)}>
                    {t.suppress}
                  </Button>
                  <Button variant="primary" disabled={selected.length === 0} onClick={() => leave(acknowledge)}>
                    {t.acknowledge}
                  </Button>
                </SpaceBetween>
              }
            >
              {t.tableName}
            </Header>
          }
          filter={
            <Filters>
              <DeviceFilter deviceId={deviceId} onChange={setDeviceId} />
              <TypeFilter type={type} onChange={setType} />
            </Filters>
          }
          empty={
            isFiltered ? (
              <Empty title={texts.common.noMatch} />
            ) : (
              <Empty
                title={t.empty}
                text={t.emptyText}
                action={
                  <Button href={paths.settings()} onFollow={follow}>
                    {t.toSettings}
                  </Button>
                }
              />
            )
          }
          footer={<More count={shown.length} {...query} />}
        />
      )}
    </Page>
  );
}
