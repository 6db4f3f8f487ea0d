/** The typed client of the API: tokens in, errors as `ApiError` out. */
import createClient from "openapi-fetch";

import { ApiError, toApiError } from "./error";
import type { paths } from "./schema";

/** Where requests get their token, and whom they tell that there is none any more. */
export interface Tokens {
  /** A valid ID token, or none where the session has ended. `fresh` asks for a new one. */
  idToken: (fresh: boolean) => Promise<string | undefined>;
  /** The session has ended. */
  expired: () => void;
}

const TIMEOUT_MS = 30_000;

export type Api = ReturnType<typeof createApi>;

export function createApi(baseUrl: string, tokens: Tokens, send: typeof fetch = (...request) => fetch(...request)) {
  return createClient<paths>({ baseUrl, fetch: (request) => authorized(request, tokens, send) });
}

/** Sends with a token; with a new one once more where the first is refused. */
async function authorized(request: Request, tokens: Tokens, send: typeof fetch): Promise<Response> {
  const attempt = async (fresh: boolean) => {
    const token = await tokens.idToken(fresh);
    if (token === undefined) {
      tokens.expired();
      throw new ApiError(401, "SessionExpired", "");
    }
    const headers = new Headers(request.headers);
    headers.set("Authorization", `Bearer ${token}`);
    return reach(new Request(request.clone(), { headers, signal: AbortSignal.timeout(TIMEOUT_MS) }), send);
  };
  const response = await attempt(false);
  return response.status === 401 ? attempt(true) : response;
}

async function reach(request: Request, send: typeof fetch): Promise<Response> {
  let response: Response;
  try {
    response = await send(request);
  } catch {
    throw new ApiError(0, "NotReached", "");
  }
  // A proxy's page instead of an answer, such as CloudFront's for a path that the API has not.
  if (response.ok && !response.headers.get("Content-Type")?.includes("json")) {
    throw new ApiError(502, "NotTheApi", "");
  }
  return response;
}

interface Result<T> {
  data?: T;
  error?: unknown;
  response: Response;
}

/** The answer's body, or an `ApiError`. */
export async function unwrap<T>(result: Promise<Result<T>>): Promise<T> {
  return (await unwrapWithResponse(result)).data;
}

/** The same for who needs headers. */
export async function unwrapWithResponse<T>(result: Promise<Result<T>>): Promise<{ data: T; response: Response }> {
  const { data, error, response } = await result;
  if (!response.ok || data === undefined) throw toApiError(response, error);
  return { data, response };
}
