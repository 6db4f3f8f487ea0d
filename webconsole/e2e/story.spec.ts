/**
 * The console as people use it, against a deployed stack and running devices: two owners in two browsers, from
 * signing up to leaving. Each project tells it at another size of the window.
 */
import { expect, test } from "@playwright/test";

import { environment } from "./environment";
import { Person } from "./person";
import { makeAdministrator, Product, verifyPhone } from "./product";
import { totp } from "./totp";

const products: Product[] = [];

test.afterEach(async () => {
  await Promise.all(products.splice(0).map((it) => it.switchOff()));
});

async function make(model: "thermostat-1" | "lock-1"): Promise<Product> {
  const product = await Product.make(`UI-${crypto.randomUUID().slice(0, 8)}`, model);
  products.push(product);
  return product;
}

async function register(owner: Person, product: Product, name: string) {
  await owner.field("Serial number").fill(product.serial);
  await owner.field("Model number").fill(product.model);
  await owner.field("Name").fill(name);
  await owner.button("Register").click();
}

test("an owner gets a device, watches it, commands it, and lets go of it", async ({ browser }) => {
  const anna = await Person.arrive(browser, "anna");
  const { page } = anna;
  const hall = await make("thermostat-1");

  await test.step("signs up and in", async () => {
    await page.goto("/");
    await expect(anna.heading("Sign in")).toBeVisible();
    await anna.look("sign-in");
    await page.goto("/sign-up");
    await anna.field("E-mail address").fill(anna.email);
    await anna.field("Password").fill("short");
    await anna.button("Create account").click();
    await anna.sees("This password does not follow the rule below.");
    await anna.sees("The two passwords differ.");
    await anna.look("sign-up");
    await anna.signUp();
    await anna.refused(async () => {
      await anna.enterPassword("Wrong-horse-7battery");
      await anna.sees("E-mail address or password is wrong.");
    });
    await anna.signIn();
    await expect(anna.heading("Overview")).toBeVisible();
    await anna.sees("Register your first device");
    await anna.look("overview-empty");
  });

  await test.step("finds empty lists that say how to start", async () => {
    await anna.go("Devices");
    await anna.sees("No devices");
    await anna.look("devices-empty");
    await anna.go("Alerts");
    await anna.sees("No unread alerts");
    await anna.look("alerts-empty");
    await anna.go("Events");
    await anna.sees("No events yet");
    await anna.look("events-empty");
  });

  await test.step("registers a device, with the API's errors beside the fields", async () => {
    await anna.go("Devices");
    await page.getByRole("link", { name: "Register device" }).first().click();
    await anna.button("Register").click();
    await anna.sees("Enter the serial number, as on the label.");
    await anna.refused(async () => {
      await anna.field("Serial number").fill("nobody-made-this");
      await anna.field("Model number").fill("thermostat-1");
      await anna.field("Name").fill("Hall");
      await anna.button("Register").click();
      await anna.sees("No product has this serial number and model number.");
    });
    await anna.look("register-refused");
    await register(anna, hall, "Hall");
    await expect(anna.heading("Connect Hall")).toBeVisible();
    await anna.sees("Waiting for the device");
    await anna.look("registered-waiting");
  });

  await test.step("follows it until it is connected", async () => {
    hall.switchOn("--event-interval", "0s");
    await anna.sees("Hall is connected.", 60_000);
    await anna.look("registered-complete");
    await page.getByRole("link", { name: "Open the device" }).click();
  });

  await test.step("sees its state, desired against reported", async () => {
    await expect(anna.heading("Hall")).toBeVisible();
    const shadow = page.getByRole("table", { name: "State" });
    await expect(shadow.getByRole("row", { name: /targetTemperature/ })).toBeVisible();
    await expect(page.getByRole("table", { name: "Connection history" }).getByText("Connected")).toBeVisible();
    await anna.look("device");
  });

  await test.step("watches it live", async () => {
    await page.getByRole("tab", { name: "Telemetry" }).click();
    await expect(page.getByRole("application", { name: /actualTemperature, targetTemperature/ })).toBeVisible();
    await anna.sees(/, \d+ messages/);
    await anna.look("telemetry");
  });

  await test.step("looks back at what it has measured", async () => {
    await anna.choose("Time", "Last hour");
    const chart = page.getByRole("application", { name: /actualTemperature, targetTemperature/ });
    // What was measured is gathered before it is stored.
    await expect(async () => {
      await page.getByRole("button", { name: "Read again" }).click();
      await expect(chart).toBeVisible({ timeout: 3_000 });
    }).toPass({ timeout: 60_000 });
    await anna.sees(/ messages?, drawn as the mean of each 30 seconds\./);
    await anna.look("telemetry-history");
    await anna.choose("Time", "Live");
  });

  await test.step("sends a command, and sees what becomes of it", async () => {
    await page.getByRole("tab", { name: "Commands" }).click();
    const temperature = page.getByRole("form", { name: "set-temp" });
    const slider = temperature.getByRole("slider");
    await slider.focus();
    await page.keyboard.press("ArrowRight");
    await temperature.getByRole("textbox").fill("200");
    await temperature.getByRole("button", { name: "Send set-temp" }).click();
    await anna.sees("Enter 110 or less.");
    await temperature.getByRole("textbox").fill("75");
    await temperature.getByRole("button", { name: "Send set-temp" }).click();
    await expect(temperature.getByText("Success")).toBeVisible();
    const mode = page.getByRole("form", { name: "set-mode" });
    await mode.getByRole("radio", { name: "AC" }).check();
    await mode.getByRole("button", { name: "Send set-mode" }).click();
    await expect(mode.getByText("Success")).toBeVisible();
    const history = page.getByRole("table", { name: "History" });
    await expect(history.getByRole("row", { name: /set-temp 75/ })).toBeVisible();
    await anna.look("commands");
    await anna.choose("Status", "Failed");
    await anna.sees("Nothing matches");
    await page.getByRole("tab", { name: "Overview" }).click();
    const row = page.getByRole("table", { name: "State" }).getByRole("row", { name: /targetTemperature/ });
    await expect(row).toContainText("In step");
    await expect(row).toContainText("75");
  });

  await test.step("sees its events, and one of them in detail", async () => {
    await page.getByRole("tab", { name: "Events" }).click();
    const events = page.getByRole("table", { name: "Events of this device" });
    await expect(events.getByText("connected", { exact: true }).first()).toBeVisible();
    await anna.look("device-events");
    await events.getByRole("link", { name: "connected" }).first().click();
    await expect(anna.heading("connected")).toBeVisible();
    await anna.look("event");
  });

  await test.step("finds it in the list", async () => {
    await anna.go("Devices");
    await expect(page.getByRole("row", { name: /Hall/ })).toContainText("Connected");
    await anna.look("devices");
    await page.getByPlaceholder("Name, serial number or model").fill("attic");
    await anna.sees("Nothing matches");
    await page.getByPlaceholder("Name, serial number or model").fill("hall therm");
    await expect(page.getByRole("row", { name: /Hall/ })).toBeVisible();
  });

  await test.step("lets go of it, after a question", async () => {
    await page.getByRole("link", { name: "Hall" }).click();
    await anna.button("Delete").click();
    const question = page.getByRole("dialog", { name: "Delete device" });
    await expect(question).toContainText(hall.serial);
    await anna.look("delete");
    await question.getByRole("button", { name: "Cancel" }).click();
    await anna.button("Delete").click();
    await question.getByRole("button", { name: "Delete" }).click();
    await anna.sees("1 device deleted.");
    await anna.sees("No devices");
  });
  anna.expectNoProblems();
});

