// A page: its title (in the tab too), what can be done, and its content.
import { Group, Stack, Title } from '@mantine/core';
import { useEffect, type ReactNode } from 'react';
import { common } from '@/text/en/common';

export function usePageTitle(title: string | undefined): void {
  useEffect(() => {
    document.title = title ? `${title} · ${common.product}` : common.product;
  }, [title]);
}

export function Page({ title, actions, width, children }: { title: string; actions?: ReactNode; width?: number; children: ReactNode }) {
  usePageTitle(title);
  return (
    <Stack gap="md" maw={width} w="100%">
      <Group justify="space-between" align="center" mih={36}>
        <Title order={1}>{title}</Title>
        {actions && <Group gap="sm">{actions}</Group>}
      </Group>
      {children}
    </Stack>
  );
}
