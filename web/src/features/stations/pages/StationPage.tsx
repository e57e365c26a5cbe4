// A station's own page: what is on, or what comes; its replays; and for its owner, its key and its name.
import { Anchor, Button, Group, Stack, Text, Title } from '@mantine/core';
import { lazy, Suspense, useState } from 'react';
import { Link, useParams } from 'react-router';
import { Countdown } from '@/features/watch/components/Countdown';
import { counterClass, Screen, ScreenLoading, ScreenNote } from '@/features/watch/components/Screen';
import { ShareButton } from '@/features/watch/components/ShareButton';
import { ApiError } from '@/shared/api/client';
import { Empty, Failure } from '@/shared/components/Feedback';
import { LiveBadge } from '@/shared/components/LiveBadge';
import { usePageTitle } from '@/shared/components/Page';
import { StatusMark } from '@/shared/components/StatusMark';
import { TimeText } from '@/shared/components/TimeText';
import { formatDayTime } from '@/shared/format';
import { useUser } from '@/shared/session/useSession';
import { common } from '@/text/en/common';
import { stations } from '@/text/en/stations';
import { useNextShow, useStation, type Station } from '../api';
import { Replays } from '../components/Replays';
import classes from './StationPage.module.css';

const StreamPlayer = lazy(() => import('@/features/watch/components/StreamPlayer'));
const GoLiveDialog = lazy(async () => ({ default: (await import('@/features/golive/components/GoLiveDialog')).GoLiveDialog }));
const OwnerActions = lazy(() => import('../components/OwnerActions'));

export default function StationPage() {
  const { slug = '' } = useParams();
  const { data, error, refetch } = useStation(slug);
  usePageTitle(data?.name);
  if (error && !data) {
    if (!(error instanceof ApiError) || error.status !== 404) return <Failure error={error} onRetry={() => void refetch()} />;
    return <Empty title={stations.unknownTitle} action={<Button component={Link} to="/livestreams" variant="default">{common.nav.browse}</Button>}>{stations.unknownText}</Empty>;
  }
  if (!data) return <ScreenLoading label={stations.loading} />;
  return <StationView key={data.id} station={data} />;
}

function StationView({ station }: { station: Station }) {
  const user = useUser();
  const now = station.isLive ? station.currentLivestream : null;
  const [viewers, setViewers] = useState<number>();
  const [goingLive, setGoingLive] = useState(false);
  const owns = user && (user.id === station.ownerId || user.role === 'admin');
  return (
    <Stack gap="md">
      <Group justify="space-between" align="center" gap="sm" className={classes.top}>
        <Group gap="md">
          <Title order={1} dir="auto">{station.name}</Title>
          <span role="status">{station.isLive ? <LiveBadge /> : <StatusMark tone="off" label={stations.offAir} />}</span>
        </Group>
        <Group gap="sm" mih={30}>
          {owns && <Suspense><OwnerActions station={station} /></Suspense>}
          {user?.id === station.ownerId && <Button size="xs" aria-haspopup="dialog" onClick={() => setGoingLive(true)}>{stations.goLive}</Button>}
          <ShareButton path={`/tv-stations/${station.slug}`} playable={now?.playback.hlsUrl ? now.playback.playbackId : undefined} />
        </Group>
      </Group>
      <OnAir station={station} onViewers={setViewers} />
      {now && (
        <Stack gap="xs">
          {now.title && <Title order={2} dir="auto">{now.title}</Title>}
          <Group gap="md" c="dimmed">
            <span>{stations.viewers(viewers ?? now.viewerCount)}</span>
            <span>{stations.since} <TimeText time={now.startedAt} /></span>
            {now.livestreamId && <Anchor component={Link} to={`/livestreams/${now.livestreamId}`}>{stations.toShow}</Anchor>}
          </Group>
          {now.description && <Text className={classes.text} dir="auto">{now.description}</Text>}
        </Stack>
      )}
      {station.description && <Text className={classes.text} c={now ? 'dimmed' : undefined} dir="auto">{station.description}</Text>}
      <Replays stationId={station.id} />
      {goingLive && <Suspense><GoLiveDialog opened onClose={() => setGoingLive(false)} stationId={station.id} /></Suspense>}
    </Stack>
  );
}

function OnAir({ station, onViewers }: { station: Station; onViewers: (count: number | undefined) => void }) {
  const now = station.isLive ? station.currentLivestream : null;
  const next = useNextShow(station.id);
  if (now?.playback.hlsUrl) {
    const id = now.playback.playbackId;
    return (
      <Screen>
        <Suspense fallback={<ScreenLoading label={stations.loading} />}>
          <StreamPlayer key={id} id={id} onAbout={(about) => onViewers(about.viewerCount)} />
        </Suspense>
      </Screen>
    );
  }
  if (now) {
    return (
      <ScreenNote title={stations.gatedTitle}>
        <Text>{stations.gatedText}</Text>
        {now.livestreamId && <Button component={Link} to={`/livestreams/${now.livestreamId}`}>{stations.toShow}</Button>}
      </ScreenNote>
    );
  }
  const show = next.data;
  return (
    <ScreenNote low title={stations.nothingOn(station.name)} picture={station.artworkUrl}>
      {show ? (
        <>
          <Text>{stations.next}: <Anchor component={Link} to={`/livestreams/${show.id}`} dir="auto">{show.title}</Anchor>, {formatDayTime(show.scheduled_at!)}</Text>
          <Countdown to={show.scheduled_at!} className={counterClass} />
        </>
      ) : (
        <Text>{stations.nothingOnText}</Text>
      )}
    </ScreenNote>
  );
}
