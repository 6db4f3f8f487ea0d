/** What an owner enters for a threshold, and what of it goes to the API. */
import type { Threshold, ThresholdUpdate } from "../api/types";
import { texts } from "../texts";

const t = texts.thresholds;

/** The form as text, as people write it. */
export interface Entered {
  above: string;
  below: string;
  minutes: string;
}

export const LONGEST_MINUTES = 1440;

export function entered({ above, below, seconds }: Threshold): Entered {
  return { above: String(above), below: String(below), minutes: String(seconds / 60) };
}

/** What is wrong, by field; nothing where it can be sent. */
export function problems(entry: Entered): Partial<Entered> {
  const found: Partial<Entered> = {};
  const [above, below, minutes] = [entry.above, entry.below, entry.minutes].map(toNumber) as [number, number, number];
  if (Number.isNaN(above)) found.above = t.noNumber;
  if (Number.isNaN(below)) found.below = t.noNumber;
  else if (below > above) found.below = t.crossed;
  if (!(minutes >= 0 && minutes <= LONGEST_MINUTES)) found.minutes = t.badMinutes;
  return found;
}

/** Only what is no longer as it was; a limit that is the model's is put back to it, so that it follows the model. */
export function update(entry: Entered, threshold: Threshold): ThresholdUpdate {
  const { model } = threshold;
  const wanted = {
    above: toNumber(entry.above),
    below: toNumber(entry.below),
    seconds: Math.round(toNumber(entry.minutes) * 60),
  };
  const change: ThresholdUpdate = {};
  for (const name of ["above", "below", "seconds"] as const) {
    if (wanted[name] !== threshold[name]) change[name] = wanted[name] === model[name] ? null : wanted[name];
  }
  return change;
}

/** Puts everything back to what the model says. */
export const MODELS: ThresholdUpdate = { above: null, below: null, seconds: null, enabled: null };

function toNumber(text: string): number {
  return text.trim() === "" ? NaN : Number(text);
}
