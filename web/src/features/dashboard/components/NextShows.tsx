import { Anchor, Text, Title } from '@mantine/core';
import { Link } from 'react-router';
import { useOwnShows } from '@/features/golive/api';
import { Failure, Loading } from '@/shared/components/Feedback';
import { TimeText } from '@/shared/components/TimeText';
import { formatDayTime } from '@/shared/format';
import { dashboard } from '@/text/en/dashboard';
import classes from './Dashboard.module.css';

const MOST = 4;

export function NextShows() {
  const shows = useOwnShows();
  const next = [...(shows.data ?? [])].sort((a, b) => (a.scheduled_at ?? '9').localeCompare(b.scheduled_at ?? '9')).slice(0, MOST);
  return (
    <section className={classes.panel}>
      <Title order={2}>{dashboard.next}</Title>
      {shows.isPending && <Loading height={64} />}
      {shows.isError && <Failure error={shows.error} onRetry={() => void shows.refetch()} />}
      {shows.data && next.length === 0 && <Text c="dimmed">{dashboard.nextNone}</Text>}
      <ul className={classes.list}>
        {next.map((one) => (
          <li key={one.id} className={classes.line}>
            <Anchor component={Link} to={`/artist/livestreams/${one.id}`} className={classes.cut}>{one.title}</Anchor>
            <span className={classes.small}>{one.scheduled_at ? <>{formatDayTime(one.scheduled_at)}, <TimeText time={one.scheduled_at} /></> : dashboard.noTime}</span>
          </li>
        ))}
      </ul>
      <Anchor component={Link} to="/artist/livestreams/create" size="sm">{dashboard.schedule}</Anchor>
    </section>
  );
}
