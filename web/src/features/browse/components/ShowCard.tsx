// A show with its picture: what is live now, or was.
import { Text } from '@mantine/core';
import { Link } from 'react-router';
import { LiveBadge } from '@/shared/components/LiveBadge';
import { TimeText } from '@/shared/components/TimeText';
import { formatDayTime } from '@/shared/format';
import { browse } from '@/text/en/browse';
import type { Show } from '../shows';
import { LivePicture } from './LivePicture';
import classes from './Shows.module.css';

export function ShowCard({ show }: { show: Show }) {
  const live = show.status === 'live';
  return (
    <li>
      <Link to={show.to} className={classes.card}>
        <span className={classes.picture}>
          <LivePicture url={show.picture} />
          <span className={classes.corner}>{live ? <LiveBadge /> : <span className={classes.badge}>{browse.status[show.status]}</span>}</span>
          {live && <span className={classes.viewers}>{browse.viewers(show.viewers)}</span>}
        </span>
        <span className={classes.words}>
          <Text component="span" fw={600} lineClamp={2} dir="auto">{show.title}</Text>
          <Text component="span" size="sm" c="dimmed" className={classes.facts}>
            {show.stationName && <span>{show.stationName}</span>}
            <When show={show} />
            {show.gated && <span>{browse.gated}</span>}
          </Text>
        </span>
      </Link>
    </li>
  );
}

export function When({ show }: { show: Show }) {
  if (show.status === 'live') return show.startedAt ? <span>{browse.started} <TimeText time={show.startedAt} /></span> : null;
  if (show.status === 'scheduled') return <span>{show.scheduledAt ? formatDayTime(show.scheduledAt) : browse.noTime}</span>;
  return show.endedAt ? <span><TimeText time={show.endedAt} /></span> : null;
}
