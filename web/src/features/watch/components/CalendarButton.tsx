// The show for one's own calendar: a file made here.
import { Button } from '@mantine/core';
import { watch } from '@/text/en/watch';
import type { Livestream } from '../api';

export function CalendarButton({ show, size = 'sm' }: { show: Livestream; size?: 'xs' | 'sm' }) {
  if (!show.scheduled_at) return null;
  const save = async () => {
    const { calendarOf, fileNameOf } = await import('../ics');
    const calendar = calendarOf({
      uid: `${show.id}@${location.host}`,
      title: show.title,
      description: show.description,
      url: new URL(`/livestreams/${show.id}`, location.origin).href,
      start: new Date(show.scheduled_at!),
      stamp: new Date(),
    });
    const address = URL.createObjectURL(new Blob([calendar], { type: 'text/calendar;charset=utf-8' }));
    const link = document.createElement('a');
    link.href = address;
    link.download = fileNameOf(show.title);
    link.click();
    setTimeout(() => URL.revokeObjectURL(address), 10_000);
  };
  return <Button variant="default" size={size} onClick={() => void save()}>{watch.addToCalendar}</Button>;
}
