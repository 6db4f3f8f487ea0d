import { useState } from "react";

import { useDeviceEvents } from "../../api/queries";
import type { Device, EventType } from "../../api/types";
import { TypeFilter } from "../../events/filters";
import { EventTable } from "../../events/table";
import { texts } from "../../texts";
import { Filters } from "../../ui/filters";
import { Empty } from "../../ui/empty";

const t = texts.events;

export default function EventsTab({ device }: { device: Device }) {
  const [type, setType] = useState<EventType>();
  return (
    <EventTable
      query={useDeviceEvents(device.deviceId, type)}
      title={t.ofDevice}
      columns={["type", "message", "state", "time"]}
      filter={
        <Filters>
          <TypeFilter type={type} onChange={setType} />
        </Filters>
      }
      empty={type ? <Empty title={texts.common.noMatch} /> : <Empty title={t.empty} text={t.emptyOfDevice} />}
    />
  );
}
