import { useCollection } from "@cloudscape-design/collection-hooks";
import Button from "@cloudscape-design/components/button";
import Header from "@cloudscape-design/components/header";
import Pagination from "@cloudscape-design/components/pagination";
import Select from "@cloudscape-design/components/select";
import SpaceBetween from "@cloudscape-design/components/space-between";
import Table from "@cloudscape-design/components/table";
import TextFilter from "@cloudscape-design/components/text-filter";
import { useMemo, useState } from "react";

import { useDevices, useStatuses } from "../../api/queries";
import type { Device } from "../../api/types";
import { DeleteModal } from "../../devices/delete-modal";
import { DEVICE_STATES, type DeviceState, STATE_TEXTS, stateOf } from "../../devices/state";
import { paths } from "../../paths";
import { texts } from "../../texts";
import { Filters } from "../../ui/filters";
import { Empty } from "../../ui/empty";
import { useFollow } from "../../ui/follow";
import { useIsNarrow } from "../../ui/narrow";
import { Page } from "../../ui/page";
import { ProblemAlert } from "../../ui/problem";
import { columns, FIRST_ORDER, type LastSeen, NARROW_COLUMNS } from "./columns";
import { matchesDevice } from "./filter";

const t = texts.devices;

/** Each row that is away costs a request for when it was last seen. */
const PAGE_SIZE = 20;

export default function Devices() {
  const { devices, isComplete, isLoading, isFetching, error, refetch } = useDevices();
  const [state, setState] = useState<DeviceState | undefined>();
  const [leaving, setLeaving] = useState<readonly Device[]>([]);
  const all = useMemo(() => devices ?? [], [devices]);
  const ofState = useMemo(() => (state ? all.filter((it) => stateOf(it) === state) : all), [all, state]);

  const register = (
    <Button variant="primary" href={paths.register()} onFollow={useFollow()}>
      {t.register}
    </Button>
  );
  const list = useDeviceList(ofState, all.length === 0 ? register : undefined);
  const { selectedItems = [] } = list.collectionProps;

  return (
    <Page title={t.title}>
      <SpaceBetween size="m">
        {error && <ProblemAlert error={error} onRetry={() => void refetch()} />}
        <Table
          {...list.collectionProps}
          items={list.items}
          variant="container"
          trackBy="deviceId"
          selectionType="multi"
          loading={isLoading}
          loadingText={texts.loading}
          columnDefinitions={list.columns}
          columnDisplay={list.columnDisplay}
          ariaLabels={{
            tableLabel: t.tableName,
            selectionGroupLabel: t.selectAll,
            itemSelectionLabel: (_, device) => t.select(device.deviceName),
            allItemsSelectionLabel: () => t.selectAll,
          }}
          header={
            <Header
              counter={devices && `(${devices.length})`}
              description={devices && !isComplete && !error ? t.loadingRest(devices.length) : undefined}
              actions={
                <SpaceBetween direction="horizontal" size="xs">
                  <Button
                    iconName="refresh"
                    ariaLabel={texts.common.refresh}
                    loading={isFetching && isComplete}
                    onClick={() => void refetch()}
                  />
                  <Button disabled={selectedItems.length === 0} onClick={() => setLeaving(selectedItems)}>
                    {t.delete}
                  </Button>
                  {register}
                </SpaceBetween>
              }
            >
              {t.tableName}
            </Header>
          }
          filter={
            <Filters>
              <TextFilter
                {...list.filterProps}
                filteringAriaLabel={t.search}
                filteringPlaceholder={t.searchPlaceholder}
                countText={t.matches(list.filteredItemsCount ?? 0)}
              />
              <StateFilter state={state} onChange={setState} />
            </Filters>
          }
          pagination={<Pagination {...list.paginationProps} />}
        />
      </SpaceBetween>
      {leaving.length > 0 && (
        <DeleteModal
          devices={leaving}
          onClose={() => setLeaving([])}
          onDone={() => list.actions.setSelectedItems([])}
        />
      )}
    </Page>
  );
}

/** Search, order, pages and selection, and what the rows of the page need on top. */
function useDeviceList(devices: readonly Device[], start: React.ReactNode) {
  const isNarrow = useIsNarrow();
  const follow = useFollow();
  const collection = useCollection(devices, {
    filtering: {
      filteringFunction: matchesDevice,
      empty: start ? (
        <Empty title={t.empty} text={t.emptyText} action={start} />
      ) : (
        <Empty title={texts.common.noMatch} />
      ),
      noMatch: <Empty title={texts.common.noMatch} />,
    },
    sorting: { defaultState: { sortingColumn: FIRST_ORDER } },
    pagination: { pageSize: PAGE_SIZE },
    selection: { trackBy: "deviceId" },
  });
  const lastSeen = useLastSeen(collection.items);
  const definitions = columns(lastSeen, follow);
  const columnDisplay = definitions.map(({ id = "" }) => ({ id, visible: !isNarrow || NARROW_COLUMNS.includes(id) }));
  return { ...collection, columns: definitions, columnDisplay };
}

/** Asks for those of the shown rows that are away. */
function useLastSeen(shown: readonly Device[]): LastSeen {
  const away = shown.filter((it) => stateOf(it) === "disconnected").map((it) => it.deviceId);
  const statuses = useStatuses(away);
  return new Map(
    away.flatMap((id, at) => {
      const status = statuses[at]?.data;
      return status ? [[id, status.since]] : [];
    }),
  );
}

function StateFilter({ state, onChange }: { state?: DeviceState; onChange: (state?: DeviceState) => void }) {
  const any = { value: "", label: t.anyState };
  const options = [any, ...DEVICE_STATES.map((value) => ({ value, label: STATE_TEXTS[value] }))];
  return (
    <Select
      ariaLabel={t.state}
      options={options}
      selectedOption={options.find((it) => it.value === (state ?? "")) ?? any}
      onChange={({ detail }) => onChange(DEVICE_STATES.find((it) => it === detail.selectedOption.value))}
    />
  );
}
