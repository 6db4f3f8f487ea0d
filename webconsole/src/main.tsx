import "@cloudscape-design/global-styles/index.css";
import "./ui/styles.css";

import { Amplify } from "aws-amplify";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";

import { App } from "./app";
import { type Config, loadConfig } from "./config";
import { NoConfig } from "./shell/no-config";
import { startAppearance } from "./ui/appearance";

startAppearance();
const root = createRoot(document.getElementById("root") ?? document.body);
loadConfig().then(
  (config) => {
    configureSignIn(config);
    root.render(
      <StrictMode>
        <App config={config} />
      </StrictMode>,
    );
  },
  () => root.render(<NoConfig />),
);

function configureSignIn({ userPoolId, userPoolClientId, userPoolEndpoint }: Config) {
  Amplify.configure({ Auth: { Cognito: { userPoolId, userPoolClientId, userPoolEndpoint } } });
}
