import { Anchor, Text, Title } from '@mantine/core';
import { Link } from 'react-router';
import { Failure, Loading } from '@/shared/components/Feedback';
import { StatusMark, type Tone } from '@/shared/components/StatusMark';
import { formatBytes, formatDayTime, formatDuration } from '@/shared/format';
import { dashboard } from '@/text/en/dashboard';
import { useRecentRecordings } from '../api';
import classes from './Dashboard.module.css';

const MOST = 4;
const TONES: Record<string, Tone> = { recording: 'good', processing: 'wait', failed: 'bad' };

export function RecentRecordings() {
  const recordings = useRecentRecordings(MOST);
  return (
    <section className={classes.panel}>
      <Title order={2}>{dashboard.recordings}</Title>
      {recordings.isPending && <Loading height={120} />}
      {recordings.isError && <Failure error={recordings.error} onRetry={() => void recordings.refetch()} />}
      {recordings.data?.length === 0 && <Text c="dimmed">{dashboard.recordingsNone}</Text>}
      <ul className={classes.list}>
        {recordings.data?.map((one) => (
          <li key={one.id}>
            <span className={classes.line}>
              {one.status === 'ready' ? <Anchor component={Link} to={`/replays/${one.id}`} className={classes.cut}>{one.title}</Anchor> : <span className={classes.cut}>{one.title}</span>}
              {one.status === 'ready' ? <span className={classes.small}>{formatDuration(one.duration)}, {formatBytes(one.sizeBytes)}</span> : <StatusMark tone={TONES[one.status] ?? 'wait'} label={dashboard.status[one.status] ?? one.status} />}
            </span>
            <span className={classes.small}>{formatDayTime(one.recordedAt)}</span>
          </li>
        ))}
      </ul>
      {recordings.data && recordings.data.length > 0 && <Anchor component={Link} to="/recordings" size="sm">{dashboard.allRecordings}</Anchor>}
    </section>
  );
}
