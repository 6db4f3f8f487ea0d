import Alert from "@cloudscape-design/components/alert";
import Container from "@cloudscape-design/components/container";
import Header from "@cloudscape-design/components/header";
import SpaceBetween from "@cloudscape-design/components/space-between";
import type { ReactNode } from "react";

interface SectionProps {
  title: string;
  description?: string;
  /** What went wrong, in plain words. */
  problem?: string;
  /** With it the section is a form. */
  onSubmit?: () => void;
  children: ReactNode;
}

export function Section({ title, description, problem, onSubmit, children }: SectionProps) {
  const content = (
    <Container
      header={
        <Header variant="h2" description={description}>
          {title}
        </Header>
      }
    >
      <SpaceBetween size="m">
        {problem && <Alert type="error">{problem}</Alert>}
        {children}
      </SpaceBetween>
    </Container>
  );
  if (!onSubmit) return content;
  return (
    <form
      noValidate
      aria-label={title}
      onSubmit={(event) => {
        event.preventDefault();
        onSubmit();
      }}
    >
      {content}
    </form>
  );
}
