// What is live now, and what comes next.
import { Anchor, Group, Stack, Text, Title } from '@mantine/core';
import { lazy, Suspense } from 'react';
import { Link } from 'react-router';
import { Failure } from '@/shared/components/Feedback';
import { Page } from '@/shared/components/Page';
import { useSessionReady, useUser } from '@/shared/session/useSession';
import { browse } from '@/text/en/browse';
import { common } from '@/text/en/common';
import { useShows } from '../api';
import { GridLoading, ShowGrid, ShowRows } from '../components/Lists';

const FreshServerNote = lazy(async () => ({ default: (await import('@/features/setup/components/FreshServerNote')).FreshServerNote }));

const NEXT = 8;

export default function HomePage() {
  const live = useShows('live');
  const next = useShows('upcoming');
  const user = useUser();
  const visitor = useSessionReady() && !user;
  const coming = next.shows.slice(0, NEXT);
  return (
    <Page title={browse.homeTitle} actions={<Anchor component={Link} to="/livestreams">{browse.all}</Anchor>}>
      {visitor && <Suspense><FreshServerNote /></Suspense>}
      <Stack component="section" gap="sm" aria-labelledby="live-now">
        <Title order={2} id="live-now">{browse.liveNow}</Title>
        {live.error && live.shows.length === 0 ? (
          <Failure error={live.error} onRetry={() => void live.refetch()} />
        ) : live.isPending ? (
          <GridLoading label={common.loading} />
        ) : live.shows.length > 0 ? (
          <ShowGrid shows={live.shows} label={browse.liveNow} />
        ) : (
          <Group mih={64} align="flex-start"><Text c="dimmed">{browse.nothingLive}. {browse.nothingLiveText}</Text></Group>
        )}
      </Stack>
      <Stack component="section" gap="sm" aria-labelledby="next">
        <Title order={2} id="next">{browse.next}</Title>
        {next.error && coming.length === 0 ? (
          <Failure error={next.error} onRetry={() => void next.refetch()} />
        ) : next.isPending ? null : coming.length > 0 ? (
          <ShowRows shows={coming} label={browse.next} />
        ) : (
          <Text c="dimmed">{browse.nothingNext}</Text>
        )}
      </Stack>
    </Page>
  );
}
