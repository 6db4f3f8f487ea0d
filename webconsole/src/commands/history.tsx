import Button from "@cloudscape-design/components/button";
import Header from "@cloudscape-design/components/header";
import Select from "@cloudscape-design/components/select";
import Table, { type TableProps } from "@cloudscape-design/components/table";
import { useState } from "react";

import { itemsOf } from "../api/paging";
import { useCommands } from "../api/queries";
import { COMMAND_STATUSES, type Command, type CommandStatus } from "../api/types";
import { texts } from "../texts";
import { Empty } from "../ui/empty";
import { show } from "../ui/json";
import { Filters } from "../ui/filters";
import { More } from "../ui/more";
import { ProblemAlert } from "../ui/problem";
import { dateTime } from "../ui/time";
import { CommandStatusIndicator, reasonOf } from "./status-indicator";

const t = texts.commands;

const COLUMNS: TableProps.ColumnDefinition<Command>[] = [
  { id: "command", header: t.command, cell: (it) => it.command, isRowHeader: true },
  { id: "value", header: t.value, cell: (it) => show(it.value) },
  { id: "status", header: t.status, cell: (it) => <CommandStatusIndicator status={it.status} />, minWidth: 130 },
  { id: "reason", header: t.reason, cell: reasonOf },
  { id: "sent", header: t.sentAt, cell: (it) => dateTime(it.createdAt) },
  { id: "changed", header: t.changedAt, cell: (it) => dateTime(it.updatedAt) },
];

export function CommandHistory({ deviceId }: { deviceId: string }) {
  const [status, setStatus] = useState<CommandStatus>();
  const query = useCommands(deviceId, status);
  const commands = itemsOf(query.data);
  const any = { value: "", label: t.anyStatus };
  const options = [any, ...COMMAND_STATUSES.map((value) => ({ value, label: texts.common.commandStatuses[value] }))];
  if (query.error && !query.data) return <ProblemAlert error={query.error} onRetry={() => void query.refetch()} />;
  return (
    <Table
      variant="container"
      wrapLines
      items={commands}
      trackBy="commandId"
      columnDefinitions={COLUMNS}
      loading={query.isLoading}
      loadingText={texts.loading}
      ariaLabels={{ tableLabel: t.history }}
      header={
        <Header
          variant="h2"
          actions={
            <Button
              iconName="refresh"
              ariaLabel={texts.common.refresh}
              loading={query.isRefetching}
              onClick={() => void query.refetch()}
            />
          }
        >
          {t.history}
        </Header>
      }
      filter={
        <Filters>
          <Select
            ariaLabel={t.status}
            options={options}
            selectedOption={options.find((it) => it.value === (status ?? "")) ?? any}
            onChange={({ detail }) => setStatus(COMMAND_STATUSES.find((it) => it === detail.selectedOption.value))}
          />
        </Filters>
      }
      empty={status ? <Empty title={texts.common.noMatch} /> : <Empty title={t.empty} text={t.emptyText} />}
      footer={<More count={commands.length} {...query} />}
    />
  );
}