test("alerts come at once, to their owner only, and are acknowledged, suppressed and taken back", async ({
  browser,
}) => {
  const anna = await Person.arrive(browser, "anna");
  const bert = await Person.arrive(browser, "bert");
  const { page } = anna;
  const door = await make("lock-1");

  await anna.signUp();
  await anna.signIn();
  await bert.signUp();
  await bert.signIn();
  await page.goto("/register");
  await register(anna, door, "Front door");
  await expect(anna.heading("Connect Front door")).toBeVisible();

  await test.step("an event is a toast within a second", async () => {
    // Let in once, so that what is measured is not the first connection.
    await door.publish("info");
    await anna.sees("Front door is connected.", 60_000);
    await page.goto("/");
    await expect(
      page
        .getByRole("table")
        .or(page.getByText("Register your first device"))
        .or(page.getByRole("heading", { name: /Devices by state/ })),
    ).toBeVisible();
    const sent = sentTimes(page);
    await page.reload();
    await expect(anna.heading("Overview")).toBeVisible();
    await expect.poll(() => sent.isOpen()).toBe(true);
    await door.publish("error");
    const toast = page.getByText("Error: Front door").filter({ visible: true }).first();
    await toast.waitFor();
    const seen = Date.now();
    const took = seen - (sent.last() ?? Number.NaN);
    anna.measured(`event to toast: ${took} ms`);
    expect(took).toBeLessThan(1000 * environment.patience);
    await anna.look("toast");
  });

  await test.step("the owner sees how many are unread; nobody else does", async () => {
    await door.publish("warning");
    await anna.sees("Warning: Front door");
    await expect(
      page.getByRole("link", { name: "Alerts: 2 unread" }).or(anna.button("Alerts: 2 unread")).first(),
    ).toBeVisible();
    await bert.page.reload();
    await bert.sees("Register your first device");
    await bert.sees("No unread alerts");
    await bert.go("Events");
    await bert.sees("No events yet");
    await bert.refused(async () => {
      await bert.page.goto(`/devices/${door.serial}`);
      await bert.sees("You have no such device.");
    });
    await bert.look("not-mine");
    await bert.refused(async () => {
      await bert.page.goto("/register");
      await register(bert, door, "Mine");
      await bert.sees(/This device is registered already/);
    });
  });

  const alerts = page.getByRole("table", { name: "Unread alerts" });
  const rows = alerts.getByRole("row").filter({ has: page.getByRole("checkbox") });

  await test.step("opening one does not acknowledge it", async () => {
    await anna.sees("Warning: Front door");
    await anna.button("View").first().click();
    await expect(anna.button("Acknowledge")).toBeVisible();
    await anna.look("alert");
    await anna.go("Alerts");
    await expect(alerts.getByRole("link", { name: "Front door" })).toHaveCount(2);
    await anna.look("alerts");
  });

  await test.step("acknowledges one, and takes that back", async () => {
    await anna.choose("Type", "Error");
    await expect(alerts.getByRole("link", { name: "Front door" })).toHaveCount(1);
    await alerts.getByRole("checkbox", { name: /^Select jammed/ }).check();
    await anna.button("Acknowledge").click();
    await anna.sees("1 alert acknowledged.");
    await anna.sees("Nothing matches");
    await anna.button("Undo").click();
    await anna.sees("1 alert unread again.");
    await expect(alerts.getByRole("link", { name: "Front door" })).toHaveCount(1);
    await anna.choose("Type", "Any type");
  });

  await test.step("suppresses all that are shown", async () => {
    await expect(rows).not.toHaveCount(0);
    await alerts.getByRole("checkbox", { name: "Select all alerts that are shown" }).check();
    await anna.button("Suppress").click();
    await anna.sees("2 alerts suppressed.");
    await anna.sees("No unread alerts");
  });

  await test.step("all events are in the list of events", async () => {
    await anna.go("Events");
    const events = page.getByRole("table", { name: "Events" });
    await expect(events.getByText("Suppressed")).toHaveCount(2);
    await anna.choose("Type", "Diagnostic");
    await anna.sees("Nothing matches");
    await anna.choose("Type", "Any type");
    await anna.look("events");
    await anna.go("Overview");
    await expect(page.getByRole("application", { name: "Events by type over time" })).toBeVisible();
    await anna.look("overview");
  });

  await test.step("commands of any model are forms", async () => {
    await page.goto(`/devices/${door.serial}/commands`);
    await expect(page.getByRole("form", { name: "identify" })).toBeVisible();
    await anna.sees("The device is not connected.");
    await anna.look("commands-lock");
  });
  anna.expectNoProblems();
  bert.expectNoProblems();
});

