// What events tell of destinations and figures, put on the screen at once.
import { skipToken, useQuery, useQueryClient } from '@tanstack/react-query';
import { useServerEvent } from '@/shared/events/EventsProvider';
import { destinationsKey, healthKey, ownSessionsKey, type Health } from './api';
import { append, sampleOf, type Sample } from './metrics';
import { healthOf, patchDestinations, patchSessions, type Destination, type Session } from './patch';

const metricsKey = (sessionId: string) => ['metrics', sessionId] as const;
const NONE: readonly Sample[] = [];

/** For every page that shows destinations: may be used more than once at a time. */
export function useLiveUpdates(): void {
  const queries = useQueryClient();
  useServerEvent('destination.changed', (data) => {
    queries.setQueryData<readonly Destination[]>(destinationsKey, (all) => all && patchDestinations(all, data));
    const sessions = queries.getQueryData<readonly Session[]>(ownSessionsKey);
    if (!sessions) return;
    const patched = patchSessions(sessions, data);
    if (patched) queries.setQueryData(ownSessionsKey, patched);
    else void queries.invalidateQueries({ queryKey: ownSessionsKey });
  });
  useServerEvent('health.changed', (data) => {
    const health = healthOf(data);
    if (health && typeof data.sessionId === 'string') queries.setQueryData<Health>(healthKey(data.sessionId), health);
  });
  useServerEvent('metrics', (data) => {
    const sample = sampleOf(data);
    if (!sample || typeof data.sessionId !== 'string') return;
    queries.setQueryData<readonly Sample[]>(metricsKey(data.sessionId), (all) => append(all ?? NONE, sample));
  });
}

/** The last minutes of a session's figures, oldest first. */
export function useMetrics(sessionId: string): readonly Sample[] {
  const { data } = useQuery<readonly Sample[]>({ queryKey: metricsKey(sessionId), queryFn: skipToken });
  return data ?? NONE;
}
