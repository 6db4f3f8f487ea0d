import ContentLayout from "@cloudscape-design/components/content-layout";
import Header from "@cloudscape-design/components/header";
import { type ReactNode, useEffect } from "react";

import { texts } from "../texts";

interface PageProps {
  title: string;
  /** Beside the title. */
  info?: ReactNode;
  description?: ReactNode;
  actions?: ReactNode;
  children: ReactNode;
}

/** A page: its one first heading, which is the window's title as well. */
export function Page({ title, info, description, actions, children }: PageProps) {
  useEffect(() => {
    document.title = texts.pageTitle(title);
  }, [title]);
  return (
    <ContentLayout
      header={
        <Header variant="h1" info={info} description={description} actions={actions}>
          {title}
        </Header>
      }
    >
      {children}
    </ContentLayout>
  );
}
