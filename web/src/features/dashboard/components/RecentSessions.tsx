import { Text, Title } from '@mantine/core';
import { Failure, Loading } from '@/shared/components/Feedback';
import { StatusMark } from '@/shared/components/StatusMark';
import { formatDayTime, formatDuration } from '@/shared/format';
import { dashboard } from '@/text/en/dashboard';
import { useRecentSessions } from '../api';
import { lasted, outcomes } from '../outcome';
import classes from './Dashboard.module.css';

const MOST = 5;

export function RecentSessions() {
  const sessions = useRecentSessions(MOST);
  return (
    <section className={classes.panel}>
      <Title order={2}>{dashboard.recent}</Title>
      {sessions.isPending && <Loading height={160} />}
      {sessions.isError && <Failure error={sessions.error} onRetry={() => void sessions.refetch()} />}
      {sessions.data?.length === 0 && <Text c="dimmed">{dashboard.recentNone}</Text>}
      <ul className={classes.list}>
        {sessions.data?.map((one) => {
          const seconds = lasted(one);
          return (
            <li key={one.sessionId}>
              <span className={classes.line}>
                <b className={classes.cut}>{one.title}</b>
                <span className={classes.small}>{formatDayTime(one.startedAt)}, {seconds === undefined ? dashboard.neverLive : dashboard.lasted(formatDuration(seconds))}</span>
              </span>
              <span className={classes.marks}>
                {one.endpoints.length === 0 && <span className={classes.small}>{dashboard.nowhere}</span>}
                {outcomes(one.endpoints).map(({ tone, label, count }) => <StatusMark key={label} tone={tone} label={dashboard.outcomes(count, label)} />)}
              </span>
            </li>
          );
        })}
      </ul>
    </section>
  );
}
