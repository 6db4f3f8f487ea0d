import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";

import { texts } from "../texts";

interface MoreProps {
  count: number;
  hasNextPage: boolean;
  isFetchingNextPage: boolean;
  fetchNextPage: () => unknown;
}

/** The end of a list that is read page by page: how much there is, and the way on. */
export function More({ count, hasNextPage, isFetchingNextPage, fetchNextPage }: MoreProps) {
  return (
    <Box textAlign="center" color="text-body-secondary">
      {hasNextPage ? (
        <Button
          loading={isFetchingNextPage}
          loadingText={texts.common.loadingMore}
          onClick={() => void fetchNextPage()}
        >
          {texts.common.loadMore}
        </Button>
      ) : (
        count > 0 && texts.common.allRead(count)
      )}
    </Box>
  );
}
