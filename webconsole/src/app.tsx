/** Wires the console together: providers outside, routes inside. */
import { I18nProvider } from "@cloudscape-design/components/i18n";
import messages from "@cloudscape-design/components/i18n/messages/all.en";
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { lazy, Suspense, useState } from "react";
import { BrowserRouter, Route, Routes } from "react-router";

import { createApi } from "./api/client";
import { ApiProvider } from "./api/context";
import { mayRetry, retryDelay } from "./api/error";
import { SessionEnd, SessionProvider } from "./auth/provider";
import { RequireSession } from "./auth/require-session";
import { idToken } from "./auth/session";
import type { Config } from "./config";
import { routes } from "./paths";
import { PageLoading } from "./shell/page-loading";
import { Shell } from "./shell/shell";
import { Toasts, ToastsProvider } from "./ui/toasts";

const Overview = lazy(() => import("./pages/overview"));
const Devices = lazy(() => import("./pages/devices"));
const Register = lazy(() => import("./pages/register"));
const Registered = lazy(() => import("./pages/register/registered"));
const Device = lazy(() => import("./pages/device"));
const Event = lazy(() => import("./pages/event"));
const Alerts = lazy(() => import("./pages/alerts"));
const Events = lazy(() => import("./pages/events"));
const Settings = lazy(() => import("./pages/settings"));
const Solution = lazy(() => import("./pages/solution"));
const NotFound = lazy(() => import("./pages/not-found"));
const SignIn = lazy(() => import("./pages/account/sign-in"));
const SignUp = lazy(() => import("./pages/account/sign-up"));
const Confirm = lazy(() => import("./pages/account/confirm"));
const ForgotPassword = lazy(() => import("./pages/account/forgot-password"));

/** For so long what was read is shown again without a request; live data keeps it right meanwhile. */
const FRESH_MS = 30_000;

function wire(config: Config) {
  const sessionEnd = new SessionEnd();
  const toasts = new Toasts();
  return {
    sessionEnd,
    api: createApi(config.apiUrl, { idToken, expired: () => sessionEnd.tell() }),
    queries: new QueryClient({ defaultOptions: { queries: { staleTime: FRESH_MS, retry: mayRetry, retryDelay } } }),
    toasts,
    forget: () => toasts.clear(),
  };
}

export function App({ config }: { config: Config }) {
  const [{ sessionEnd, api, queries, toasts, forget }] = useState(() => wire(config));
  return (
    <I18nProvider locale="en" messages={[messages]}>
      <QueryClientProvider client={queries}>
        <ApiProvider value={api}>
          <ToastsProvider value={toasts}>
            <BrowserRouter>
              <SessionProvider end={sessionEnd} onEnd={forget}>
                <Suspense fallback={<PageLoading />}>
                  <Routes>
                    <Route path={routes.signIn} element={<SignIn />} />
                    <Route path={routes.signUp} element={<SignUp />} />
                    <Route path={routes.confirm} element={<Confirm />} />
                    <Route path={routes.forgotPassword} element={<ForgotPassword />} />
                    <Route
                      element={
                        <RequireSession waiting={<PageLoading />}>
                          <Shell telemetryTopic={config.telemetryTopic} />
                        </RequireSession>
                      }
                    >
                      <Route path={routes.overview} element={<Overview />} />
                      <Route path={routes.devices} element={<Devices />} />
                      <Route path={routes.register} element={<Register />} />
                      <Route path={routes.registered} element={<Registered />} />
                      <Route path={routes.event} element={<Event />} />
                      <Route path={routes.device} element={<Device hasHistory={config.hasHistory} />} />
                      <Route path={routes.alerts} element={<Alerts />} />
                      <Route path={routes.events} element={<Events />} />
                      <Route path={routes.settings} element={<Settings />} />
                      <Route path={routes.solution} element={<Solution />} />
                      <Route path="*" element={<NotFound />} />
                    </Route>
                  </Routes>
                </Suspense>
              </SessionProvider>
            </BrowserRouter>
          </ToastsProvider>
        </ApiProvider>
      </QueryClientProvider>
    </I18nProvider>
  );
}
