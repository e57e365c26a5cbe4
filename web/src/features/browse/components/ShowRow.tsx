// A show that comes: when, what, where.
import { Text } from '@mantine/core';
import { Link } from 'react-router';
import { TimeText } from '@/shared/components/TimeText';
import { formatDayTime } from '@/shared/format';
import { browse } from '@/text/en/browse';
import type { Show } from '../shows';
import classes from './Shows.module.css';

export function ShowRow({ show }: { show: Show }) {
  return (
    <li>
      <Link to={show.to} className={classes.row}>
        <span className={classes.when}>
          <Text component="span" fw={500}>{show.scheduledAt ? formatDayTime(show.scheduledAt) : browse.noTime}</Text>
          {show.scheduledAt && <Text component="span" size="sm" c="dimmed"><TimeText time={show.scheduledAt} /></Text>}
        </span>
        <span className={classes.what}>
          <Text component="span" fw={600} lineClamp={1} dir="auto">{show.title}</Text>
          <Text component="span" size="sm" c="dimmed" className={classes.facts}>
            {show.stationName && <span>{show.stationName}</span>}
            {show.gated && <span>{browse.gated}</span>}
          </Text>
        </span>
      </Link>
    </li>
  );
}
