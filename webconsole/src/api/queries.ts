/** Server state: what is read, under which key it is kept, and how it is read again. */
import { type QueryClient, useInfiniteQuery, useQueries, useQuery } from "@tanstack/react-query";
import { useEffect } from "react";

import { useApi } from "./context";
import type { Api } from "./client";
import { unwrap, unwrapWithResponse } from "./client";
import { nextKeyOfLink, type Page, shouldReadOn } from "./paging";
import { type Range, since } from "../telemetry/history";
import type { CommandStatus, Device, EventType } from "./types";

export interface EventFilter {
  deviceId?: string;
  eventType?: EventType;
}

/** Keys begin with what they are of, so that one prefix names all filters of a list. */
export const keys = {
  devices: () => ["devices"] as const,
  device: (deviceId: string) => ["device", deviceId] as const,
  status: (deviceId: string) => ["status", deviceId] as const,
  history: (deviceId: string, range: Range) => ["history", deviceId, range] as const,
  thresholds: (deviceId: string) => ["thresholds", deviceId] as const,
  commands: (deviceId: string, status?: CommandStatus) => ["commands", deviceId, ...(status ? [status] : [])] as const,
  command: (deviceId: string, commandId: string) => ["command", deviceId, commandId] as const,
  allEvents: () => ["events"] as const,
  events: (filter: EventFilter) => ["events", "of", filter] as const,
  deviceEvents: (filter: EventFilter) => ["events", "since", filter] as const,
  event: (deviceId: string, eventId: string) => ["event", deviceId, eventId] as const,
  recentEvents: () => ["events", "recent"] as const,
  connections: (deviceId: string) => ["events", "connections", deviceId] as const,
  allAlerts: () => ["alerts"] as const,
  alerts: (deviceId?: string) => ["alerts", { deviceId }] as const,
  alertsCount: () => ["alertsCount"] as const,
  setting: (settingId: string) => ["setting", settingId] as const,
};

/** Reads everything again that is on the screen, and the rest when it comes there. */
export function refetchAll(queries: QueryClient) {
  void queries.invalidateQueries();
}

const firstPage = undefined as string | undefined;

/** All devices: page after page by the `Link` header, shown as they come. */
export function useDevices() {
  const api = useApi();
  const query = useInfiniteQuery({
    queryKey: keys.devices(),
    initialPageParam: firstPage,
    queryFn: async ({ pageParam, signal }) => {
      const { data, response } = await unwrapWithResponse(
        api.GET("/devices", { params: { query: { limit: 100, lastevalkey: pageParam } }, signal }),
      );
      return { items: data, next: nextKeyOfLink(response.headers.get("Link")) };
    },
    getNextPageParam: (page) => page.next,
  });
  const { data, hasNextPage, isFetching, isError, fetchNextPage } = query;
  useEffect(() => {
    if (hasNextPage && !isFetching && !isError) void fetchNextPage();
    // `data` too: a page that comes at once is never seen being fetched.
  }, [data, hasNextPage, isFetching, isError, fetchNextPage]);
  const devices: Device[] | undefined = query.data?.pages.flatMap((page) => page.items);
  return { ...query, devices, isComplete: query.isSuccess && !hasNextPage };
}

export function useDevice(deviceId: string) {
  const api = useApi();
  return useQuery({
    queryKey: keys.device(deviceId),
    queryFn: ({ signal }) => unwrap(api.GET("/devices/{deviceId}", { params: { path: { deviceId } }, signal })),
  });
}

function statusQuery(api: Api, deviceId: string) {
  return {
    queryKey: keys.status(deviceId),
    queryFn: ({ signal }: { signal: AbortSignal }) =>
      unwrap(api.GET("/devices/{deviceId}/status", { params: { path: { deviceId } }, signal })),
  };
}

export function useStatus(deviceId: string) {
  return useQuery(statusQuery(useApi(), deviceId));
}

/** Files of telemetry are written every few minutes; until then the answer is the same. */
const HISTORY_FRESH_MS = 5 * 60_000;

export function useHistory(deviceId: string, range: Range) {
  const api = useApi();
  return useQuery({
    queryKey: keys.history(deviceId, range),
    staleTime: HISTORY_FRESH_MS,
    queryFn: ({ signal }) => {
      const query = { from: since(range, Date.now()) };
      return unwrap(api.GET("/devices/{deviceId}/telemetry", { params: { path: { deviceId }, query }, signal }));
    },
  });
}

/** The thresholds of a device, as they hold now. */
export function useThresholds(deviceId: string) {
  const api = useApi();
  return useQuery({
    queryKey: keys.thresholds(deviceId),
    queryFn: async ({ signal }) => {
      const params = { path: { deviceId } };
      return (await unwrap(api.GET("/devices/{deviceId}/thresholds", { params, signal }))).thresholds;
    },
  });
}

/** The status of a few devices: of those that a page of a table shows. */
export function useStatuses(deviceIds: string[]) {
  const api = useApi();
  return useQueries({ queries: deviceIds.map((deviceId) => ({ ...statusQuery(api, deviceId), staleTime: 60_000 })) });
}

