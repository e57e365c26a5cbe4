// What is live now, each destination's state, and what is wrong.
import { Button, Text, Title } from '@mantine/core';
import { useOwnSessions } from '@/features/multistream/api';
import { Duration } from '@/features/multistream/components/Duration';
import { HealthIssues } from '@/features/multistream/components/HealthIssues';
import { useMetrics } from '@/features/multistream/live';
import type { Session } from '@/features/multistream/patch';
import { sessionMark } from '@/features/multistream/sessionMark';
import { Failure, Loading } from '@/shared/components/Feedback';
import { PlatformMark } from '@/shared/components/PlatformMark';
import { StatusMark } from '@/shared/components/StatusMark';
import { outputMark } from '@/shared/components/states';
import { dashboard } from '@/text/en/dashboard';
import { multistream } from '@/text/en/multistream';
import classes from './Dashboard.module.css';

export function OnAir({ onManage }: { onManage: (streamId: string) => void }) {
  const sessions = useOwnSessions();
  return (
    <section className={classes.panel}>
      <Title order={2}>{dashboard.onAir}</Title>
      {sessions.isPending && <Loading height={88} />}
      {sessions.isError && <Failure error={sessions.error} onRetry={() => void sessions.refetch()} />}
      {sessions.data?.length === 0 && (
        <div className={classes.room}>
          <StatusMark tone="off" label={dashboard.offAir} />
          <Text c="dimmed">{dashboard.offAirText}</Text>
        </div>
      )}
      {sessions.data && sessions.data.length > 0 && (
        <ul className={classes.list}>{sessions.data.map((one) => <li key={one.sessionId}><Running session={one} onManage={onManage} /></li>)}</ul>
      )}
    </section>
  );
}

function Running({ session, onManage }: { session: Session; onManage: (streamId: string) => void }) {
  const last = useMetrics(session.sessionId).at(-1);
  const taking = session.endpoints.filter(({ removed }) => !removed);
  return (
    <>
      <div className={classes.head}>
        <StatusMark {...sessionMark(session.status)} />
        <Title order={3}>{session.title}</Title>
        {session.liveAt && <Duration since={session.liveAt} />}
        <Text component="span">{multistream.session.viewers(last?.viewers ?? session.viewerCount)}</Text>
        <Button size="xs" variant="default" onClick={() => onManage(session.streamId)}>{dashboard.manage}</Button>
      </div>
      {taking.length === 0 ? <Text c="dimmed" size="sm">{dashboard.noDestinations}</Text> : (
        <ul className={classes.endpoints} aria-live="polite">
          {taking.map((one) => (
            <li key={one.id} className={classes.endpoint} data-endpoint={one.id}>
              <PlatformMark platform={one.platform} size={16} />
              <span className={classes.cut} title={one.name}>{one.name}</span>
              {one.skipped ? <StatusMark tone="off" label={dashboard.skipped} /> : <StatusMark {...outputMark(one.status)} />}
            </li>
          ))}
        </ul>
      )}
      <HealthIssues session={session} most={3} />
    </>
  );
}
