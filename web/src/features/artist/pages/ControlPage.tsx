// One show, for who makes it: what goes into the encoder, what arrives, who watches, where it goes, and its end.
import { Button, Group, Modal, Stack, Text, Title } from '@mantine/core';
import { lazy, Suspense, useState } from 'react';
import { Link, useParams } from 'react-router';
import { useReplayOf } from '@/features/watch/api';
import { Countdown } from '@/features/watch/components/Countdown';
import { ScreenLoading } from '@/features/watch/components/Screen';
import { ShareButton } from '@/features/watch/components/ShareButton';
import { ApiError } from '@/shared/api/client';
import { Empty, Failure } from '@/shared/components/Feedback';
import { LiveBadge } from '@/shared/components/LiveBadge';
import { usePageTitle } from '@/shared/components/Page';
import { StatusMark } from '@/shared/components/StatusMark';
import { TimeText } from '@/shared/components/TimeText';
import { formatDayTime } from '@/shared/format';
import { artist } from '@/text/en/artist';
import { common } from '@/text/en/common';
import { useControlled, useStream, useStreamOf, type Livestream, type SimulcastStatus } from '../api';
import { Audience } from '../components/Audience';
import classes from '../components/Control.module.css';
import { Destinations } from '../components/Destinations';
import { EncoderPanel } from '../components/EncoderPanel';
import { IngestHealth } from '../components/IngestHealth';
import { Steps } from '../components/Steps';
import { withSample, type Sample } from '../viewers';

const StreamPlayer = lazy(() => import('@/features/watch/components/StreamPlayer'));
const LivestreamForm = lazy(async () => ({ default: (await import('../components/LivestreamForm')).LivestreamForm }));

export default function ControlPage() {
  const { id = '' } = useParams();
  const { data, error, refetch } = useControlled(id);
  usePageTitle(data?.title);
  if (error && !data) {
    if (!(error instanceof ApiError) || error.status !== 404) return <Failure error={error} onRetry={() => void refetch()} />;
    return <Empty title={artist.unknownTitle} action={<Button component={Link} to="/dashboard" variant="default">{common.nav.dashboard}</Button>}>{artist.unknownText}</Empty>;
  }
  if (!data) return <ScreenLoading label={artist.loading} />;
  // Whoever does not manage it is told no more of it than anybody.
  if (data.rtmp_url === undefined && data.stream_key_masked === undefined) return <Empty title={artist.unknownTitle} action={<Button component={Link} to={`/livestreams/${id}`} variant="default">{artist.toShow}</Button>}>{artist.unknownText}</Empty>;
  return <Control key={id} show={data} />;
}

function Control({ show }: { show: Livestream }) {
  const [samples, setSamples] = useState<readonly Sample[]>([]);
  const streamId = useStreamOf(show);
  const stream = useStream(streamId, (count) => setSamples((old) => withSample(old, { at: Date.now(), count })));
  const replay = useReplayOf(show).data;
  const [editing, setEditing] = useState(false);
  const over = show.status !== 'live' && show.status !== 'scheduled';
  return (
    <Stack gap="md">
      <Group justify="space-between" gap="sm">
        <Group gap="md" miw={0}>
          <Title order={1} dir="auto">{show.title}</Title>
          <span role="status"><ShowState show={show} stream={stream.data} /></span>
        </Group>
        <Group gap="sm">
          {replay?.status === 'ready' && <Button component={Link} to={`/replays/${replay.id}`} variant="default" size="xs">{artist.replay}</Button>}
          <Button component={Link} to={`/livestreams/${show.id}`} variant="default" size="xs">{artist.toShow}</Button>
          <ShareButton path={`/livestreams/${show.id}`} playable={show.token_gate_amount > 0 || show.visibility === 'private' ? undefined : show.playback_id} />
          {!over && <Button variant="default" size="xs" onClick={() => setEditing(true)}>{artist.edit}</Button>}
          <Steps show={show} />
        </Group>
      </Group>
      {stream.error && !stream.data && <Failure error={stream.error} onRetry={() => void stream.refetch()} />}
      <div className={classes.columns}>
        <div className={classes.column}>
          <div className={classes.preview}>
            {show.playback_id && !over ? (
              <Suspense>
                <StreamPlayer key={show.playback_id} id={show.playback_id} muted />
              </Suspense>
            ) : (
              <Text c="dimmed">{common.state[show.status === 'live' ? 'live' : show.status]}</Text>
            )}
          </div>
          <Audience samples={samples} now={show.status === 'live' ? (samples.at(-1)?.count ?? show.viewer_count) : undefined} peak={Math.max(show.peak_viewers, ...samples.map(({ count }) => count))} total={show.total_viewers} />
          <Destinations show={show} stream={stream.data} />
        </div>
        {!over && (
          <div className={classes.column} data-first={show.status === 'scheduled' || undefined}>
            {show.status === 'live' && <IngestHealth streamId={streamId} stream={stream.data} />}
            {streamId === show.id ? <EncoderPanel showId={show.id} /> : <Text c="dimmed">{artist.byStation}</Text>}
            {show.status === 'scheduled' && <IngestHealth streamId={streamId} stream={stream.data} />}
          </div>
        )}
      </div>
      <Modal opened={editing} onClose={() => setEditing(false)} title={artist.editTitle} size="xl">
        <Suspense><LivestreamForm livestream={show} onDone={() => setEditing(false)} onCancel={() => setEditing(false)} /></Suspense>
      </Modal>
    </Stack>
  );
}

function ShowState({ show, stream }: { show: Livestream; stream: SimulcastStatus | undefined }) {
  if (show.status === 'live') {
    return stream?.session?.status === 'interrupted' ? <StatusMark tone="wait" label={common.state.interrupted} /> : <LiveBadge />;
  }
  if (show.status === 'scheduled') {
    if (show.ready) return <StatusMark tone="wait" label={artist.ready} />;
    return (
      <Group gap="md">
        <StatusMark tone="off" label={common.state.scheduled} />
        {show.scheduled_at && <Text c="dimmed">{formatDayTime(show.scheduled_at)}, <Countdown to={show.scheduled_at} /></Text>}
      </Group>
    );
  }
  return (
    <Group gap="md">
      <StatusMark tone="off" label={common.state[show.status]} />
      {show.ended_at && <Text c="dimmed"><TimeText time={show.ended_at} /></Text>}
    </Group>
  );
}
