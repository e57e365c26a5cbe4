// What stands where data will be, is not, or could not be had.
import { Alert, Button, Center, Loader, Stack, Text, Title } from '@mantine/core';
import type { ReactNode } from 'react';
import { ApiError } from '@/shared/api/client';
import { common } from '@/text/en/common';

export function Loading({ label = common.loading, height = 160 }: { label?: string; height?: number }) {
  return (
    <Center h={height} role="status" aria-label={label}>
      <Loader size="sm" />
    </Center>
  );
}

export function Empty({ title, children, action }: { title: string; children?: ReactNode; action?: ReactNode }) {
  return (
    <Stack align="center" gap="sm" py="xl" ta="center">
      <Title order={2} size="h3">{title}</Title>
      {children && <Text c="dimmed" maw={480}>{children}</Text>}
      {action}
    </Stack>
  );
}

export function Failure({ error, onRetry, title = common.failedTitle }: { error: unknown; onRetry?: () => void; title?: string }) {
  return (
    <Alert role="alert" color="gray" variant="outline" title={title} styles={{ title: { color: 'var(--mantine-color-text)' } }}>
      <Stack gap="sm" align="flex-start">
        <Text size="md">{messageOf(error)}</Text>
        {onRetry && <Button size="xs" variant="default" onClick={onRetry}>{common.retry}</Button>}
      </Stack>
    </Alert>
  );
}

/** What to tell people of an error. */
export function messageOf(error: unknown): string {
  if (error instanceof ApiError) return error.message;
  return common.crashed;
}
