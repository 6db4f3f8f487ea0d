import { useCallback, useRef, useState } from "react";

export interface Task {
  /** Does it, unless it is being done. */
  run: (work: () => Promise<unknown>) => Promise<void>;
  isBusy: boolean;
  error: unknown;
  clear: () => void;
}

/** Something that a button starts: whether it is under way, and how it failed. */
export function useTask(): Task {
  const [isBusy, setIsBusy] = useState(false);
  const [error, setError] = useState<unknown>();
  const isUnderWay = useRef(false);
  const run = useCallback(async (work: () => Promise<unknown>) => {
    if (isUnderWay.current) return;
    isUnderWay.current = true;
    setIsBusy(true);
    setError(undefined);
    try {
      await work();
    } catch (failure) {
      setError(failure);
    } finally {
      isUnderWay.current = false;
      setIsBusy(false);
    }
  }, []);
  const clear = useCallback(() => setError(undefined), []);
  return { run, isBusy, error, clear };
}
