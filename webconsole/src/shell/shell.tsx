/** What stands around every page of a signed-in user. */
import AppLayout from "@cloudscape-design/components/app-layout-toolbar";
import { Suspense, useRef, useState } from "react";
import { Outlet, useNavigate } from "react-router";

import { alertToastId } from "../alerts/actions";
import type { DeviceEvent, EventType } from "../api/types";
import { LiveProvider } from "../live/provider";
import { paths } from "../paths";
import { texts } from "../texts";
import { ToastBar, type Toast, useToasts } from "../ui/toasts";
import { useBanners } from "./banners";
import { Boundary } from "./boundary";
import { Navigation } from "./navigation";
import { PageLoading } from "./page-loading";
import { TopBar } from "./top-bar";

const t = texts.shell;

export function Shell({ telemetryTopic }: { telemetryTopic: string }) {
  const navigate = useNavigate();
  const toasts = useToasts();
  const tell = (alert: DeviceEvent) =>
    toasts.add(alertToast(alert, () => void navigate(paths.event(alert.deviceId, alert.id))));
  return (
    <LiveProvider telemetryTopic={telemetryTopic} onAlert={tell}>
      <Layout />
    </LiveProvider>
  );
}

function Layout() {
  const banners = useBanners();
  const content = useRef<HTMLDivElement>(null);
  const [isOpen, setIsOpen] = useState(() => window.innerWidth > 768);
  return (
    <>
      <a
        className="skip-link"
        href="#content"
        onClick={(event) => {
          event.preventDefault();
          content.current?.focus();
        }}
      >
        {t.skip}
      </a>
      <div id="top">
        <TopBar />
      </div>
      <AppLayout
        headerSelector="#top"
        navigation={<Navigation />}
        navigationOpen={isOpen}
        onNavigationChange={({ detail }) => setIsOpen(detail.open)}
        toolsHide
        stickyNotifications
        notifications={<ToastBar first={banners} />}
        ariaLabels={{
          navigation: t.navigation,
          navigationClose: t.closeNavigation,
          navigationToggle: t.openNavigation,
          notifications: t.notifications,
        }}
        content={
          <div ref={content} tabIndex={-1} id="content">
            <Boundary>
              <Suspense fallback={<PageLoading />}>
                <Outlet />
              </Suspense>
            </Boundary>
          </div>
        }
      />
    </>
  );
}

const TOAST_TYPES: Record<EventType, Toast["type"]> = {
  error: "error",
  warning: "warning",
  info: "info",
  diagnostic: "info",
};
/** An error stays until somebody has seen it; everything is in the list of alerts anyway. */
const TOAST_SECONDS = 30;

export function alertToast(alert: DeviceEvent, view: () => void): Toast {
  return {
    id: alertToastId(alert.id),
    type: TOAST_TYPES[alert.type],
    header: texts.alerts.toast(alert.deviceName, texts.common.eventTypes[alert.type]),
    text: alert.message || texts.events.noMessage,
    seconds: alert.type === "error" ? undefined : TOAST_SECONDS,
    action: { label: texts.alerts.view, onClick: view },
  };
}
