/** Lists that come in pages, as TanStack Query keeps them: reading on, and changing what was read. */
import type { InfiniteData } from "@tanstack/react-query";

/** What a page of events, alerts or commands has in common. */
export interface Page<T> {
  items: T[];
  count: number;
  LastEvaluatedKey?: string;
}

export type Pages<T, P extends Page<T> = Page<T>> = InfiniteData<P, string | undefined>;

/** The key in a `Link` header: `<?limit=100&lastevalkey=…>; rel="next"`. */
export function nextKeyOfLink(header: string | null): string | undefined {
  const target = /<([^>]*)>\s*;\s*rel="?next"?/.exec(header ?? "")?.[1];
  if (target === undefined) return undefined;
  return new URLSearchParams(target.slice(target.indexOf("?") + 1)).get("lastevalkey") ?? undefined;
}

export function itemsOf<T>(data: { pages: Page<T>[] } | undefined): T[] {
  return data?.pages.flatMap((page) => page.items) ?? [];
}

/** Requests that one look at a filtered list may make before it shows what it has. */
const MAX_EMPTY_PAGES = 5;

/**
 * Whether to read on without being asked. A page of a rare type may be empty and have a next one all the
 * same; the reader should see a first row, but a long history must not be walked on its own.
 */
export function shouldReadOn(data: { pages: Page<unknown>[] } | undefined): boolean {
  if (!data) return false;
  const last = data.pages.at(-1);
  const isEmpty = data.pages.every((page) => page.items.length === 0);
  return isEmpty && last?.LastEvaluatedKey !== undefined && data.pages.length < MAX_EMPTY_PAGES;
}

/** The list with `item` at its top, unless it is there already. */
export function withFirst<T, P extends Page<T>>(data: Pages<T, P>, item: T, idOf: (item: T) => string): Pages<T, P> {
  const [first, ...rest] = data.pages;
  if (!first || itemsOf<T>(data).some((it) => idOf(it) === idOf(item))) return data;
  return { ...data, pages: [{ ...first, count: first.count + 1, items: [item, ...first.items] }, ...rest] };
}

/** The list with a newer state of `item`, where it is in it. */
export function withReplaced<T, P extends Page<T>>(data: Pages<T, P>, item: T, idOf: (item: T) => string): Pages<T, P> {
  const id = idOf(item);
  const replace = (page: P): P => ({ ...page, items: page.items.map((it) => (idOf(it) === id ? item : it)) });
  return { ...data, pages: data.pages.map(replace) };
}

/** The list without the items of these ids. */
export function without<T, P extends Page<T>>(
  data: Pages<T, P>,
  ids: ReadonlySet<string>,
  idOf: (item: T) => string,
): Pages<T, P> {
  const strip = (page: P): P => {
    const items = page.items.filter((it) => !ids.has(idOf(it)));
    return { ...page, items, count: items.length };
  };
  return { ...data, pages: data.pages.map(strip) };
}
