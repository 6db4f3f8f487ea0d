import react from "@vitejs/plugin-react";
import { defineConfig } from "vitest/config";

import { localCloud } from "./dev/local-cloud.ts";

export default defineConfig({
  plugins: [react(), localCloud()],
  server: { host: "127.0.0.1" },
  preview: { host: "127.0.0.1" },
  build: {
    // What the content security policy allows: no data: URLs for scripts or styles.
    assetsInlineLimit: 0,
    // Measured and written down in docs/console.md; a chunk that grows beyond it warns.
    chunkSizeWarningLimit: 900,
    sourcemap: false,
  },
  test: {
    environment: "jsdom",
    include: ["src/**/*.test.{ts,tsx}"],
    setupFiles: ["src/test/setup.ts"],
    css: false,
    // Tables in jsdom take their time on a busy machine.
    testTimeout: 30_000,
  },
});
