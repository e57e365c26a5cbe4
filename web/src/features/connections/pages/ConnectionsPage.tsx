import { Paper, Text } from '@mantine/core';
import { Failure, Loading } from '@/shared/components/Feedback';
import { Page } from '@/shared/components/Page';
import { useUser } from '@/shared/session/useSession';
import { connections as text } from '@/text/en/connections';
import { useCounts, usePlatforms } from '../api';
import { PlatformEntry } from '../components/PlatformEntry';
import classes from '../components/PlatformEntry.module.css';

export default function ConnectionsPage() {
  const platforms = usePlatforms();
  const counts = useCounts(useUser()?.id ?? '');
  return (
    <Page title={text.title} width={1040}>
      <Text c="dimmed">{text.intro}</Text>
      {platforms.isPending && <Loading height={480} />}
      {platforms.isError && <Failure error={platforms.error} onRetry={() => void platforms.refetch()} />}
      {counts.isError && <Failure error={counts.error} onRetry={() => void counts.refetch()} />}
      {platforms.data && (
        <Paper withBorder px="md">
          <ul className={classes.list} aria-label={text.list}>
            {platforms.data.map((platform) => <PlatformEntry key={platform.id} platform={platform} count={counts.data ? (counts.data.get(platform.id) ?? 0) : undefined} />)}
          </ul>
        </Paper>
      )}
    </Page>
  );
}
