// Where the show goes, and how each destination does: changed by events.
import { Group, Stack, Text, Title } from '@mantine/core';
import { PlatformMark } from '@/shared/components/PlatformMark';
import { outputMark } from '@/shared/components/states';
import { StatusMark } from '@/shared/components/StatusMark';
import { formatBitrate } from '@/shared/format';
import { artist } from '@/text/en/artist';
import type { Livestream, SimulcastStatus } from '../api';
import classes from './Control.module.css';

export function Destinations({ show, stream }: { show: Livestream; stream: SimulcastStatus | undefined }) {
  const endpoints = (stream?.session?.endpoints ?? []).filter(({ removed }) => !removed);
  const planned = (show.destination_ids?.length ?? 0) > 0 || Boolean(show.profile_id);
  return (
    <Stack component="section" gap="sm" aria-labelledby="destinations">
      <Title order={2} id="destinations">{artist.destinations}</Title>
      {endpoints.length === 0 ? (
        <Text c="dimmed">{planned && !stream?.session ? artist.destinationsWait : artist.noDestinations}</Text>
      ) : (
        <ul className={classes.destinations} aria-live="polite">
          {endpoints.map(({ id, platform, name, status, detail, lastError, metrics }) => (
            <li key={id}>
              <Group gap="sm" wrap="nowrap" justify="space-between">
                <Group gap="sm" wrap="nowrap" miw={0}>
                  <PlatformMark platform={platform} />
                  <Text truncate dir="auto">{name}</Text>
                </Group>
                <StatusMark {...outputMark(status)} />
              </Group>
              <Text size="sm" c="dimmed" className={classes.detail}>
                {[
                  status === 'connected' && metrics.bitrateKbps > 0 && formatBitrate(metrics.bitrateKbps),
                  metrics.framesDropped > 0 && artist.destination.dropped(metrics.framesDropped),
                  status !== 'connected' && (detail || lastError),
                ].filter(Boolean).join(' · ')}
              </Text>
            </li>
          ))}
        </ul>
      )}
    </Stack>
  );
}
