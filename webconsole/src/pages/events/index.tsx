import { useState } from "react";

import { type EventFilter, useEvents } from "../../api/queries";
import { DeviceFilter, TypeFilter } from "../../events/filters";
import { EventTable } from "../../events/table";
import { texts } from "../../texts";
import { Filters } from "../../ui/filters";
import { Empty } from "../../ui/empty";
import { Page } from "../../ui/page";

const t = texts.events;

export default function Events() {
  const [filter, setFilter] = useState<EventFilter>({});
  const isFiltered = filter.deviceId !== undefined || filter.eventType !== undefined;
  return (
    <Page title={t.title}>
      <EventTable
        query={useEvents(filter)}
        title={t.tableName}
        columns={["type", "message", "device", "state", "time"]}
        filter={
          <Filters>
            <DeviceFilter deviceId={filter.deviceId} onChange={(deviceId) => setFilter({ ...filter, deviceId })} />
            <TypeFilter type={filter.eventType} onChange={(eventType) => setFilter({ ...filter, eventType })} />
          </Filters>
        }
        empty={isFiltered ? <Empty title={texts.common.noMatch} /> : <Empty title={t.empty} text={t.emptyText} />}
      />
    </Page>
  );
}
