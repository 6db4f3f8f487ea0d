/** Who is signed in, for the whole tree. */
import { useQueryClient } from "@tanstack/react-query";
import { signOut as amplifySignOut } from "aws-amplify/auth";
import { createContext, type ReactNode, useCallback, useContext, useEffect, useMemo, useState } from "react";

import { readSession, type Session } from "./session";

export type SessionState =
  | { kind: "loading" }
  | { kind: "signedIn"; session: Session }
  /** `left`: the user has signed out; `expired`: the session has ended by itself. */
  | { kind: "signedOut"; why: "none" | "left" | "expired" };

interface SessionContext {
  state: SessionState;
  /** Looks again, after a sign-in. */
  refresh: () => Promise<void>;
  signOut: () => Promise<void>;
}

const Context = createContext<SessionContext | undefined>(undefined);

/** Where the API's client says that the session has ended; it lives outside of the tree. */
export class SessionEnd {
  #listener: () => void = () => undefined;
  listen(listener: () => void) {
    this.#listener = listener;
    return () => {
      this.#listener = () => undefined;
    };
  }
  tell() {
    this.#listener();
  }
}

interface SessionProviderProps {
  end: SessionEnd;
  /** What else must be forgotten when a session is over. */
  onEnd: () => void;
  children: ReactNode;
}

export function SessionProvider({ end, onEnd, children }: SessionProviderProps) {
  const [state, setState] = useState<SessionState>({ kind: "loading" });
  const queries = useQueryClient();

  const close = useCallback(
    (why: "left" | "expired") => {
      setState({ kind: "signedOut", why });
      // Nothing of one user is left for the next one.
      queries.clear();
      onEnd();
    },
    [queries, onEnd],
  );

  useEffect(() => end.listen(() => close("expired")), [end, close]);

  const context = useMemo<SessionContext>(
    () => ({
      state,
      refresh: async () => {
        const session = await readSession().catch(() => undefined);
        setState(session ? { kind: "signedIn", session } : { kind: "signedOut", why: "none" });
      },
      signOut: async () => {
        // Cognito may be away; this browser forgets the tokens all the same.
        await amplifySignOut().catch(() => undefined);
        close("left");
      },
    }),
    [state, close],
  );

  useEffect(() => {
    void readSession()
      .catch(() => undefined)
      .then((session) => setState(session ? { kind: "signedIn", session } : { kind: "signedOut", why: "none" }));
  }, []);

  return <Context.Provider value={context}>{children}</Context.Provider>;
}

export function useSessionState(): SessionContext {
  const context = useContext(Context);
  if (!context) throw new Error("there is no SessionProvider above");
  return context;
}

/** The signed-in user; only below `RequireSession`. */
export function useSession(): Session {
  const { state } = useSessionState();
  if (state.kind !== "signedIn") throw new Error("nobody is signed in");
  return state.session;
}
