// How long something has been going on; counts by itself.
import { useEffect, useState } from 'react';
import { formatDuration } from '@/shared/format';

export function Duration({ since }: { since: string }) {
  const [now, setNow] = useState(Date.now);
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), 1000);
    return () => clearInterval(timer);
  }, []);
  return <time dateTime={since} aria-live="off">{formatDuration((now - Date.parse(since)) / 1000)}</time>;
}
