import Box from "@cloudscape-design/components/box";
import SpaceBetween from "@cloudscape-design/components/space-between";
import type { ReactNode } from "react";

/** What stands where rows would be: why there are none, and how to start. */
export function Empty({ title, text, action }: { title: string; text?: string; action?: ReactNode }) {
  return (
    <Box textAlign="center" color="inherit" margin={{ vertical: "s" }}>
      <SpaceBetween size="s">
        <div>
          <b>{title}</b>
          {text && (
            <Box variant="p" color="inherit">
              {text}
            </Box>
          )}
        </div>
        {action}
      </SpaceBetween>
    </Box>
  );
}
