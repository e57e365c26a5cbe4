// One platform: how many destinations of mine it has, and, opened, what it takes and where its key is.
import { Anchor, Button, Code, Collapse, Group, List, SimpleGrid, Stack, Text, Title } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { IconChevronDown, IconChevronUp, IconPlus } from '@tabler/icons-react';
import { useId, type ReactNode } from 'react';
import { Link } from 'react-router';
import { PlatformMark } from '@/shared/components/PlatformMark';
import { connections as text } from '@/text/en/connections';
import type { Platform } from '../api';
import { limitWords } from '../limits';
import classes from './PlatformEntry.module.css';

export function PlatformEntry({ platform, count }: { platform: Platform; count: number | undefined }) {
  const [opened, { toggle }] = useDisclosure(false);
  const id = useId();
  const limits = limitWords(platform.limits);
  return (
    <li className={classes.entry}>
      <Group gap="md" wrap="nowrap" mih={40}>
        <PlatformMark platform={platform.id} size={24} />
        <Stack gap={0} flex={1} miw={0}>
          <Title order={2} size="h3">{platform.name}</Title>
          <Text c="dimmed" size="sm" mih={20}>
            {count === undefined ? '' : count > 0 ? <Anchor component={Link} to="/multistream" inherit underline="always" aria-label={text.mineAt(text.mine(count), platform.name)}>{text.mine(count)}</Anchor> : text.mine(0)}
          </Text>
        </Stack>
        <Text c="dimmed" size="sm" flex={1} visibleFrom="md" lineClamp={2}>{limits.slice(0, 2).join(' · ')}</Text>
        <Group gap="xs" wrap="nowrap">
          <Button size="xs" variant="subtle" color="gray" c="inherit" onClick={toggle} aria-expanded={opened} aria-controls={id} aria-label={text.detailsOf(platform.name)} rightSection={opened ? <IconChevronUp size={16} /> : <IconChevronDown size={16} />}>
            <span className={classes.wide}>{text.details}</span>
          </Button>
          <Button component={Link} to={`/multistream?add=${platform.id}`} size="xs" variant="default" aria-label={text.addTo(platform.name)} leftSection={<IconPlus size={16} />}>{text.add}</Button>
        </Group>
      </Group>
      <Collapse expanded={opened} id={id}><Details platform={platform} limits={limits} /></Collapse>
    </li>
  );
}

function Details({ platform, limits }: { platform: Platform; limits: readonly string[] }) {
  const { name, ingestUrls, key, advice, bridgeNeeded } = platform;
  return (
    <SimpleGrid cols={{ base: 1, sm: 2 }} spacing="lg" pt="md" pb="sm">
      <Stack gap="md">
        {(key.help || key.page) && (
          <Part title={text.whereKey}>
            <Text>{key.help} {key.page && <Anchor href={key.page} target="_blank" rel="noreferrer noopener" inherit underline="always">{text.open(name)}</Anchor>}</Text>
            {key.perBroadcast && <Text>{text.perBroadcast}</Text>}
          </Part>
        )}
        {(key.description || key.placeholder) && (
          <Part title={text.looks}>
            {key.description && <Text>{key.description}</Text>}
            {key.placeholder && <div><Code>{key.placeholder}</Code></div>}
          </Part>
        )}
        <Part title={text.servers}>
          {bridgeNeeded && <Text>{text.bridge}</Text>}
          {ingestUrls.length > 0 ? (
            <List listStyleType="none" spacing="xs">{ingestUrls.map(({ label, url }) => <List.Item key={url}><Text size="sm" c="dimmed">{label}</Text><Code>{url}</Code></List.Item>)}</List>
          ) : (
            !bridgeNeeded && <Text>{platform.id === 'custom' ? text.anyServer : text.ownServer}</Text>
          )}
        </Part>
      </Stack>
      <Stack gap="md">
        <Part title={text.limits}>
          {limits.length > 0 ? <List spacing="xs" listStyleType="disc">{limits.map((one) => <List.Item key={one}>{one}</List.Item>)}</List> : <Text>{text.anything}</Text>}
        </Part>
        {advice.length > 0 && <Part title={text.advice}><List spacing="xs" listStyleType="disc">{advice.map((one) => <List.Item key={one}>{one}</List.Item>)}</List></Part>}
      </Stack>
    </SimpleGrid>
  );
}

function Part({ title, children }: { title: string; children: ReactNode }) {
  return (
    <Stack gap="xs">
      <Title order={3}>{title}</Title>
      {children}
    </Stack>
  );
}
