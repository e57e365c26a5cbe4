// How often it failed and when it is tried next: counts down by itself while there is something to wait for.
import { useEffect, useState } from 'react';
import { multistream } from '@/text/en/multistream';
import type { SessionEndpoint } from '../patch';
import classes from './Destinations.module.css';

export function NextTry({ endpoint }: { endpoint: Pick<SessionEndpoint, 'status' | 'retryCount' | 'nextRetryAt'> }) {
  const { status, retryCount, nextRetryAt } = endpoint;
  const [now, setNow] = useState(Date.now);
  useEffect(() => {
    if (!nextRetryAt) return undefined;
    setNow(Date.now());
    const timer = setInterval(() => setNow(Date.now()), 1000);
    return () => clearInterval(timer);
  }, [nextRetryAt]);
  if (retryCount === 0 || status === 'connected') return null;
  const words = multistream.row;
  const next = nextRetryAt ? words.nextTry(Math.ceil((Date.parse(nextRetryAt) - now) / 1000)) : status === 'error' ? words.waitsForYou : undefined;
  return <span className={classes.tries} aria-live="off">{[words.tries(retryCount), next].filter(Boolean).join(', ')}</span>;
}
