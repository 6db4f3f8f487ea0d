/** The other side of the story: products that are manufactured, and devices that run. */
import { type ChildProcess, execFile, spawn } from "node:child_process";
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";

import { environment } from "./environment";

const run = promisify(execFile);
const { simulator, caDir, referenceTable } = environment;

/** A product with a certificate, and the device that it becomes when it is switched on. */
export class Product {
  #process: ChildProcess | undefined;
  readonly #dir = mkdtempSync(join(tmpdir(), "console-e2e-device-"));

  private constructor(
    readonly serial: string,
    readonly model: string,
  ) {}

  static async make(serial: string, model: "thermostat-1" | "lock-1"): Promise<Product> {
    const product = new Product(serial, model);
    await run(simulator, ["add-product", "--serial", serial, "--model", model, "--table", referenceTable]);
    await run(simulator, ["device", "--serial", serial, "--ca-dir", caDir, "--dir", product.#dir]);
    return product;
  }

  /** Runs the device: `options` are the simulator's. */
  switchOn(...options: string[]) {
    const kind = this.model === "lock-1" ? "lock" : "thermostat";
    const interval = options.includes("--interval") ? [] : ["--interval", "1s"];
    const args = [kind, "--serial", this.serial, "--dir", this.#dir, ...interval, ...options];
    this.#process = spawn(simulator, args, { stdio: "ignore" });
  }

  async switchOff() {
    const child = this.#process;
    this.#process = undefined;
    if (child?.exitCode !== null) return;
    const ended = new Promise((resolve) => child.once("exit", resolve));
    child.kill("SIGTERM");
    await ended;
  }

  /** Connects, publishes one event, and is gone again. */
  async publish(type: "error" | "warning" | "info" | "diagnostic") {
    const kind = this.model === "lock-1" ? "lock" : "thermostat";
    const args = [kind, "--serial", this.serial, "--dir", this.#dir, "--events", "1", "--event-types", type];
    await run(simulator, args, { timeout: 60_000 });
  }
}

/** What an operator does by the AWS command line. */
export async function makeAdministrator(email: string) {
  await cognito("admin-add-user-to-group", "--username", email, "--group-name", "admin");
}

/** Says that a user has a phone number and has verified it. */
export async function verifyPhone(email: string) {
  const attributes = ["--user-attributes", "Name=phone_number_verified,Value=true"];
  await cognito("admin-update-user-attributes", "--username", email, ...attributes);
}

async function cognito(command: string, ...options: string[]) {
  await run(environment.aws, ["cognito-idp", command, "--user-pool-id", environment.userPoolId, ...options]);
}
