import { Group, Text } from '@mantine/core';
import { StatusMark } from '@/shared/components/StatusMark';
import { healthMark } from '@/shared/components/states';
import { multistream } from '@/text/en/multistream';
import { useHealth } from '../api';
import { sentence } from '../explain';
import type { Session } from '../patch';
import { issueTone } from '../sessionMark';
import classes from './LiveSession.module.css';

/** What is wrong with a running session, in words. */
export function HealthIssues({ session, most = Number.POSITIVE_INFINITY, besides = 'nothing' }: { session: Pick<Session, 'sessionId' | 'streamId' | 'isActive'>; most?: number; besides?: 'nothing' | 'problems' | 'destinations' }) {
  const health = useHealth(session);
  if (!health.data) return <div className={classes.healthRoom} />;
  const { status } = health.data;
  // What stands beside each destination already is not told twice.
  const issues = health.data.issues.filter(({ code, destinationId }) => !destinationId || besides === 'nothing' || (besides === 'problems' && !code.startsWith('destination_')));
  return (
    <div aria-live="polite">
      <Group gap="sm" align="baseline">
        <Text component="span" size="sm" c="dimmed">{multistream.session.health}</Text>
        <StatusMark {...healthMark(status)} />
        {health.data.issues.length === 0 && <Text component="span" size="sm" c="dimmed">{multistream.session.noIssues}</Text>}
      </Group>
      {issues.length > 0 && (
        <ul className={classes.issues}>
          {issues.slice(0, most).map((one) => (
            <li key={`${one.code} ${one.destinationId}`}>
              <StatusMark tone={issueTone(one.severity)} label={multistream.session.severity[one.severity] ?? one.severity} iconOnly /> <span>{sentence(one.message)}</span>
            </li>
          ))}
          {issues.length > most && <li>{multistream.session.moreIssues(issues.length - most)}</li>}
        </ul>
      )}
    </div>
  );
}
