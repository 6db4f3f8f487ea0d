/** Light or dark, as the user wants it on this browser. */
import { applyMode, Mode } from "@cloudscape-design/global-styles";
import { useSyncExternalStore } from "react";

export type Appearance = "system" | "light" | "dark";

export const APPEARANCES: readonly Appearance[] = ["system", "light", "dark"];

const KEY = "smart-product.appearance";
const system = window.matchMedia("(prefers-color-scheme: dark)");
const listeners = new Set<() => void>();

function chosen(): Appearance {
  const stored = localStorage.getItem(KEY);
  return APPEARANCES.find((it) => it === stored) ?? "system";
}

function isDark(): boolean {
  return chosen() === "system" ? system.matches : chosen() === "dark";
}

function apply() {
  applyMode(isDark() ? Mode.Dark : Mode.Light);
  document.documentElement.style.colorScheme = isDark() ? "dark" : "light";
  for (const listener of listeners) listener();
}

/** Applies what was chosen, and follows the system where nothing was. */
export function startAppearance() {
  system.addEventListener("change", apply);
  apply();
}

export function choose(appearance: Appearance) {
  if (appearance === "system") localStorage.removeItem(KEY);
  else localStorage.setItem(KEY, appearance);
  apply();
}

function subscribe(listener: () => void) {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

export function useAppearance(): { appearance: Appearance; isDark: boolean } {
  return { appearance: useSyncExternalStore(subscribe, chosen), isDark: useSyncExternalStore(subscribe, isDark) };
}
