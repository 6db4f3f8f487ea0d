import Select, { type SelectProps } from "@cloudscape-design/components/select";
import { useMemo } from "react";

import { useDevices } from "../api/queries";
import { EVENT_TYPES, type EventType } from "../api/types";
import { texts } from "../texts";

const t = texts.events;

export function TypeFilter({ type, onChange }: { type?: EventType; onChange: (type?: EventType) => void }) {
  const any = { value: "", label: t.anyType };
  const options = [any, ...EVENT_TYPES.map((value) => ({ value, label: texts.common.eventTypes[value] }))];
  return (
    <Select
      ariaLabel={t.type}
      options={options}
      selectedOption={options.find((it) => it.value === (type ?? "")) ?? any}
      onChange={({ detail }) => onChange(EVENT_TYPES.find((it) => it === detail.selectedOption.value))}
    />
  );
}

export function DeviceFilter({ deviceId, onChange }: { deviceId?: string; onChange: (deviceId?: string) => void }) {
  const { devices, isComplete } = useDevices();
  const options = useMemo<SelectProps.Option[]>(
    () => [
      { value: "", label: t.anyDevice },
      ...(devices ?? []).map((it) => ({ value: it.deviceId, label: it.deviceName, description: it.deviceId })),
    ],
    [devices],
  );
  const selected = options.find((it) => it.value === (deviceId ?? "")) ?? { value: deviceId, label: deviceId };
  return (
    <Select
      ariaLabel={t.device}
      filteringType="auto"
      filteringAriaLabel={texts.devices.search}
      virtualScroll
      statusType={isComplete ? "finished" : "loading"}
      loadingText={texts.loading}
      options={options}
      selectedOption={selected}
      onChange={({ detail }) => {
        const { value } = detail.selectedOption;
        onChange(value === "" ? undefined : value);
      }}
    />
  );
}
