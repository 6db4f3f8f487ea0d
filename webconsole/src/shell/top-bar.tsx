import TopNavigation from "@cloudscape-design/components/top-navigation";
import { useNavigate } from "react-router";

import { useAlertsCount } from "../api/queries";
import { useSession, useSessionState } from "../auth/provider";
import { useProfile } from "../auth/profile";
import { paths } from "../paths";
import { texts } from "../texts";
import { choose, useAppearance } from "../ui/appearance";

const t = texts.shell;

export function TopBar() {
  const navigate = useNavigate();
  const { email } = useSession();
  const { data: profile } = useProfile();
  const { signOut } = useSessionState();
  const { isDark } = useAppearance();
  const { data: unread = 0 } = useAlertsCount();
  return (
    <TopNavigation
      identity={{
        href: paths.overview(),
        title: texts.product,
        onFollow: (event) => {
          event.preventDefault();
          void navigate(paths.overview());
        },
      }}
      utilities={[
        {
          type: "button",
          iconName: "notification",
          badge: unread > 0,
          ariaLabel: t.unread(unread),
          title: t.alerts,
          disableTextCollapse: true,
          href: paths.alerts(),
          onFollow: (event) => {
            event.preventDefault();
            void navigate(paths.alerts());
          },
        },
        {
          type: "menu-dropdown",
          iconName: "user-profile",
          text: profile?.name ?? email,
          description: email,
          ariaLabel: t.account,
          items: [
            { id: "settings", text: t.settings },
            { id: "mode", text: isDark ? t.light : t.dark },
            { id: "sign-out", text: t.signOut },
          ],
          onItemClick: ({ detail }) => {
            if (detail.id === "settings") void navigate(paths.settings());
            else if (detail.id === "mode") choose(isDark ? "light" : "dark");
            else void signOut();
          },
        },
      ]}
    />
  );
}
