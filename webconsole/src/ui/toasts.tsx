/** What happened, told at the top of the page: a store of messages, and the bar that shows them. */
import Button from "@cloudscape-design/components/button";
import Flashbar, { type FlashbarProps } from "@cloudscape-design/components/flashbar";
import { createContext, type ReactNode, useContext, useSyncExternalStore } from "react";

import { texts } from "../texts";

export interface Toast {
  /** One message of an id is shown; a later one takes its place. */
  id?: string;
  type: FlashbarProps.Type;
  header: string;
  text?: ReactNode;
  action?: { label: string; onClick: () => void };
  /** After how long it goes by itself; without it, it stays until it is dismissed. */
  seconds?: number;
}

export type ShownToast = Toast & { id: string };

/** More would push the page away. */
const MAX_SHOWN = 6;

export class Toasts {
  #shown: readonly ShownToast[] = [];
  #listeners = new Set<() => void>();
  #timers = new Map<string, ReturnType<typeof setTimeout>>();
  #count = 0;

  add(toast: Toast) {
    this.#count += 1;
    const id = toast.id ?? `toast-${this.#count}`;
    this.#stop(id);
    this.#set([{ ...toast, id }, ...this.#shown.filter((it) => it.id !== id)].slice(0, MAX_SHOWN));
    if (toast.seconds)
      this.#timers.set(
        id,
        setTimeout(() => this.remove(id), toast.seconds * 1000),
      );
  }

  remove(id: string) {
    this.#stop(id);
    this.#set(this.#shown.filter((it) => it.id !== id));
  }

  clear() {
    for (const { id } of this.#shown) this.#stop(id);
    this.#set([]);
  }

  shown = () => this.#shown;

  subscribe = (listener: () => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  #stop(id: string) {
    clearTimeout(this.#timers.get(id));
    this.#timers.delete(id);
  }

  #set(shown: readonly ShownToast[]) {
    this.#shown = shown;
    for (const listener of this.#listeners) listener();
  }
}

const Context = createContext<Toasts | undefined>(undefined);

export const ToastsProvider = Context.Provider;

export function useToasts(): Toasts {
  const toasts = useContext(Context);
  if (!toasts) throw new Error("there is no ToastsProvider above");
  return toasts;
}

/** The messages, below `first`, which are conditions and not happenings. */
export function ToastBar({ first }: { first: FlashbarProps.MessageDefinition[] }) {
  const toasts = useToasts();
  const shown = useSyncExternalStore(toasts.subscribe, toasts.shown);
  const items = shown.map((toast): FlashbarProps.MessageDefinition => ({
    id: toast.id,
    type: toast.type,
    header: toast.header,
    content: toast.text,
    dismissible: true,
    dismissLabel: texts.common.dismiss,
    onDismiss: () => toasts.remove(toast.id),
    ariaRole: toast.type === "error" ? "alert" : "status",
    action: toast.action && (
      <Button
        onClick={() => {
          toasts.remove(toast.id);
          toast.action?.onClick();
        }}
      >
        {toast.action.label}
      </Button>
    ),
  }));
  return <Flashbar items={[...first, ...items]} stackItems />;
}
