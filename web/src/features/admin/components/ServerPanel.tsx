// How the server is. Parts are asked when the page is opened and by the button; broadcasts and the disk tell by themselves.
import { Anchor, Button, Group, SimpleGrid, Stack, Text } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { Link } from 'react-router';
import { Failure, Loading } from '@/shared/components/Feedback';
import { Row, Rows } from '@/shared/components/Rows';
import { Section } from '@/shared/components/Section';
import { StatusMark } from '@/shared/components/StatusMark';
import { healthMark } from '@/shared/components/states';
import { TimeText } from '@/shared/components/TimeText';
import { useServerEvent } from '@/shared/events/EventsProvider';
import { formatBytes } from '@/shared/format';
import { admin } from '@/text/en/admin';
import { liveHealthKey, onAirKey, useLiveHealth, useOnAir, useReadiness, type PublicSession } from '../api';
import type { Check } from '../readiness';
import { spaceOf, type Space } from '../space';

const text = admin.server;

export function ServerPanel() {
  return (
    <SimpleGrid cols={{ base: 1, md: 2 }} spacing="md">
      <Parts />
      <Stack gap="md">
        <OnAir />
        <Disk />
      </Stack>
    </SimpleGrid>
  );
}

function Parts() {
  const readiness = useReadiness();
  return (
    <Section
      title={text.ready}
      description={text.readyText}
      actions={<Button size="xs" variant="default" loading={readiness.isFetching} onClick={() => void readiness.refetch()}>{text.check}</Button>}
    >
      {readiness.isError ? (
        <Failure error={readiness.error} title={text.unreachable} />
      ) : !readiness.data ? (
        <Loading height={168} />
      ) : (
        <div aria-live="polite">
          <Rows label={text.ready}>
            <Row><Text flex={1}>{text.version}</Text><Text fw={500}>{readiness.data.version}</Text></Row>
            {readiness.data.checks.map((check) => <Part key={check.name} check={check} />)}
          </Rows>
          <Text c="dimmed" size="sm" mt="sm">{text.checkedAt} <TimeText time={new Date(readiness.dataUpdatedAt).toISOString()} /></Text>
        </div>
      )}
    </Section>
  );
}

function Part({ check: { name, ok, needed, reason } }: { check: Check }) {
  return (
    <Row>
      <Stack gap={0} flex={1}>
        <Text>{text.parts[name] ?? name}</Text>
        {reason && <Text c="dimmed" size="sm">{reason}</Text>}
      </Stack>
      <StatusMark tone={ok ? 'good' : needed ? 'bad' : 'wait'} label={ok ? text.ok : needed ? text.notOk : text.notOkGoesOn} />
    </Row>
  );
}

function OnAir() {
  const queries = useQueryClient();
  const health = useLiveHealth();
  const onAir = useOnAir();
  useServerEvent('health.changed', () => void queries.invalidateQueries({ queryKey: liveHealthKey }));
  useServerEvent('metrics', ({ sessionId, viewerCount }) => {
    if (typeof viewerCount === 'number')
      queries.setQueryData<PublicSession[]>(onAirKey, (all) => all?.map((one) => (one.sessionId === sessionId && one.viewerCount !== viewerCount ? { ...one, viewerCount } : one)));
  });
  const figures = health.data;
  return (
    <Section title={text.live} description={text.liveText}>
      {health.isError && <Failure error={health.error} onRetry={() => void health.refetch()} />}
      {!figures && !health.isError && <Loading height={112} />}
      {figures && (
        <Stack gap="sm" aria-live="polite">
          <Group justify="space-between">
            <StatusMark {...healthMark(figures.status)} />
            <Text c="dimmed">{text.score(figures.score)}</Text>
          </Group>
          <SimpleGrid cols={4} spacing="sm">
            <Figure label={text.sessions} value={figures.activeSessions} />
            <Figure label={text.healthy} value={figures.healthy} />
            <Figure label={text.degraded} value={figures.degraded} />
            <Figure label={text.unhealthy} value={figures.unhealthy} />
          </SimpleGrid>
        </Stack>
      )}
      {onAir.data?.length === 0 && <Text c="dimmed">{text.nothing}</Text>}
      {onAir.data && onAir.data.length > 0 && (
        <Rows label={text.live}>
          {onAir.data.map((session) => (
            <Row key={session.sessionId}>
              <Text flex={1} miw={0} truncate>{session.title || text.untitled}</Text>
              <Text c="dimmed" size="sm">{text.viewers(session.viewerCount)} · {text.started} <TimeText time={session.startedAt} /></Text>
            </Row>
          ))}
        </Rows>
      )}
    </Section>
  );
}

function Figure({ label, value }: { label: string; value: number }) {
  return (
    <Stack gap={0}>
      <Text size="xl" fw={600}>{value}</Text>
      <Text size="sm" c="dimmed">{label}</Text>
    </Stack>
  );
}

function Disk() {
  const [space, setSpace] = useState<Space>();
  useServerEvent('recording.space', (data) => setSpace(spaceOf(data)));
  return (
    <Section title={text.disk} description={text.diskText} actions={<Anchor component={Link} to="/recordings" size="sm">{text.recordings}</Anchor>}>
      <Stack gap="xs" aria-live="polite">
        {space ? <StatusMark tone={space.low ? 'bad' : 'good'} label={space.low ? text.diskLow : text.diskBack} /> : <Text>{text.diskFine}</Text>}
        {space && <Text>{text.diskFree(formatBytes(space.freeBytes), formatBytes(space.totalBytes), space.freePercent)}</Text>}
        {space?.low && <Text c="dimmed" size="sm">{text.diskFull}</Text>}
      </Stack>
    </Section>
  );
}
