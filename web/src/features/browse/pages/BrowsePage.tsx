// All shows: live, coming, past.
import { Button, Group, SegmentedControl } from '@mantine/core';
import { Link, useSearchParams } from 'react-router';
import { Empty, Failure } from '@/shared/components/Feedback';
import { Page } from '@/shared/components/Page';
import { useUser } from '@/shared/session/useSession';
import { browse } from '@/text/en/browse';
import { common } from '@/text/en/common';
import { useShows } from '../api';
import { GridLoading, ShowGrid, ShowRows } from '../components/Lists';
import { filterOf, FILTERS } from '../shows';

export default function BrowsePage() {
  const [query, setQuery] = useSearchParams();
  const filter = filterOf(query.get('show'));
  const { shows, error, isPending, refetch, hasNextPage, fetchNextPage, isFetchingNextPage } = useShows(filter);
  const user = useUser();
  const broadcasts = user && user.role !== 'viewer';
  return (
    <Page title={browse.browseTitle} actions={broadcasts && <Button component={Link} to="/artist/livestreams/create" size="xs">{browse.schedule}</Button>}>
      <SegmentedControl
        aria-label={browse.filter}
        value={filter}
        onChange={(show) => setQuery(show === 'all' ? {} : { show }, { replace: true })}
        data={FILTERS.map((value) => ({ value, label: browse.filters[value] }))}
        maw={400}
      />
      {error && shows.length === 0 ? (
        <Failure error={error} onRetry={() => void refetch()} />
      ) : isPending ? (
        <GridLoading label={common.loading} count={8} />
      ) : shows.length === 0 ? (
        <Empty title={browse.emptyTitle[filter]}>{browse.emptyText}</Empty>
      ) : filter === 'upcoming' ? (
        <ShowRows shows={shows} label={browse.filters[filter]} />
      ) : (
        <ShowGrid shows={shows} label={browse.filters[filter]} />
      )}
      {hasNextPage && (
        <Group justify="center">
          <Button variant="default" loading={isFetchingNextPage} onClick={() => void fetchNextPage()}>{filter === 'past' && shows.length === 0 ? browse.morePast : common.more}</Button>
        </Group>
      )}
    </Page>
  );
}
