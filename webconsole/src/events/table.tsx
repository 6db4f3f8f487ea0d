import Button from "@cloudscape-design/components/button";
import Header from "@cloudscape-design/components/header";
import Table from "@cloudscape-design/components/table";
import type { ReactNode } from "react";

import { itemsOf } from "../api/paging";
import type { useEvents } from "../api/queries";
import { texts } from "../texts";
import { useFollow } from "../ui/follow";
import { More } from "../ui/more";
import { ProblemAlert } from "../ui/problem";
import { type EventColumn, eventColumns } from "./columns";
import { useOwnSettings } from "./state";

interface EventTableProps {
  query: ReturnType<typeof useEvents>;
  title: string;
  columns: readonly EventColumn[];
  filter: ReactNode;
  empty: ReactNode;
}

/** A list of events that is read page by page. */
export function EventTable({ query, title, columns, filter, empty }: EventTableProps) {
  const follow = useFollow();
  const { alertLevel } = useOwnSettings();
  const events = itemsOf(query.data);
  if (query.error && !query.data) return <ProblemAlert error={query.error} onRetry={() => void query.refetch()} />;
  return (
    <Table
      variant="container"
      wrapLines
      items={events}
      trackBy="id"
      columnDefinitions={eventColumns(columns, follow, alertLevel)}
      loading={query.isLoading || (events.length === 0 && query.isFetching)}
      loadingText={texts.loading}
      ariaLabels={{ tableLabel: title }}
      header={
        <Header
          variant="h2"
          description={texts.events.live}
          actions={
            <Button
              iconName="refresh"
              ariaLabel={texts.common.refresh}
              loading={query.isRefetching}
              onClick={() => void query.refetch()}
            />
          }
        >
          {title}
        </Header>
      }
      filter={filter}
      empty={empty}
      footer={<More count={events.length} {...query} />}
    />
  );
}
