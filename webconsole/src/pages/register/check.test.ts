import { describe, expect, it } from "vitest";

import { ApiError } from "../../api/error";
import { checkRegistration, placeError, trimmed } from "./check";

const GOOD = { deviceId: "SP-0001", deviceName: "Hall", modelNumber: "thermostat-1" };

describe("what was entered", () => {
  it.each([
    [{}, []],
    [{ deviceId: "" }, ["deviceId"]],
    [{ deviceId: "with space" }, ["deviceId"]],
    [{ deviceName: "a\u0007" }, ["deviceName"]],
    [{ deviceName: "Ünï 🔒" }, []],
    [{ deviceId: "", deviceName: "", modelNumber: "" }, ["deviceId", "deviceName", "modelNumber"]],
  ])("%o has problems in %o", (change, fields) => {
    expect(Object.keys(checkRegistration({ ...GOOD, ...change }))).toEqual(fields);
  });

  it("loses the spaces around it", () => {
    expect(trimmed({ deviceId: " SP-0001 ", deviceName: " My hall ", modelNumber: "thermostat-1\n" })).toEqual({
      ...GOOD,
      deviceName: "My hall",
    });
  });
});

describe("the API's error", () => {
  it.each([
    [new ApiError(409, "DeviceRegisteredFailure", "taken"), "deviceId", /registered already/],
    [new ApiError(400, "DeviceNotFoundFailure", "none"), "deviceId", /No product has this serial number/],
    [
      new ApiError(400, "InvalidParameter", "`modelNumber` must be short"),
      "modelNumber",
      /^ModelNumber must be short\.$/,
    ],
  ])("%s stands beside %s", (error, field, text) => {
    const { fields, form } = placeError(error);
    expect(fields).toHaveProperty(field, expect.stringMatching(text));
    expect(form).toBeUndefined();
  });

  it.each([new ApiError(503, "", ""), new ApiError(0, "NotReached", ""), new Error("ours")])(
    "%s belongs to the whole form",
    (error) => {
      const { fields, form } = placeError(error);
      expect(fields).toEqual({});
      expect(form?.title).not.toBe("");
    },
  );
});
