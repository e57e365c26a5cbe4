import { Button, Group, Skeleton, Stack, Text, Title } from '@mantine/core';
import { Link } from 'react-router';
import { ownAddress } from '@/shared/api/ownAddress';
import { Empty, Failure } from '@/shared/components/Feedback';
import { TimeText } from '@/shared/components/TimeText';
import { formatDuration } from '@/shared/format';
import { common } from '@/text/en/common';
import { stations } from '@/text/en/stations';
import { useReplays } from '../api';
import classes from './Replays.module.css';

export function Replays({ stationId }: { stationId: string }) {
  const { data, error, isPending, refetch, hasNextPage, fetchNextPage, isFetchingNextPage } = useReplays(stationId);
  const assets = (data?.pages ?? []).flatMap((page) => page.assets).filter(({ status }) => status === 'ready');
  return (
    <Stack component="section" gap="sm" aria-labelledby="replays">
      <Title order={2} id="replays">{stations.replays}</Title>
      {error && !data ? (
        <Failure error={error} onRetry={() => void refetch()} />
      ) : isPending ? (
        <div className={classes.grid} role="status" aria-label={stations.replaysLoading}>
          {[0, 1, 2, 3].map((n) => <Skeleton key={n} className={classes.picture} />)}
        </div>
      ) : assets.length === 0 ? (
        <Empty title={stations.noReplays}>{stations.noReplaysText}</Empty>
      ) : (
        <ul className={classes.grid}>
          {assets.map((asset) => (
            <li key={asset.id}>
              <Link to={`/replays/${asset.id}`} className={classes.card}>
                <span className={classes.picture}>
                  {asset.thumbnailUrl && <img src={ownAddress(asset.thumbnailUrl)} alt="" loading="lazy" />}
                  <span className={classes.length}>{formatDuration(asset.duration)}</span>
                </span>
                <Text component="span" fw={600} lineClamp={2} dir="auto">{asset.title}</Text>
                <Text component="span" size="sm" c="dimmed">{stations.recorded} <TimeText time={asset.recordedAt} /></Text>
              </Link>
            </li>
          ))}
        </ul>
      )}
      {hasNextPage && <Group justify="center"><Button variant="default" loading={isFetchingNextPage} onClick={() => void fetchNextPage()}>{common.more}</Button></Group>}
    </Stack>
  );
}
