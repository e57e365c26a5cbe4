// How long until a moment, counted down. It is no news for a screen reader: the time itself stands beside it.
import { useEffect, useState } from 'react';
import { watch } from '@/text/en/watch';
import { nextTick, timeLeft } from '../countdown';

export function Countdown({ to, className }: { to: string; className?: string }) {
  const [now, setNow] = useState(Date.now);
  const left = new Date(to).getTime() - now;
  useEffect(() => {
    if (left <= 0) return undefined;
    const timer = setTimeout(() => setNow(Date.now()), nextTick(left));
    return () => clearTimeout(timer);
  }, [left, now]);
  const text = timeLeft(left);
  return <span className={className} role="timer" aria-live="off">{text ? watch.in(text) : watch.startsSoon}</span>;
}
