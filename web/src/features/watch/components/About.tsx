// Under the picture: what is on, since when, who watches, where it belongs, and what one can do.
import { Anchor, Group, Stack, Text, Title } from '@mantine/core';
import type { ReactNode } from 'react';
import { Link } from 'react-router';
import classes from './About.module.css';

interface Props {
  title: string;
  description: string;
  station?: { name: string; slug: string };
  facts: ReactNode;
  actions: ReactNode;
}

export function About({ title, description, station, facts, actions }: Props) {
  return (
    <Stack gap="sm" className={classes.about}>
      <Group justify="space-between" align="flex-start" gap="sm">
        <Title order={1} dir="auto" className={classes.title}>{title}</Title>
        <Group gap="sm">{actions}</Group>
      </Group>
      <Group gap="md" className={classes.facts}>
        {facts}
        {station && <Anchor component={Link} to={`/tv-stations/${station.slug}`}>{station.name}</Anchor>}
      </Group>
      {description && <Text dir="auto" className={classes.text}>{description}</Text>}
    </Stack>
  );
}
