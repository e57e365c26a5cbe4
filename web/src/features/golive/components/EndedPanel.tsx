// How the show came out, right after its end.
import { Anchor, Button, Group, Stack, Text, Title } from '@mantine/core';
import { Link } from 'react-router';
import { lasted, outcomeMark } from '@/features/dashboard/outcome';
import { sentence } from '@/features/multistream/explain';
import type { Session } from '@/features/multistream/patch';
import { PlatformMark } from '@/shared/components/PlatformMark';
import { StatusMark } from '@/shared/components/StatusMark';
import { formatBytes, formatDuration } from '@/shared/format';
import { dashboard } from '@/text/en/dashboard';
import { golive } from '@/text/en/golive';
import classes from './GoLive.module.css';

export function EndedPanel({ session, onAgain }: { session: Session; onAgain: () => void }) {
  const seconds = lasted(session);
  return (
    <Stack gap="sm" mih={420}>
      <div role="status"><Title order={3}>{dashboard.ended}</Title></div>
      <Text>{session.title}, {seconds === undefined ? dashboard.neverLive : dashboard.lasted(formatDuration(seconds))}</Text>
      {session.endpoints.length > 0 && (
        <ul className={classes.endpoints} aria-label={golive.destinations}>
          {session.endpoints.map((one) => (
            <li key={one.id} className={classes.endpoint}>
              <PlatformMark platform={one.platform} size={20} />
              <span className={classes.name}>{one.name}</span>
              <StatusMark {...outcomeMark(one.outcome)} />
              <span className={classes.rate}>{formatBytes(one.metrics.bytesSent)}</span>
              {one.outcome === 'failed' && one.lastError && <span className={classes.why}>{sentence(one.lastError)}</span>}
            </li>
          ))}
        </ul>
      )}
      <Group justify="space-between" mt="auto">
        {session.recordingEnabled ? <Anchor component={Link} to="/recordings" size="sm" underline="always">{dashboard.toRecordings}</Anchor> : <span />}
        <Button variant="default" onClick={onAgain}>{dashboard.again}</Button>
      </Group>
    </Stack>
  );
}
