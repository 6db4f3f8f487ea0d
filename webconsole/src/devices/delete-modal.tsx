import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import FormField from "@cloudscape-design/components/form-field";
import Input from "@cloudscape-design/components/input";
import Modal from "@cloudscape-design/components/modal";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { useState } from "react";

import type { Device } from "../api/types";
import { texts } from "../texts";
import { useTask } from "../ui/use-task";
import { useDeleteDevices } from "./delete";

const t = texts.deleteDevice;

interface DeleteModalProps {
  devices: readonly Device[];
  onClose: () => void;
  /** All of them are gone. */
  onDone: () => void;
}

/** Asks before devices are deleted: for many, the word must be typed. Render it only while it is wanted. */
export function DeleteModal({ devices, onClose, onDone }: DeleteModalProps) {
  const task = useTask();
  const deleteDevices = useDeleteDevices();
  const [typed, setTyped] = useState("");
  const [only] = devices.length === 1 ? devices : [];
  const isSure = only !== undefined || typed.trim().toLowerCase() === t.word;

  const submit = () =>
    void task.run(async () => {
      if (await deleteDevices(devices)) onDone();
      onClose();
    });

  return (
    <Modal
      visible
      header={t.title(devices.length)}
      closeAriaLabel={texts.common.close}
      onDismiss={onClose}
      footer={
        <Box float="right">
          <SpaceBetween direction="horizontal" size="xs">
            <Button variant="link" onClick={onClose}>
              {texts.common.cancel}
            </Button>
            <Button variant="primary" disabled={!isSure} loading={task.isBusy} onClick={submit}>
              {t.confirm}
            </Button>
          </SpaceBetween>
        </Box>
      }
    >
      <SpaceBetween size="m">
        <span>{only ? t.text(`${only.deviceName} (${only.deviceId})`) : t.many(devices.length)}</span>
        {!only && (
          <FormField label={t.confirmLabel(t.word)}>
            <Input autoFocus value={typed} onChange={({ detail }) => setTyped(detail.value)} />
          </FormField>
        )}
      </SpaceBetween>
    </Modal>
  );
}
