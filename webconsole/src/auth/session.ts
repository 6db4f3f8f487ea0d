/** The signed-in user, as the ID token says. Amplify keeps the tokens and renews them. */
import { fetchAuthSession } from "aws-amplify/auth";

export interface Session {
  /** Cognito's `sub`: the API's `userId`. */
  userId: string;
  email: string;
  /** Member of the group `admin`. */
  isAdmin: boolean;
}

/** The session, or none. A network failure is no end of it: it is thrown. */
export async function readSession(): Promise<Session | undefined> {
  const { tokens } = await fetchAuthSession();
  return tokens?.idToken && toSession(tokens.idToken.payload);
}

export function toSession(claims: Record<string, unknown>): Session {
  const text = (name: string) => (typeof claims[name] === "string" ? claims[name] : "");
  const groups = claims["cognito:groups"];
  return { userId: text("sub"), email: text("email"), isAdmin: Array.isArray(groups) && groups.includes("admin") };
}

/** A valid ID token, or none where the session has ended. */
export async function idToken(fresh: boolean): Promise<string | undefined> {
  try {
    const { tokens } = await fetchAuthSession({ forceRefresh: fresh });
    return tokens?.idToken?.toString();
  } catch (error) {
    if (isEndOfSession(error)) return undefined;
    throw error;
  }
}

/** Whether Cognito has refused the refresh token, rather than not been reached. */
export function isEndOfSession(error: unknown): boolean {
  const name = error instanceof Error ? error.name : "";
  return (
    name === "NotAuthorizedException" || name === "UserUnAuthenticatedException" || name === "UserNotFoundException"
  );
}
