// A part of a page with a heading of its own, in a frame. As a form where something is sent.
import { Group, Paper, Stack, Text, Title } from '@mantine/core';
import { useId, type FormEvent, type ReactNode } from 'react';

interface Props {
  title: string;
  description?: ReactNode;
  actions?: ReactNode;
  onSubmit?: (event: FormEvent<HTMLFormElement>) => void;
  children: ReactNode;
}

export function Section({ title, description, actions, onSubmit, children }: Props) {
  const id = useId();
  const content = (
    <Stack gap="md">
      <Stack gap="xs">
        <Group justify="space-between" mih={28} gap="sm">
          <Title order={2} id={id}>{title}</Title>
          {actions}
        </Group>
        {description && <Text c="dimmed">{description}</Text>}
      </Stack>
      {children}
    </Stack>
  );
  if (onSubmit) return <Paper component="form" withBorder p="md" noValidate aria-labelledby={id} onSubmit={onSubmit}>{content}</Paper>;
  return <Paper component="section" withBorder p="md" aria-labelledby={id}>{content}</Paper>;
}
