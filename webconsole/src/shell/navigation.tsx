import Badge from "@cloudscape-design/components/badge";
import SideNavigation, { type SideNavigationProps } from "@cloudscape-design/components/side-navigation";
import { useLocation } from "react-router";

import { useAlertsCount } from "../api/queries";
import { useSession } from "../auth/provider";
import { paths } from "../paths";
import { texts } from "../texts";
import { useFollow } from "../ui/follow";

const t = texts.shell;

export function Navigation() {
  const { pathname } = useLocation();
  const { isAdmin } = useSession();
  const { data: unread = 0 } = useAlertsCount();
  const follow = useFollow();
  const items: SideNavigationProps.Item[] = [
    { type: "link", text: t.overview, href: paths.overview() },
    { type: "link", text: t.devices, href: paths.devices() },
    { type: "link", text: t.alerts, href: paths.alerts(), info: <UnreadBadge count={unread} /> },
    { type: "link", text: t.events, href: paths.events() },
    { type: "divider" },
    { type: "link", text: t.settings, href: paths.settings() },
    ...(isAdmin ? [{ type: "link" as const, text: t.solution, href: paths.solution() }] : []),
  ];
  return (
    <SideNavigation
      header={{ text: texts.product, href: paths.overview() }}
      activeHref={activeHref(pathname)}
      items={items}
      onFollow={follow}
    />
  );
}

function UnreadBadge({ count }: { count: number }) {
  if (count === 0) return null;
  return (
    <Badge color="red">
      <span aria-hidden="true">{t.unreadBadge(count)}</span>
      <span className="visually-hidden">{t.unread(count)}</span>
    </Badge>
  );
}

/** A page stands under the entry that leads to it: a device, and its registration, under the devices. */
export function activeHref(pathname: string): string {
  const [, first = ""] = pathname.split("/");
  return first === "register" ? paths.devices() : `/${first}`;
}
