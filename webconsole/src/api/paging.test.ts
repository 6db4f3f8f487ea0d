import { describe, expect, it } from "vitest";

import {
  itemsOf,
  nextKeyOfLink,
  type Page,
  type Pages,
  shouldReadOn,
  withFirst,
  without,
  withReplaced,
} from "./paging";

interface Row {
  id: string;
  text?: string;
}

const idOf = (row: Row) => row.id;
const page = (ids: string[], key?: string): Page<Row> => ({
  items: ids.map((id) => ({ id })),
  count: ids.length,
  LastEvaluatedKey: key,
});
const list = (...pages: Page<Row>[]): Pages<Row> => ({ pages, pageParams: pages.map(() => undefined) });
const ids = (pages: Pages<Row>) => itemsOf<Row>(pages).map(idOf);

describe("the Link header", () => {
  it.each([
    ['<?limit=100&lastevalkey=Zb4nT0p1>; rel="next"', "Zb4nT0p1"],
    ["<?lastevalkey=a-b_c>; rel=next", "a-b_c"],
    ['<?limit=100>; rel="next"', undefined],
    ['<?lastevalkey=x>; rel="prev"', undefined],
    ["", undefined],
    [null, undefined],
  ])("%s: %s", (header, key) => {
    expect(nextKeyOfLink(header)).toBe(key);
  });
});

describe("reading on", () => {
  it.each([
    ["nothing was read", undefined, false],
    ["the first page has rows", list(page(["a"], "k")), false],
    ["the first page is empty and not the last", list(page([], "k")), true],
    ["the last page is empty", list(page([])), false],
    ["rows came at last", list(page([], "k"), page(["a"], "l")), false],
    ["so much was empty that a person should ask", list(...Array.from({ length: 5 }, () => page([], "k"))), false],
  ])("%s: %s", (_, data, expected) => {
    expect(shouldReadOn(data)).toBe(expected);
  });
});

describe("a list that changes", () => {
  const two = list(page(["a", "b"], "k"), page(["c"]));

  it("gets a new row at its top, once", () => {
    const changed = withFirst(two, { id: "n" }, idOf);
    expect(ids(changed)).toEqual(["n", "a", "b", "c"]);
    expect(changed.pages[0]?.count).toBe(3);
    expect(withFirst(changed, { id: "c" }, idOf)).toBe(changed);
  });

  it("exchanges a row where it stands", () => {
    expect(itemsOf<Row>(withReplaced(two, { id: "c", text: "new" }, idOf))[2]).toEqual({ id: "c", text: "new" });
    expect(ids(withReplaced(two, { id: "z" }, idOf))).toEqual(["a", "b", "c"]);
  });

  it("loses rows", () => {
    const changed = without(two, new Set(["a", "c"]), idOf);
    expect(ids(changed)).toEqual(["b"]);
    expect(changed.pages.map((it) => it.count)).toEqual([1, 0]);
  });
});
