import { createContext, useContext } from "react";

import type { Api } from "./client";

const Context = createContext<Api | undefined>(undefined);

export const ApiProvider = Context.Provider;

export function useApi(): Api {
  const api = useContext(Context);
  if (!api) throw new Error("there is no ApiProvider above");
  return api;
}
