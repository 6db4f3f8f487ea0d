import Alert from "@cloudscape-design/components/alert";
import Button from "@cloudscape-design/components/button";
import { Component, type ReactNode } from "react";

import { texts } from "../texts";

/** A mistake in one page leaves the navigation alive; a page that a new version has replaced is loaded anew. */
export class Boundary extends Component<{ children: ReactNode }, { isBroken: boolean }> {
  override state = { isBroken: false };

  static getDerivedStateFromError() {
    return { isBroken: true };
  }

  override render() {
    if (!this.state.isBroken) return this.props.children;
    return (
      <Alert
        type="error"
        header={texts.shell.broken}
        action={<Button onClick={() => window.location.reload()}>{texts.shell.reload}</Button>}
      >
        {texts.shell.brokenText}
      </Alert>
    );
  }
}
