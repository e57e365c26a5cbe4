// Which stream, and then either how to start it or how it runs.
import { Anchor, Select, Stack, Text } from '@mantine/core';
import { useQueries } from '@tanstack/react-query';
import { useState } from 'react';
import { Link } from 'react-router';
import { streamStatusQuery, useOwnSessions } from '@/features/multistream/api';
import { useLiveUpdates } from '@/features/multistream/live';
import type { Session } from '@/features/multistream/patch';
import { Failure, Loading } from '@/shared/components/Feedback';
import { golive } from '@/text/en/golive';
import { useOwnShows, useOwnStations } from '../api';
import { BY_KEY, firstChoice, streamsOf } from '../streams';
import { EndedPanel } from './EndedPanel';
import { LivePanel } from './LivePanel';
import { StartForm } from './StartForm';

// Of so many stations it is looked whether their encoder is there.
const LOOKED_AT = 6;

export default function GoLiveContent({ wanted }: { wanted: string | undefined }) {
  useLiveUpdates();
  const stations = useOwnStations();
  const shows = useOwnShows();
  const sessions = useOwnSessions();
  const looked = useQueries({ queries: (stations.data ?? []).slice(0, LOOKED_AT).map(({ id }) => streamStatusQuery(id)) });
  const [picked, setPicked] = useState<string>();
  const [over, setOver] = useState<Session>();

  if (over) return <EndedPanel session={over} onAgain={() => setOver(undefined)} />;
  if (stations.isPending || shows.isPending || sessions.isPending || looked.some(({ isPending }) => isPending)) return <Loading height={420} />;
  const failed = [stations, shows, sessions].find(({ isError }) => isError);
  if (failed) return <Failure error={failed.error} onRetry={() => void Promise.all([stations.refetch(), shows.refetch(), sessions.refetch()])} />;
  const running = sessions.data ?? [];
  const streams = streamsOf(stations.data ?? [], shows.data ?? [], running);
  const withEncoder = looked.flatMap(({ data }) => (data?.ingest?.connected ? [data.streamId] : []));
  const streamId = picked ?? firstChoice(streams, running, wanted, withEncoder) ?? BY_KEY;
  const stream = streams.find(({ id }) => id === streamId);
  const session = running.find((one) => one.streamId === streamId);
  const label = (id: string, name: string) => (running.some((one) => one.streamId === id) ? golive.onAir(name) : name);
  const group = (kind: string) => streams.filter((one) => one.kind === kind).map(({ id, name }) => ({ value: id, label: label(id, name) }));
  return (
    <Stack mih={420}>
      {stations.data?.length === 0 && streams.length === 0 && (
        <Text>{golive.noStation} <Anchor component={Link} to="/dashboard" underline="always">{golive.toDashboard}</Anchor></Text>
      )}
      <Select
        label={golive.stream}
        allowDeselect={false}
        searchable={streams.length > 10}
        data={[
          { group: golive.stations, items: group('station') },
          { group: golive.shows, items: group('show') },
          { group: golive.otherGroup, items: [{ value: BY_KEY, label: golive.other }] },
        ].filter(({ items }) => items.length > 0)}
        value={streamId}
        onChange={(id) => id && setPicked(id)}
      />
      {session ? <LivePanel key={session.sessionId} session={session} onEnded={setOver} /> : <StartForm key={streamId} stream={stream} onStarted={setPicked} />}
    </Stack>
  );
}
