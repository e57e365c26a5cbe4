// A moment: in words of now, with the whole date as a tip. Renders anew by itself.
import { useInterval } from '@mantine/hooks';
import { useState } from 'react';
import { formatDateTime, formatRelative } from '@/shared/format';

export function TimeText({ time }: { time: string }) {
  const [, again] = useState(0);
  useInterval(() => again((n) => n + 1), 15_000, { autoInvoke: true });
  return (
    <time dateTime={time} title={formatDateTime(time)}>
      {formatRelative(time)}
    </time>
  );
}
