/** What the console promises in numbers, measured against the deployed stack. */
import { expect, test } from "@playwright/test";

import { environment } from "./environment";
import { Person } from "./person";
import { Product } from "./product";

const products: Product[] = [];

test.afterEach(async () => {
  await Promise.all(products.splice(0).map((it) => it.switchOff()));
});

test("the first page, and a chart of a thousand points", async ({ browser }) => {
  test.skip(test.info().project.name !== "desktop", "the same at any size");
  const anna = await Person.arrive(browser, "anna");
  const { page } = anna;
  const hall = await Product.make(`UI-${crypto.randomUUID().slice(0, 8)}`, "thermostat-1");
  products.push(hall);
  await anna.signUp();
  await anna.signIn();

  await test.step("the first page can be used within 2 s, with nothing in the cache", async () => {
    await page.goto("about:blank");
    const session = await anna.context.newCDPSession(page);
    await session.send("Network.clearBrowserCache");
    const start = Date.now();
    await page.goto("/");
    await page.getByRole("link", { name: "Register device" }).click();
    const took = Date.now() - start;
    anna.measured(`first page: ${took} ms until a button of it was pressed`);
    expect(took).toBeLessThan(2000 * environment.patience);
    await expect(anna.heading("Register device")).toBeVisible();
  });

  await test.step("a chart of 1,000 points that grows leaves room for everything else", async () => {
    await anna.field("Serial number").fill(hall.serial);
    await anna.field("Model number").fill(hall.model);
    await anna.field("Name").fill("Hall");
    await anna.button("Register").click();
    hall.switchOn("--interval", "20ms", "--event-interval", "0s");
    await anna.sees("Hall is connected.", 60_000);
    await page.goto(`/devices/${hall.serial}/telemetry`);
    await anna.sees(/, 1,000 messages$/, 120_000);
    const { longest, frames } = await page.evaluate(watchFrames, 5000);
    anna.measured(`1,000 points, growing: ${frames} frames in 5 s, the longest task ${longest} ms`);
    expect(longest).toBeLessThan(200 * environment.patience);
    await anna.look("telemetry-1000");
  });
  anna.expectNoProblems();
});

/** In the page: how many frames are drawn in some time, and how long the main thread was held up at most. */
async function watchFrames(milliseconds: number): Promise<{ frames: number; longest: number }> {
  let longest = 0;
  const observer = new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) longest = Math.max(longest, Math.round(entry.duration));
  });
  observer.observe({ type: "longtask" });
  const end = performance.now() + milliseconds;
  let frames = 0;
  await new Promise<void>((resolve) => {
    const frame = () => {
      frames += 1;
      if (performance.now() < end) requestAnimationFrame(frame);
      else resolve();
    };
    requestAnimationFrame(frame);
  });
  observer.disconnect();
  return { frames, longest };
}
