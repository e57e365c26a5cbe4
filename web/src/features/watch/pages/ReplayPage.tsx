// A recording: to be watched, sought in, shared and, by whoever may see it, kept.
import { Button, Stack, Text } from '@mantine/core';
import { useState } from 'react';
import { Link, useParams } from 'react-router';
import { ApiError } from '@/shared/api/client';
import { ownAddress } from '@/shared/api/ownAddress';
import { Empty, Failure } from '@/shared/components/Feedback';
import { usePageTitle } from '@/shared/components/Page';
import { TimeText } from '@/shared/components/TimeText';
import { formatBytes, formatDuration } from '@/shared/format';
import { useUser } from '@/shared/session/useSession';
import { watch } from '@/text/en/watch';
import { useRecording, useStationName, type Asset } from '../api';
import { About } from '../components/About';
import { SignInButton } from '../components/NotLive';
import { Screen, ScreenLoading, ScreenNote } from '../components/Screen';
import { ShareButton } from '../components/ShareButton';
import StreamPlayer from '../components/StreamPlayer';

export default function ReplayPage() {
  const { id = '' } = useParams();
  const { data, error, refetch } = useRecording(id);
  const user = useUser();
  usePageTitle(data?.title);
  if (error && !data) {
    if (!(error instanceof ApiError) || error.status !== 404) return <Failure error={error} onRetry={() => void refetch()} />;
    return (
      <Empty title={watch.unknownReplayTitle} action={user ? <Button component={Link} to="/livestreams" variant="default">{watch.toBrowse}</Button> : <SignInButton />}>
        {watch.unknownReplayText}
      </Empty>
    );
  }
  if (!data) return <ScreenLoading label={watch.loading} />;
  return <Replay key={id} asset={data} />;
}

function Replay({ asset }: { asset: Asset }) {
  const station = useStationName(asset.stationId);
  const [wide, setWide] = useState(false);
  const ready = asset.status === 'ready';
  const isPublic = asset.visibility === 'public';
  return (
    <Stack gap="md">
      {ready ? (
        <Screen wide={wide}>
          <StreamPlayer id={asset.id} recording onTheatre={setWide} />
        </Screen>
      ) : (
        <ScreenNote title={asset.status === 'failed' ? watch.failedTitle : watch.preparingTitle} picture={ownAddress(asset.thumbnailUrl)}>
          <Text>{asset.status === 'failed' ? asset.error : watch.preparingText}</Text>
        </ScreenNote>
      )}
      <About
        title={asset.title}
        description={asset.description}
        station={station.data}
        facts={
          <>
            <span>{watch.recorded} <TimeText time={asset.recordedAt} /></span>
            {ready && <span>{formatDuration(asset.duration)}</span>}
            {!isPublic && <span>{watch.privateNote}</span>}
          </>
        }
        actions={
          <>
            {asset.videoUrl && <Button component="a" href={ownAddress(asset.videoUrl)} download variant="default" size="xs">{watch.download} ({formatBytes(asset.sizeBytes)})</Button>}
            <ShareButton path={`/replays/${asset.id}`} playable={isPublic ? asset.id : undefined} />
          </>
        }
      />
    </Stack>
  );
}
