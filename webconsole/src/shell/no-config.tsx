import Alert from "@cloudscape-design/components/alert";
import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";

import { texts } from "../texts";

export function NoConfig() {
  return (
    <main>
      <Box padding="xxl">
        <Alert
          type="error"
          header={texts.shell.noConfig}
          action={<Button onClick={() => window.location.reload()}>{texts.shell.reload}</Button>}
        >
          {texts.shell.noConfigText}
        </Alert>
      </Box>
    </main>
  );
}