export function useCommands(deviceId: string, commandStatus?: CommandStatus) {
  const api = useApi();
  return useReadOn(
    useInfiniteQuery({
      queryKey: keys.commands(deviceId, commandStatus),
      initialPageParam: firstPage,
      queryFn: ({ pageParam, signal }) =>
        unwrap(
          api.GET("/devices/{deviceId}/commands", {
            params: { path: { deviceId }, query: { commandStatus, lastevalkey: pageParam } },
            signal,
          }),
        ),
      getNextPageParam: (page) => page.LastEvaluatedKey,
    }),
  );
}

/** Events of a device since it is the caller's, newest first. */
export function useDeviceEvents(deviceId: string, eventType?: EventType) {
  const api = useApi();
  return useReadOn(
    useInfiniteQuery({
      queryKey: keys.deviceEvents({ deviceId, eventType }),
      initialPageParam: firstPage,
      queryFn: ({ pageParam, signal }) =>
        unwrap(
          api.GET("/devices/{deviceId}/events", {
            params: { path: { deviceId }, query: { eventType, lastevalkey: pageParam } },
            signal,
          }),
        ),
      getNextPageParam: (page) => page.LastEvaluatedKey,
    }),
  );
}

/** Events of all devices that the caller has or had, or of one of them, newest first. */
export function useEvents(filter: EventFilter) {
  const api = useApi();
  return useReadOn(
    useInfiniteQuery({
      queryKey: keys.events(filter),
      initialPageParam: firstPage,
      queryFn: ({ pageParam, signal }) =>
        unwrap(api.GET("/devices/events", { params: { query: { ...filter, lastevalkey: pageParam } }, signal })),
      getNextPageParam: (page) => page.LastEvaluatedKey,
    }),
  );
}

/** Requests that the overview makes for its picture of the last events. */
const RECENT_PAGES = 5;

/** The newest events of all devices back to `since`, up to five hundred; `isCut` where there are more. */
export function useRecentEvents(since: number) {
  const api = useApi();
  return useQuery({
    queryKey: keys.recentEvents(),
    queryFn: async ({ signal }) => {
      const items = [];
      let lastevalkey: string | undefined;
      for (let page = 0; page < RECENT_PAGES; page += 1) {
        const query = { limit: 100, lastevalkey };
        const answer = await unwrap(api.GET("/devices/events", { params: { query }, signal }));
        items.push(...answer.items);
        lastevalkey = answer.LastEvaluatedKey;
        const oldest = items.at(-1);
        if (lastevalkey === undefined || (oldest && Date.parse(oldest.createdAt) < since))
          return { items, isCut: false };
      }
      return { items, isCut: true };
    },
  });
}

/** The newest `info` events of a device; connections and their ends are among them. */
export function useConnectionEvents(deviceId: string) {
  const api = useApi();
  return useQuery({
    queryKey: keys.connections(deviceId),
    queryFn: ({ signal }) =>
      unwrap(
        api.GET("/devices/{deviceId}/events", {
          params: { path: { deviceId }, query: { eventType: "info", limit: 50 } },
          signal,
        }),
      ),
  });
}

export function useEvent(deviceId: string, eventId: string) {
  const api = useApi();
  return useQuery({
    queryKey: keys.event(deviceId, eventId),
    queryFn: ({ signal }) =>
      unwrap(api.GET("/devices/{deviceId}/events/{eventId}", { params: { path: { deviceId, eventId } }, signal })),
  });
}

export function useAlerts(deviceId?: string) {
  const api = useApi();
  return useReadOn(
    useInfiniteQuery({
      queryKey: keys.alerts(deviceId),
      initialPageParam: firstPage,
      queryFn: ({ pageParam, signal }) =>
        unwrap(
          api.GET("/devices/alerts", { params: { query: { deviceId, limit: 50, lastevalkey: pageParam } }, signal }),
        ),
      getNextPageParam: (page) => page.LastEvaluatedKey,
    }),
  );
}

export function useAlertsCount() {
  const api = useApi();
  return useQuery({
    queryKey: keys.alertsCount(),
    queryFn: async ({ signal }) => (await unwrap(api.GET("/devices/alerts/count", { signal }))).alertsCount,
  });
}

export function useSetting(settingId: string, isWanted = true) {
  const api = useApi();
  return useQuery({
    enabled: isWanted,
    queryKey: keys.setting(settingId),
    queryFn: ({ signal }) =>
      unwrap(api.GET("/settings/config/{settingId}", { params: { path: { settingId } }, signal })),
  });
}

interface Readable {
  data: { pages: Page<unknown>[] } | undefined;
  isFetching: boolean;
  isError: boolean;
  fetchNextPage: () => unknown;
}

/** Goes on over empty pages, within bounds. */
function useReadOn<Q extends Readable>(query: Q): Q {
  const { data, isFetching, isError, fetchNextPage } = query;
  const readOn = shouldReadOn(data) && !isFetching && !isError;
  useEffect(() => {
    if (readOn) fetchNextPage();
  }, [data, readOn, fetchNextPage]);
  return query;
}
