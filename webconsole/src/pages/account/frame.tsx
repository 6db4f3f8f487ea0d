import Alert from "@cloudscape-design/components/alert";
import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import Container from "@cloudscape-design/components/container";
import Form from "@cloudscape-design/components/form";
import Header from "@cloudscape-design/components/header";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { type ReactNode, useEffect } from "react";

import { authProblem } from "../../auth/problem";
import { texts } from "../../texts";
import type { Task } from "../../ui/use-task";

interface FrameProps {
  title: string;
  description?: string;
  /** Good news from the step before. */
  news?: string;
  submit: string;
  task: Task;
  onSubmit: () => void;
  /** Other ways from here. */
  links?: ReactNode;
  children: ReactNode;
}

/** A page before the sign-in: one form in the middle. */
export function AccountFrame({ title, description, news, submit, task, onSubmit, links, children }: FrameProps) {
  useEffect(() => {
    document.title = texts.pageTitle(title);
  }, [title]);
  return (
    <main className="account">
      <SpaceBetween size="l">
        <Box variant="h2" tagOverride="p" textAlign="center" color="text-status-info">
          {texts.product}
        </Box>
        {news && <Alert type="success">{news}</Alert>}
        <form
          noValidate
          onSubmit={(event) => {
            event.preventDefault();
            onSubmit();
          }}
        >
          <Container
            header={
              <Header variant="h1" description={description}>
                {title}
              </Header>
            }
            footer={links}
          >
            <Form
              errorText={task.error === undefined ? undefined : authProblem(task.error)}
              errorIconAriaLabel={texts.errors.header}
              actions={
                <Button variant="primary" formAction="submit" loading={task.isBusy} loadingText={texts.loading}>
                  {submit}
                </Button>
              }
            >
              <SpaceBetween size="m">{children}</SpaceBetween>
            </Form>
          </Container>
        </form>
      </SpaceBetween>
    </main>
  );
}
