import { describe, expect, it } from "vitest";

import { threshold } from "../test/samples";
import { type Entered, entered, problems, update } from "./limits";

const entry = (change: Partial<Entered> = {}): Entered => ({
  above: "35000",
  below: "33000",
  minutes: "15",
  ...change,
});

describe("the limits of a threshold", () => {
  it("are shown as people write them", () => {
    expect(entered(threshold())).toEqual(entry());
    expect(entered(threshold({ seconds: 90 })).minutes).toBe("1.5");
  });

  it.each([
    [entry(), {}],
    [entry({ above: "35000", below: "35000" }), {}],
    [entry({ minutes: "0" }), {}],
    [entry({ above: "" }), { above: "Enter a number." }],
    [entry({ below: "low" }), { below: "Enter a number." }],
    [entry({ below: "36000" }), { below: "Enter a number that is not over the upper limit." }],
    [entry({ minutes: "1441" }), { minutes: "Enter minutes from 0 to 1440." }],
    [entry({ minutes: "-1" }), { minutes: "Enter minutes from 0 to 1440." }],
  ])("%j has the problems %j", (it, expected) => expect(problems(it)).toEqual(expected));

  it("are sent where they have changed, and are the model's again where they are as it says", () => {
    expect(update(entry(), threshold())).toEqual({});
    expect(update(entry({ above: "40000", minutes: "1" }), threshold())).toEqual({ above: 40000, seconds: 60 });
    const own = threshold({ above: 40000, below: 38000 });
    expect(update(entry({ above: "40000" }), own)).toEqual({ below: null });
  });
});
