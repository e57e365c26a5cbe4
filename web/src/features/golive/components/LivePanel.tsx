// What runs, destination by destination, and its end.
import { Anchor, Button, Group, Stack, Text, Title } from '@mantine/core';
import { useState } from 'react';
import { Link } from 'react-router';
import { useOwnSessions, usePlatforms, useSessionActions, useStreamStatus } from '@/features/multistream/api';
import { Duration } from '@/features/multistream/components/Duration';
import { HealthIssues } from '@/features/multistream/components/HealthIssues';
import { NextTry } from '@/features/multistream/components/NextTry';
import { explain, sentence, whoOf } from '@/features/multistream/explain';
import { useMetrics } from '@/features/multistream/live';
import type { Session } from '@/features/multistream/patch';
import { sessionMark } from '@/features/multistream/sessionMark';
import { useConfirm } from '@/shared/components/confirm';
import { Failure } from '@/shared/components/Feedback';
import { PlatformMark } from '@/shared/components/PlatformMark';
import { StatusMark } from '@/shared/components/StatusMark';
import { outputMark } from '@/shared/components/states';
import { formatBitrate } from '@/shared/format';
import { golive } from '@/text/en/golive';
import { multistream } from '@/text/en/multistream';
import { encoderCheck } from '../preflight';
import classes from './GoLive.module.css';

export function LivePanel({ session, onEnded }: { session: Session; onEnded: (over: Session) => void }) {
  const platforms = usePlatforms();
  const { refetch } = useOwnSessions();
  const { retry, stop } = useSessionActions(session);
  const status = useStreamStatus(session.streamId);
  const last = useMetrics(session.sessionId).at(-1);
  const confirm = useConfirm();
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>();
  const catalogue = new Map(platforms.data?.map((one) => [one.id, one]));
  const taking = session.endpoints.filter(({ removed }) => !removed);

  const end = async () => {
    if (!(await confirm({ title: golive.stopTitle, text: golive.stopText, action: golive.stopAction }))) return;
    setBusy(true);
    setError(undefined);
    try {
      onEnded(await stop());
    } catch (failure) {
      setError(failure);
      void refetch();
    } finally {
      setBusy(false);
    }
  };
  return (
    <Stack gap="sm">
      <Group gap="md">
        <StatusMark {...sessionMark(session.status)} />
        <Title order={3}>{session.title}</Title>
        {session.liveAt && <Text component="span"><Duration since={session.liveAt} /></Text>}
        <Text component="span" c="dimmed">{multistream.session.viewers(last?.viewers ?? session.viewerCount)}</Text>
        {session.recordingEnabled && <Text component="span" c="dimmed">{multistream.session.recording}</Text>}
        <Button ml="auto" onClick={() => void end()} loading={busy}>{golive.stop}</Button>
      </Group>
      <Text size="sm">{session.status === 'waiting' ? golive.started : encoderCheck(status.data?.ingest ?? session.ingest).text}</Text>
      {taking.length === 0 ? <Text c="dimmed">{golive.none}</Text> : (
        <ul className={classes.endpoints} aria-label={golive.destinations}>
          {taking.map((one) => {
            const platform = catalogue.get(one.platform);
            const told = explain(one.problem, whoOf(one.platform, one.name, platform?.name ?? one.platform, platform?.key.help));
            const rate = last?.destinations.get(one.id)?.bitrateKbps ?? one.metrics.bitrateKbps;
            const waits = one.problem === 'waiting_for_encoder';
            return (
              <li key={one.id} className={classes.endpoint} data-endpoint={one.id}>
                <PlatformMark platform={one.platform} size={20} />
                <span className={classes.name} title={one.name}>{one.name}</span>
                <span aria-live="polite"><StatusMark {...outputMark(one.status)} /></span>
                <span className={classes.rate}>{one.status === 'connected' ? formatBitrate(rate) : ''}</span>
                {(told || one.skipped || waits) && (
                  <span className={classes.why} aria-live="polite">
                    {one.skipped ? `${golive.skipped}: ${sentence(one.detail ?? '')}` : waits ? golive.waiting : told && `${told.what} ${told.todo}`}{' '}
                    {!one.skipped && !waits && <><NextTry endpoint={one} /> <Button size="compact-xs" variant="default" aria-label={multistream.session.retryOf(one.name)} onClick={() => void retry(one.id, one.name)}>{multistream.session.retry}</Button></>}
                  </span>
                )}
              </li>
            );
          })}
        </ul>
      )}
      <HealthIssues session={session} most={4} besides="problems" />
      {error !== undefined && <Failure error={error} />}
      <Anchor component={Link} to="/multistream" size="sm" underline="always">{golive.details}</Anchor>
    </Stack>
  );
}
