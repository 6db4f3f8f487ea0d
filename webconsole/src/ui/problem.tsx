import Alert from "@cloudscape-design/components/alert";
import Button from "@cloudscape-design/components/button";

import { describe } from "../api/describe";
import { texts } from "../texts";

/** An error where the thing would be that could not be read or done. */
export function ProblemAlert({ error, onRetry }: { error: unknown; onRetry?: () => void }) {
  const { title, advice, canRetry } = describe(error);
  return (
    <Alert
      type="error"
      header={title}
      action={onRetry && canRetry && <Button onClick={onRetry}>{texts.common.retry}</Button>}
    >
      {advice}
    </Alert>
  );
}
