// How many watch, and how it went since this page was opened.
import { Group, Stack, Text, Title } from '@mantine/core';
import { formatDayTime } from '@/shared/format';
import { artist } from '@/text/en/artist';
import { graphOf, type Sample } from '../viewers';
import classes from './Control.module.css';

const [WIDTH, HEIGHT] = [600, 72];
const time = new Intl.DateTimeFormat('en', { hour: 'numeric', minute: '2-digit' });

interface Props {
  samples: readonly Sample[];
  /** While it is live. */
  now?: number;
  peak: number;
  total: number;
}

export function Audience({ samples, now, peak, total }: Props) {
  const graph = graphOf(samples, WIDTH, HEIGHT);
  const [first, last] = [samples[0], samples.at(-1)];
  return (
    <Stack component="section" gap="sm" aria-labelledby="audience">
      <Group justify="space-between">
        <Title order={2} id="audience">{artist.audience}</Title>
        <Group gap="md" c="dimmed">{now !== undefined && <span>{artist.viewers(now)}</span>}<span>{artist.peak(peak)}</span><span>{artist.total(total)}</span></Group>
      </Group>
      <div className={classes.graph}>
        {graph && first && last ? (
          <>
            <svg viewBox={`0 -2 ${WIDTH} ${HEIGHT + 4}`} preserveAspectRatio="none" role="img" aria-label={artist.graph(graph.most, formatDayTime(new Date(first.at).toISOString()))}>
              <path d={graph.area} className={classes.area} />
              <path d={graph.line} className={classes.line} vectorEffect="non-scaling-stroke" />
            </svg>
            <Group justify="space-between"><Text size="xs" c="dimmed">{time.format(first.at)}</Text><Text size="xs" c="dimmed">{time.format(last.at)}</Text></Group>
          </>
        ) : (
          <Text c="dimmed">{artist.graphWaits}</Text>
        )}
      </div>
    </Stack>
  );
}
