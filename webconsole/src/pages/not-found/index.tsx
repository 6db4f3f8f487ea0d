import Link from "@cloudscape-design/components/link";

import { paths } from "../../paths";
import { texts } from "../../texts";
import { useFollow } from "../../ui/follow";
import { Page } from "../../ui/page";

export default function NotFound() {
  const follow = useFollow();
  return (
    <Page title={texts.shell.notFound} description={texts.shell.notFoundText}>
      <Link href={paths.overview()} onFollow={follow}>
        {texts.shell.notFoundAction}
      </Link>
    </Page>
  );
}