test("an account: settings, a second step, a forgotten password, and a session that ends", async ({ browser }) => {
  const anna = await Person.arrive(browser, "anna");
  const { page } = anna;
  await anna.signUp();
  await anna.signIn();

  await test.step("by keyboard alone", async () => {
    await anna.heading("Overview").waitFor();
    await page.reload();
    await anna.heading("Overview").waitFor();
    await page.keyboard.press("Tab");
    await expect(page.getByRole("link", { name: "Skip to content" })).toBeFocused();
    await page.keyboard.press("Enter");
    await expect(page.locator("#content")).toBeFocused();
    await page.keyboard.press("Tab");
    await expect(page.getByRole("link", { name: "Register device" })).toBeFocused();
    await page.keyboard.press("Enter");
    await expect(anna.heading("Register device")).toBeVisible();
    await expect(anna.field("Serial number")).toBeFocused();
    await page.keyboard.press("Enter");
    await anna.sees("Enter the serial number, as on the label.");
  });

  await test.step("settings", async () => {
    await anna.go("Settings");
    const level = page.getByRole("form", { name: "Alert level" });
    await expect(level.getByRole("checkbox", { name: "Warning" })).toBeEnabled();
    await level.getByRole("checkbox", { name: "Info" }).check();
    await level.getByRole("button", { name: "Save changes" }).click();
    await anna.sees("Saved.");
    await page.reload();
    await expect(level.getByRole("checkbox", { name: "Info" })).toBeChecked();
    await expect(page.getByRole("checkbox", { name: "Send me text messages" })).toBeDisabled();
    await anna.field("Phone number").fill("12345");
    await anna.button("Save number").click();
    await anna.sees("Enter + and the country code");
    const profile = page.getByRole("form", { name: "Profile" });
    await profile.getByLabel("Name").fill("Anna");
    await profile.getByRole("button", { name: "Save changes" }).click();
    await expect(profile.getByRole("button", { name: "Save changes" })).toBeDisabled();
    await anna.look("settings");
  });

  await test.step("a verified phone number", async () => {
    // The emulator has not these two operations of Cognito: what they do is done here.
    await page.route("**/*", async (route) => {
      const operation = route.request().headers()["x-amz-target"]?.split(".").at(-1);
      const isMissing = operation === "GetUserAttributeVerificationCode" || operation === "VerifyUserAttribute";
      if (!isMissing) return route.fallback();
      if (operation === "VerifyUserAttribute") await verifyPhone(anna.email);
      return route.fulfill({ json: {}, headers: { "Access-Control-Allow-Origin": "*" } });
    });
    await anna.field("Phone number").fill("+1 (206) 555-0100");
    await anna.button("Save number").click();
    await anna.sees("+12065550100");
    await anna.sees("Not verified");
    await anna.button("Send a code").click();
    await anna.sees("A code is on its way to your phone.");
    await anna.field("Code").fill(environment.code);
    await anna.button("Verify").click();
    await anna.sees("Verified");
    await page.getByRole("checkbox", { name: "Send me text messages" }).check();
    await expect(page.getByRole("checkbox", { name: "Send me text messages" })).toBeEnabled();
    await page.reload();
    await expect(page.getByRole("checkbox", { name: "Send me text messages" })).toBeChecked();
    await page.unrouteAll();
  });

  await test.step("dark mode", async () => {
    await page.getByRole("radio", { name: "Dark" }).check();
    await anna.look("settings-dark");
    await anna.go("Overview");
    await anna.sees("Register your first device");
    await anna.look("overview-dark");
    await anna.go("Settings");
    await page.getByRole("radio", { name: "Light" }).check();
  });

  await test.step("another password", async () => {
    const form = page.getByRole("form", { name: "Change password" });
    await form.getByLabel("Current password").fill(anna.password);
    anna.password = "Another-horse-8battery";
    await form.getByLabel("New password").fill(anna.password);
    await form.getByRole("button", { name: "Change password" }).click();
    await anna.sees("Your password is changed.");
  });

  let secret = "";
  await test.step("a second step at sign-in", async () => {
    await anna.button("Set up").click();
    const form = page.getByRole("form", { name: "Authenticator app" });
    await expect(form.getByRole("img", { name: /QR code/ })).toBeVisible();
    secret = (await form.getByText(/^[A-Z2-7]{32}$/).textContent()) ?? "";
    await anna.look("settings-totp");
    await form.getByLabel("Code of the app").fill(totp(secret));
    await form.getByRole("button", { name: "Switch on" }).click();
    await anna.sees("From now on, signing in needs a code of your app.");
    await anna.signOut();
    await anna.enterPassword();
    await expect(anna.heading("Enter the code of your authenticator app")).toBeVisible();
    await anna.look("sign-in-totp");
    await anna.field("Code").fill(totp(secret));
    await anna.button("Sign in").click();
    await expect(anna.heading("Overview")).toBeVisible();
    await anna.go("Settings");
    await anna.button("Switch off").click();
    await anna.sees("Signing in needs no code any more.");
  });

  await test.step("a session that ends leads back to where the user was", async () => {
    await page.goto("/events?from=here");
    await expect(anna.heading("Events")).toBeVisible();
    await anna.sees("No events yet");
    // As when the refresh token has ended, or the user has been signed out elsewhere.
    await page.evaluate(() => localStorage.clear());
    await anna.button("Refresh").click();
    await anna.sees("Your session has ended. Sign in to go on where you were.");
    await anna.look("session-ended");
    await anna.signIn();
    await expect(page).toHaveURL(/\/events\?from=here$/);
    await expect(anna.heading("Events")).toBeVisible();
  });

  await test.step("a forgotten password", async () => {
    await anna.signOut();
    await page.getByRole("link", { name: "Forgotten your password?" }).click();
    await expect(anna.heading("Set a new password")).toBeVisible();
    await anna.field("E-mail address").fill(anna.email);
    await anna.button("Send the code").click();
    await anna.field("Code").fill(environment.resetCode);
    anna.password = "Third-horse-9battery";
    await anna.field("New password").fill(anna.password);
    await anna.look("forgot-password");
    await anna.button("Set the new password").click();
    await anna.sees("Your new password is set. Sign in with it.");
    await anna.signIn();
    await expect(anna.heading("Overview")).toBeVisible();
  });

  await test.step("a banner while there is no network", async () => {
    await anna.tolerating(/ERR_INTERNET_DISCONNECTED|WebSocket/, async () => {
      await anna.context.setOffline(true);
      await anna.sees("You are offline");
      await anna.look("offline");
      await anna.context.setOffline(false);
      await expect(page.getByText("You are offline")).toBeHidden();
    });
  });

  await test.step("an address that is none", async () => {
    await page.goto("/nowhere/at/all");
    await expect(anna.heading("Page not found")).toBeVisible();
    await anna.look("not-found");
    await page.goto("/solution");
    await anna.sees("Only administrators may see this page");
  });

  await test.step("an administrator keeps the settings of the solution", async () => {
    await makeAdministrator(anna.email);
    await anna.signOut();
    await anna.signIn();
    await anna.go("Solution settings");
    await anna.refused(async () => {
      await anna.field("Setting ID").fill(`e2e-${crypto.randomUUID().slice(0, 8)}`);
      await anna.button("Read").click();
      await anna.sees("There is no such setting yet.");
    });
    await anna.field("Setting").fill('{"colour": "blue"}');
    await anna.button("Save changes").click();
    await anna.sees(/ is stored\.$/);
    await anna.look("solution");
  });
  anna.expectNoProblems();
});

/** When the device says that it has sent the alerts that come by the page's WebSocket. */
function sentTimes(page: import("@playwright/test").Page) {
  let last: number | undefined;
  let frames = 0;
  page.on("websocket", (socket) =>
    socket.on("framereceived", ({ payload }) => {
      frames += 1;
      const sentAt = /"sentAt":"([^"]+)"/.exec(payload.toString())?.[1];
      if (sentAt) last = Date.parse(sentAt);
    }),
  );
  // CONNACK, then SUBACK: the page listens.
  return { last: () => last, isOpen: () => frames >= 2 };
}
