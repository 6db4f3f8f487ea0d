/** Where this build runs, read from `/config.json`: one build serves every deployment. */
export interface Config {
  /** Base of the API, such as `/api`. */
  apiUrl: string;
  region: string;
  userPoolId: string;
  userPoolClientId: string;
  /** The local cloud only; on AWS Amplify knows it. */
  userPoolEndpoint?: string;
  /** What devices' telemetry topics begin with, as in the manifest. */
  telemetryTopic: string;
  /** Whether the API tells what devices have measured. */
  hasHistory: boolean;
}

const NEEDED = ["apiUrl", "region", "userPoolId", "userPoolClientId"] as const;

export async function loadConfig(load: typeof fetch = fetch): Promise<Config> {
  const response = await load("/config.json", { cache: "no-store" });
  if (!response.ok) throw new Error(`/config.json was answered with ${response.status}`);
  return parseConfig(await response.json());
}

export function parseConfig(json: unknown): Config {
  const found = (json ?? {}) as Record<string, unknown>;
  const missing = NEEDED.filter((name) => typeof found[name] !== "string" || found[name] === "");
  if (missing.length > 0) throw new Error(`/config.json lacks ${missing.join(", ")}`);
  // CloudFormation makes text of everything.
  return { telemetryTopic: "smartproduct/telemetry", ...found, hasHistory: found.hasHistory === "true" } as Config;
}
