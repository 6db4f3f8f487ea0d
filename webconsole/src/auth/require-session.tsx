import { type ReactNode } from "react";
import { Navigate, useLocation } from "react-router";

import { paths } from "../paths";
import { useSessionState } from "./provider";

/** Shows its children to who is signed in, and leads everybody else to the sign-in and back again. */
export function RequireSession({ waiting, children }: { waiting: ReactNode; children: ReactNode }) {
  const { state } = useSessionState();
  const { pathname, search } = useLocation();
  switch (state.kind) {
    case "loading":
      return waiting;
    case "signedIn":
      return children;
    case "signedOut":
      return <Navigate replace to={state.why === "left" ? paths.signIn() : paths.signIn(pathname + search)} />;
  }
}
