import Box from "@cloudscape-design/components/box";
import Spinner from "@cloudscape-design/components/spinner";

import { texts } from "../texts";

export function PageLoading() {
  return (
    <Box textAlign="center" padding="xxxl">
      <Spinner size="large" /> <span className="visually-hidden">{texts.loading}</span>
    </Box>
  );
}
