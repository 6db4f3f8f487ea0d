import { defineConfig } from "@playwright/test";

import { environment } from "./environment";

/** Debian's Chromium, with nothing in it that calls home. */
const ARGS = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

export default defineConfig({
  testDir: ".",
  outputDir: `${environment.results}/traces`,
  reporter: [["list"]],
  // One broker and one machine for all: stories one after the other.
  workers: 1,
  fullyParallel: false,
  timeout: 240_000,
  expect: { timeout: 15_000 },
  use: {
    baseURL: environment.consoleUrl,
    launchOptions: { executablePath: environment.chromium, args: ARGS },
    actionTimeout: 30_000,
    locale: "en-US",
    timezoneId: "UTC",
    trace: "retain-on-failure",
  },
  projects: [
    { name: "desktop", use: { viewport: { width: 1280, height: 900 } } },
    { name: "phone", use: { viewport: { width: 360, height: 740 }, hasTouch: true } },
  ],
});
