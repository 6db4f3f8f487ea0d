/**
 * Serves the console against the local cloud of `scripts/up`: `/config.json` and
 * `/api` as CloudFront would, for `npm run dev` and `npm run preview`.
 *
 * Reads `$LOCAL_DIR` (`../.local`), where `scripts/up` leaves the stack's outputs.
 * Without it the pages are served all the same, and say that they lack a configuration.
 */
import { existsSync, readFileSync } from "node:fs";
import { resolve } from "node:path";

import type { Connect, Plugin, ProxyOptions } from "vite";

interface LocalStack {
  config: Record<string, string>;
  apiUrl: URL;
  connectSources: string[];
}

export function localCloud(): Plugin {
  const stack = readStack(resolve(process.env.LOCAL_DIR ?? "../.local"));
  const proxy = stack ? { "/api": proxyTo(stack.apiUrl) } : undefined;
  return {
    name: "local-cloud",
    config: () => ({
      server: { proxy },
      preview: { proxy, headers: stack ? { "Content-Security-Policy": contentPolicy(stack) } : {} },
    }),
    configureServer: (server) => {
      serveConfig(server.middlewares, stack);
    },
    configurePreviewServer: (server) => {
      serveConfig(server.middlewares, stack);
    },
  };
}

function readStack(directory: string): LocalStack | undefined {
  const path = resolve(directory, "outputs.json");
  if (!existsSync(path)) return undefined;
  const [outputs] = Object.values(JSON.parse(readFileSync(path, "utf8")) as Record<string, Record<string, string>>);
  const apiUrl = new URL(output(outputs, "ApiUrl"));
  const userPoolId = output(outputs, "UserPoolId");
  return {
    apiUrl,
    config: {
      apiUrl: "/api",
      region: userPoolId.split("_")[0] ?? "",
      userPoolId,
      userPoolClientId: output(outputs, "UserPoolClientId"),
      userPoolEndpoint: `http://localhost:${apiUrl.port}/`,
    },
    connectSources: [`http://localhost:${apiUrl.port}`, `ws://localhost:${apiUrl.port}`],
  };
}

function output(outputs: Record<string, string> | undefined, name: string): string {
  const value = outputs?.[name];
  if (!value) throw new Error(`the stack has no output ${name}; run scripts/up again`);
  return value;
}

/** What the response headers policy of the template says, so that a violation shows here already. */
function contentPolicy(stack: LocalStack): string {
  return [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self'",
    // Cloudscape's style sheet brings its font along.
    "font-src data:",
    `connect-src 'self' ${stack.connectSources.join(" ")}`,
    "base-uri 'none'",
    "form-action 'self'",
    "frame-ancestors 'none'",
  ].join("; ");
}

function proxyTo(api: URL): ProxyOptions {
  return { target: api.origin, changeOrigin: true, rewrite: (path) => path.replace(/^\/api/, api.pathname) };
}

function serveConfig(middlewares: Connect.Server, stack: LocalStack | undefined) {
  middlewares.use("/config.json", (_, response) => {
    response.statusCode = stack ? 200 : 404;
    response.setHeader("Content-Type", "application/json");
    response.setHeader("Cache-Control", "no-store");
    response.end(stack ? JSON.stringify(stack.config) : "{}");
  });
}
