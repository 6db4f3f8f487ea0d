/** Every address of the console. Nothing else builds one. */
export type DeviceTab = "overview" | "telemetry" | "commands" | "events";

const segment = encodeURIComponent;

export const paths = {
  overview: () => "/",
  devices: () => "/devices",
  register: () => "/register",
  registered: (deviceId: string) => `/register/${segment(deviceId)}`,
  device: (deviceId: string, tab: DeviceTab = "overview") =>
    tab === "overview" ? `/devices/${segment(deviceId)}` : `/devices/${segment(deviceId)}/${tab}`,
  event: (deviceId: string, eventId: string) => `/devices/${segment(deviceId)}/events/${segment(eventId)}`,
  alerts: () => "/alerts",
  events: () => "/events",
  settings: () => "/settings",
  solution: () => "/solution",
  signIn: (next?: string) => (next && next !== "/" ? `/sign-in?next=${segment(next)}` : "/sign-in"),
  signUp: () => "/sign-up",
  confirm: (email?: string) => (email ? `/confirm?email=${segment(email)}` : "/confirm"),
  forgotPassword: () => "/forgot-password",
};

/** The patterns of the routes, with the names of their parameters. */
export const routes = {
  overview: "/",
  devices: "/devices",
  register: "/register",
  registered: "/register/:deviceId",
  device: "/devices/:deviceId/:tab?",
  event: "/devices/:deviceId/events/:eventId",
  alerts: "/alerts",
  events: "/events",
  settings: "/settings",
  solution: "/solution",
  signIn: "/sign-in",
  signUp: "/sign-up",
  confirm: "/confirm",
  forgotPassword: "/forgot-password",
} as const;

/** Where to go after signing in. Only a path of this console: a link must not lead elsewhere. */
export function nextPath(search: string): string {
  const next = new URLSearchParams(search).get("next") ?? "";
  const isLocal = next.startsWith("/") && !next.startsWith("//") && !next.includes("\\");
  return isLocal ? next : paths.overview();
}
