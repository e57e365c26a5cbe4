// Is the encoder there, does what it sends fit, is the link wide enough? Follows the encoder as it comes and goes.
import { Title } from '@mantine/core';
import { useMemo } from 'react';
import { usePlatforms, useStreamStatus } from '@/features/multistream/api';
import type { Destination } from '@/features/multistream/patch';
import { StatusMark, type Tone } from '@/shared/components/StatusMark';
import { golive } from '@/text/en/golive';
import { useBandwidth } from '../api';
import { encoderCheck, linkCheck, platformChecks, type Check } from '../preflight';
import type { Stream } from '../streams';
import classes from './GoLive.module.css';

export function Preflight({ stream, destinations }: { stream: Stream | undefined; destinations: readonly Destination[] }) {
  const status = useStreamStatus(stream?.id);
  const platforms = usePlatforms();
  const ready = destinations.filter(({ notReadyReason }) => !notReadyReason).map(({ id }) => id);
  const bandwidth = useBandwidth(ready);
  const catalogue = useMemo(() => new Map(platforms.data?.map((one) => [one.id as string, one])), [platforms.data]);
  const ingest = status.data?.ingest;
  const link = linkCheck(ingest, ready.length, bandwidth.data);
  const encoder: Check = stream ? encoderCheck(ingest) : { id: 'encoder', tone: 'off', text: golive.check.byKey };
  const checks = [encoder, ...platformChecks(ingest, destinations, catalogue), ...(link ? [link] : [])];
  return (
    <section aria-live="polite" aria-label={golive.preflight}>
      <Title order={3}>{golive.preflight}</Title>
      <ul className={classes.checks}>
        {checks.map(({ id, tone, text }) => (
          <li key={id} className={classes.check} data-check={id} data-tone={tone}>
            <StatusMark tone={tone} label={golive.tones[tone satisfies Tone]} iconOnly />
            <span>{id === 'encoder' && <b>{golive.check.encoder}: </b>}{id === 'link' && <b>{golive.check.link}: </b>}{text}</span>
          </li>
        ))}
      </ul>
    </section>
  );
}
