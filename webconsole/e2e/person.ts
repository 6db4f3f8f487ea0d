/** Somebody at a browser of their own: what they do, and what must not happen while they do it. */
import { appendFileSync } from "node:fs";

import AxeBuilder from "@axe-core/playwright";
import { type Browser, type BrowserContext, expect, type Locator, type Page, test } from "@playwright/test";

import { environment } from "./environment";

export class Person {
  /** Console errors, errors of scripts, and violations of the content security policy. */
  readonly #problems: string[] = [];

  private constructor(
    readonly context: BrowserContext,
    readonly page: Page,
    readonly email: string,
    public password: string,
  ) {
    page.on("console", (message) => {
      if (message.type() === "error") this.#problems.push(`${message.text()} ${message.location().url}`);
    });
    page.on("pageerror", (error) => this.#problems.push(String(error)));
  }

  static async arrive(browser: Browser, name: string): Promise<Person> {
    const { viewport, hasTouch } = test.info().project.use;
    const context = await browser.newContext({
      viewport,
      hasTouch,
      baseURL: environment.consoleUrl,
      // A message that is still fading in has no contrast yet.
      reducedMotion: "reduce",
    });
    await context.addInitScript(() => {
      document.addEventListener("securitypolicyviolation", (event) => {
        console.error(`CSP: ${event.violatedDirective} ${event.blockedURI} ${event.sourceFile}`);
      });
    });
    const page = await context.newPage();
    return new Person(
      context,
      page,
      `${name}-${crypto.randomUUID().slice(0, 8)}@example.com`,
      "Correct-horse-7battery",
    );
  }

  /** Notes a number that was measured, with the pictures. */
  measured(description: string) {
    test.info().annotations.push({ type: "measured", description });
    appendFileSync(`${environment.results}/measured.txt`, `${test.info().project.name}: ${description}\n`);
  }

  /** Does what the API or Cognito must refuse: the browser logs that by itself. */
  async refused<T>(work: () => Promise<T>): Promise<T> {
    return this.tolerating(/Failed to load resource: the server responded with a status of 4\d\d/, work);
  }

  /** Does `work`, in which problems of this kind are expected. */
  async tolerating<T>(expected: RegExp, work: () => Promise<T>): Promise<T> {
    const before = this.#problems.length;
    const result = await work();
    const fresh = this.#problems.splice(before).filter((it) => !expected.test(it));
    this.#problems.push(...fresh);
    return result;
  }

  expectNoProblems() {
    expect(this.#problems, "console errors and violations of the content security policy").toEqual([]);
  }

  /** Looks at the page as it is: no violation of accessibility rules, nothing in the console; and a picture. */
  async look(name: string) {
    await test.step(`look at ${name}`, async () => {
      await this.page.evaluate(() => window.scrollTo(0, 0));
      const { violations } = await new AxeBuilder({ page: this.page }).analyze();
      const found = violations.map((it) => `${it.id}: ${it.nodes.map((node) => node.target.join(" ")).join(" | ")}`);
      const width = await this.page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
      const path = `${environment.results}/${test.info().project.name}-${name}.png`;
      await this.page.screenshot({ path, fullPage: true });
      expect.soft(found, `accessibility of ${name}`).toEqual([]);
      expect.soft(width, `${name} is wider than the window`).toBeLessThanOrEqual(0);
      this.expectNoProblems();
    });
  }

  heading(name: string | RegExp): Locator {
    return this.page.getByRole("heading", { level: 1, name });
  }

  button(name: string | RegExp): Locator {
    return this.page.getByRole("button", { name, exact: typeof name === "string" });
  }

  field(name: string): Locator {
    return this.page.getByLabel(name, { exact: true });
  }

  /** Waits for a text that can be seen; what only screen readers are told may say the same. */
  async sees(text: string | RegExp, timeout?: number) {
    await expect(this.page.getByText(text).filter({ visible: true }).first()).toBeVisible({ timeout });
  }

  /** Goes by the navigation, which a phone opens first. */
  async go(name: string) {
    const link = this.page
      .getByRole("navigation", { name: "Console" })
      .getByRole("link", { name: new RegExp(`^${name}`) });
    if (!(await link.isVisible())) await this.button("Open navigation").click();
    await link.click();
  }

  async choose(label: string, option: string) {
    await this.page
      .getByRole("button", { name: new RegExp(`^${label}`) })
      .first()
      .click();
    await this.page.getByRole("option", { name: option }).first().click();
  }

  async signUp() {
    const { page } = this;
    await page.goto("/");
    await expect(this.heading("Sign in")).toBeVisible();
    await page.getByRole("link", { name: "Create an account" }).click();
    await expect(this.heading("Create account")).toBeVisible();
    await this.field("E-mail address").fill(this.email);
    await this.field("Password").fill(this.password);
    await this.field("Password again").fill(this.password);
    await this.button("Create account").click();
    await expect(this.heading("Confirm your e-mail address")).toBeVisible();
    await this.field("Code").fill(environment.code);
    await this.button("Confirm").click();
    await this.sees("Your account is ready. Sign in.");
  }

  /** Enters address and password; what comes next depends on the account. */
  async enterPassword(password = this.password) {
    await this.field("E-mail address").fill(this.email);
    await this.field("Password").fill(password);
    await this.button("Sign in").click();
  }

  async signIn() {
    await this.enterPassword();
    await expect(this.heading(/./)).not.toHaveText("Sign in");
  }

  async signOut() {
    await this.openMenu();
    await this.page.getByRole("menuitem", { name: "Sign out" }).click();
    await expect(this.heading("Sign in")).toBeVisible();
  }

  /** The menu of the account; on a phone it is in the overflow menu, or only its icon. */
  async openMenu() {
    await this.button("Account").click();
  }
}
