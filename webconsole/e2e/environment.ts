/** What the stories need to know of the deployed stack. `scripts/test` sets it; docs/console.md lists it. */
import { tmpdir } from "node:os";
import { join } from "node:path";

function needed(name: string): string {
  const value = process.env[name];
  if (!value) throw new Error(`${name} is not set; docs/console.md says what the end-to-end tests need`);
  return value;
}

export const environment = {
  /** Where the console is served, such as `http://d111.cloudfront.localhost:4566`. */
  consoleUrl: needed("CONSOLE_URL"),
  /** The simulator's binary. It reads IOT_ENDPOINT, IOT_PORT, IOT_ROOT_CA and AWS_* itself. */
  simulator: needed("SIMULATOR"),
  /** The folder of a CA that is registered in the account. */
  caDir: needed("CA_DIR"),
  referenceTable: needed("REFERENCE_TABLE"),
  userPoolId: needed("USER_POOL_ID"),
  /** The AWS command line, for what an operator does. */
  aws: process.env.AWS_CLI ?? "aws",
  /** What the local cloud "mails" as every code. */
  code: process.env.CONFIRMATION_CODE ?? "123456",
  /** The same for a forgotten password. */
  resetCode: process.env.RESET_CODE ?? "654321",
  /** How many times slower than it should be this machine may be: more than 1 where it builds at the same time. */
  patience: Number(process.env.PATIENCE ?? "1"),
  chromium: process.env.CHROMIUM ?? "/usr/bin/chromium",
  /** Where screenshots and traces go. */
  results: process.env.SCREENSHOTS ?? join(tmpdir(), "console-e2e"),
};
