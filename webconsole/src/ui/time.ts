/** Times as people read them, in their own time zone. */

const DATE_TIME = new Intl.DateTimeFormat("en", { dateStyle: "medium", timeStyle: "medium" });
const CLOCK = new Intl.DateTimeFormat("en", {
  hour: "2-digit",
  minute: "2-digit",
  second: "2-digit",
  hourCycle: "h23",
});
const DAY_AND_HOUR = new Intl.DateTimeFormat("en", {
  month: "short",
  day: "numeric",
  hour: "2-digit",
  minute: "2-digit",
  hourCycle: "h23",
});
const RELATIVE = new Intl.RelativeTimeFormat("en", { numeric: "auto" });

export function dateTime(time: string | number): string {
  return DATE_TIME.format(new Date(time));
}

export function clock(time: number | Date): string {
  return CLOCK.format(time);
}

export function dayAndHour(time: number | Date): string {
  return DAY_AND_HOUR.format(time);
}

const UNITS: [Intl.RelativeTimeFormatUnit, number][] = [
  ["day", 86_400_000],
  ["hour", 3_600_000],
  ["minute", 60_000],
  ["second", 1000],
];

/** Such as "3 minutes ago". A clock that is ahead of ours says "now". */
export function ago(time: string | number, now = Date.now()): string {
  const passed = Math.max(0, now - new Date(time).getTime());
  const [unit, length] = UNITS.find(([, length]) => passed >= length) ?? ["second", 1000];
  return RELATIVE.format(-Math.floor(passed / length), unit);
}
