// One show: before it begins, while it is on, and after. It begins by itself, since the server says so.
import { Button, Stack } from '@mantine/core';
import { useEffect, useState } from 'react';
import { Link, useParams } from 'react-router';
import { ApiError } from '@/shared/api/client';
import { Empty, Failure } from '@/shared/components/Feedback';
import { LiveBadge } from '@/shared/components/LiveBadge';
import { usePageTitle } from '@/shared/components/Page';
import { TimeText } from '@/shared/components/TimeText';
import { useUser } from '@/shared/session/useSession';
import { watch } from '@/text/en/watch';
import { useLivestream, useStationName, type Livestream } from '../api';
import { About } from '../components/About';
import { Gate, Over, ReplayButton, SignInButton, Waiting } from '../components/NotLive';
import { Screen, ScreenLoading } from '../components/Screen';
import { ShareButton } from '../components/ShareButton';
import StreamPlayer from '../components/StreamPlayer';

export default function WatchPage() {
  const { id = '' } = useParams();
  const { data, error, refetch } = useLivestream(id);
  const user = useUser();
  usePageTitle(data?.title);
  if (error && !data) {
    if (!(error instanceof ApiError) || error.status !== 404) return <Failure error={error} onRetry={() => void refetch()} />;
    return (
      <Empty title={watch.unknownTitle} action={user ? <Button component={Link} to="/livestreams" variant="default">{watch.toBrowse}</Button> : <SignInButton />}>
        {watch.unknownText} {!user && watch.unknownSignIn}
      </Empty>
    );
  }
  if (!data) return <ScreenLoading label={watch.loading} />;
  return <Watch key={id} show={data} />;
}

function Watch({ show }: { show: Livestream }) {
  const user = useUser();
  const station = useStationName(show.station_id);
  const [viewers, setViewers] = useState<number>();
  const [wide, setWide] = useState(false);
  // What one watches stays on the screen until its last second, though the server has nothing more to say of it.
  const [playbackId, setPlaybackId] = useState<string>();
  const live = show.status === 'live';
  const playable = live ? show.playback_id : undefined;
  useEffect(() => {
    if (playable) setPlaybackId(playable);
  }, [playable]);
  const watching = playable ?? (live || show.status === 'ended' ? playbackId : undefined);
  const manages = user && (user.id === show.owner_id || user.role === 'admin');

  return (
    <Stack gap="md">
      {watching ? (
        <Screen wide={wide}>
          <StreamPlayer key={watching} id={watching} onAbout={(about) => setViewers(about.viewerCount)} onTheatre={setWide} />
        </Screen>
      ) : live ? (
        <Gate amount={show.token_gate_amount} />
      ) : show.status === 'scheduled' ? (
        <Waiting show={show} />
      ) : (
        <Over show={show} />
      )}
      <About
        title={show.title}
        description={show.description}
        station={station.data}
        facts={
          <>
            <span role="status">{live ? <LiveBadge /> : show.status === 'scheduled' ? null : watch.ended}</span>
            {live && <span>{watch.viewers(viewers ?? show.viewer_count)}</span>}
            {live && show.started_at && <span>{watch.since} <TimeText time={show.started_at} /></span>}
            {!live && show.ended_at && <TimeText time={show.ended_at} />}
            {show.visibility === 'private' && <span>{watch.privateNote}</span>}
            {show.visibility === 'unlisted' && manages && <span>{watch.unlistedNote}</span>}
            {show.token_gate_amount > 0 && <span>{watch.gateNote(show.token_gate_amount)}</span>}
          </>
        }
        actions={
          <>
            {watching && !live && <ReplayButton show={show} />}
            {manages && <Button component={Link} to={`/artist/livestreams/${show.id}`} variant="default" size="xs">{watch.control}</Button>}
            <ShareButton path={`/livestreams/${show.id}`} playable={show.token_gate_amount > 0 || show.visibility === 'private' ? undefined : show.playback_id} />
          </>
        }
      />
    </Stack>
  );
}
