import SpaceBetween from "@cloudscape-design/components/space-between";

import { texts } from "../../texts";
import { Page } from "../../ui/page";
import { AlertLevel } from "./alert-level";
import { AppearanceChoice } from "./appearance";
import { Notifications } from "./notifications";
import { Password } from "./password";
import { Profile } from "./profile";
import { Totp } from "./totp";

export default function Settings() {
  return (
    <Page title={texts.settings.title}>
      <SpaceBetween size="l">
        <AlertLevel />
        <Notifications />
        <Profile />
        <Password />
        <Totp />
        <AppearanceChoice />
      </SpaceBetween>
    </Page>
  );
}
