import BreadcrumbGroup from "@cloudscape-design/components/breadcrumb-group";
import ContentLayout from "@cloudscape-design/components/content-layout";
import Header from "@cloudscape-design/components/header";
import LiveRegion from "@cloudscape-design/components/live-region";
import { type ReactNode, useEffect } from "react";

import { texts } from "../texts";
import { useFollow } from "./follow";

export interface Crumb {
  text: string;
  href: string;
}

interface PageProps {
  title: string;
  /** Beside the title. */
  info?: ReactNode;
  description?: ReactNode;
  actions?: ReactNode;
  /** The way here from a page of the navigation. */
  crumbs?: readonly Crumb[];
  children: ReactNode;
}

/** A page: its one first heading, which is the window's title as well. */
export function Page({ title, info, description, actions, crumbs, children }: PageProps) {
  useEffect(() => {
    document.title = texts.pageTitle(title);
  }, [title]);
  const follow = useFollow();
  return (
    <ContentLayout
      breadcrumbs={
        crumbs && (
          <BreadcrumbGroup
            items={[...crumbs, { text: title, href: "" }]}
            onFollow={follow}
            ariaLabel={texts.shell.crumbs}
          />
        )
      }
      header={
        <Header variant="h1" info={info} description={description} actions={actions}>
          {title}
        </Header>
      }
    >
      {/* Going to another page changes no focus: say where one is. */}
      <LiveRegion hidden>{title}</LiveRegion>
      {children}
    </ContentLayout>
  );
}
