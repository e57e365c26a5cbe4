// A session that runs now: who takes it, what flows, what is wrong, and the hand on it.
import { Button, Group, Select, Text, Title } from '@mantine/core';
import { useCallback, useMemo, useState, type ReactNode } from 'react';
import { StatusMark } from '@/shared/components/StatusMark';
import { formatBitrate, formatBytes, formatDateTime } from '@/shared/format';
import { multistream } from '@/text/en/multistream';
import { useDestinations, usePlatforms, useSessionActions, useStreamStatus } from '../api';
import { useMetrics } from '../live';
import { totals } from '../metrics';
import type { Session } from '../patch';
import { sessionMark } from '../sessionMark';
import { Duration } from './Duration';
import { HealthIssues } from './HealthIssues';
import { LiveEndpoint } from './LiveEndpoint';
import classes from './LiveSession.module.css';

const words = multistream.session;

export function LiveSession({ session, onManage }: { session: Session; onManage: (streamId: string) => void }) {
  const samples = useMetrics(session.sessionId);
  const platforms = usePlatforms();
  const status = useStreamStatus(session.streamId);
  const { retry, remove } = useSessionActions(session);
  const catalogue = useMemo(() => new Map(platforms.data?.map((one) => [one.id, one])), [platforms.data]);
  const { sessionId, streamId } = session;
  // Rows are drawn anew only for news of theirs.
  const onRetry = useCallback((id: string, name: string) => void retry(id, name), [sessionId]);
  const onRemove = useCallback((id: string, name: string) => void remove(id, name), [sessionId, streamId]);

  const taking = session.endpoints.filter(({ removed }) => !removed);
  const last = samples.at(-1);
  const sum = totals(taking.map((one) => ({ ...(last?.destinations.get(one.id) ?? one.metrics), status: one.status })));
  const ingest = last ? last.ingest : session.ingest?.connected ? { videoKbps: session.ingest.video?.bitrateKbps ?? 0, audioKbps: session.ingest.audio?.bitrateKbps ?? 0, fps: session.ingest.video?.fps ?? 0 } : undefined;
  return (
    <section className={classes.session} aria-label={session.title}>
      <div className={classes.head}>
        <StatusMark {...sessionMark(session.status)} />
        <Title order={2}>{session.title}</Title>
        <Button variant="default" onClick={() => onManage(streamId)}>{words.manage}</Button>
      </div>
      <dl className={classes.facts}>
        <Fact name={session.liveAt ? words.since : words.startedAt}>{session.liveAt ? <Duration since={session.liveAt} /> : formatDateTime(session.startedAt)}</Fact>
        <Fact name={words.connected}>{words.ofDestinations(sum.connected, sum.destinations)}</Fact>
        <Fact name={words.fromEncoder}>{ingest ? `${formatBitrate(ingest.videoKbps + ingest.audioKbps)}, ${ingest.fps.toFixed(0)} fps` : words.noEncoder}</Fact>
        <Fact name={words.totalOut}>{formatBitrate(sum.bitrateKbps)}</Fact>
        <Fact name={words.sentSoFar}>{formatBytes(sum.bytesSent)}</Fact>
        <Fact name={words.dropped}>{words.frames(sum.framesDropped)}</Fact>
        <Fact name={words.watching}>{words.viewers(last?.viewers ?? session.viewerCount)}</Fact>
        {session.recordingEnabled && <Fact name={words.recording}>{session.recording?.error ? words.recordingFailed : words.recordingOn}</Fact>}
      </dl>
      <div className={classes.part}>
        <HealthIssues session={session} besides="destinations" />
        <Text size="sm" mih={20}>{status.data?.bandwidth.message && <><Text component="span" size="sm" c="dimmed">{words.link}</Text> {status.data.bandwidth.message}</>}</Text>
      </div>
      {taking.length === 0 ? <Text className={classes.part} c="dimmed">{words.none}</Text> : (
        <>
          <ul className={classes.endpoints} aria-label={words.graphs}>
            {taking.map((one) => {
              const platform = catalogue.get(one.platform);
              return <LiveEndpoint key={one.id} sessionId={sessionId} endpoint={one} samples={samples} platformName={platform?.name ?? one.platform} keyHelp={platform?.key.help} onRetry={onRetry} onRemove={onRemove} />;
            })}
          </ul>
          <div className={classes.axis} aria-hidden="true">
            <b />
            {[0, 1, 2, 3, 4].map((n) => <span key={n}><span>{words.axis.start}</span><span>{words.axis.end}</span></span>)}
            <b />
          </div>
        </>
      )}
      <div className={classes.part}><AddWhileLive session={session} /></div>
    </section>
  );
}

function Fact({ name, children }: { name: string; children: ReactNode }) {
  return <div><dt>{name}</dt><dd>{children}</dd></div>;
}

function AddWhileLive({ session }: { session: Session }) {
  const destinations = useDestinations();
  const { add } = useSessionActions(session);
  const [chosen, setChosen] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);
  const there = new Set(session.endpoints.filter(({ removed }) => !removed).map(({ id }) => id));
  const rest = (destinations.data ?? []).filter(({ id }) => !there.has(id));
  const one = rest.find(({ id }) => id === chosen);
  const join = async () => {
    if (!one) return;
    setBusy(true);
    await add(one.id, one.name);
    setBusy(false);
    setChosen(null);
  };
  if (destinations.data && rest.length === 0) return <Text size="sm" c="dimmed">{words.addLiveNone}</Text>;
  return (
    <Group gap="sm" align="flex-end">
      <Select aria-label={words.addLive} placeholder={words.addLive} searchable data={rest.map(({ id, name }) => ({ value: id, label: name }))} value={chosen} onChange={setChosen} w={280} maw="100%" />
      <Button variant="default" disabled={!one} loading={busy} onClick={() => void join()}>{multistream.dialog.create}</Button>
    </Group>
  );
}
