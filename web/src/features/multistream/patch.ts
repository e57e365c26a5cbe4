// A `destination.changed` event, put into what is kept already: what it does not concern stays the very same object, so that
// only what changed is drawn again. Pure.
import type { Schemas } from '@/shared/api/client';

export type Destination = Schemas['Destination'];
export type Session = Schemas['Session'];
export type SessionEndpoint = Schemas['SessionEndpoint'];

type Raw = Record<string, unknown>;
const text = (value: unknown): string | null => (typeof value === 'string' && value !== '' ? value : null);
const count = (value: unknown, otherwise: number): number => (typeof value === 'number' ? value : otherwise);

const replaced = <T>(list: readonly T[], index: number, by: T): T[] => list.map((one, n) => (n === index ? by : one));

export function patchDestinations(list: readonly Destination[], event: Raw): readonly Destination[] {
  const index = list.findIndex(({ id }) => id === event.destinationId);
  const old = list[index];
  if (!old) return list;
  const changed: Destination = {
    ...old,
    lastStatus: event.status as Destination['lastStatus'],
    lastError: text(event.lastError),
    lastConnectedAt: text(event.connectedAt) ?? old.lastConnectedAt,
    retryCount: count(event.retryCount, old.retryCount),
  };
  return replaced(list, index, changed);
}

/** Nothing when the event is about a part of a session that is not known yet: the sessions have to be asked for again. */
export function patchSessions(sessions: readonly Session[], event: Raw): readonly Session[] | undefined {
  const at = sessions.findIndex(({ sessionId }) => sessionId === event.sessionId);
  const session = sessions[at];
  if (!session) return undefined;
  const index = session.endpoints.findIndex(({ id }) => id === event.destinationId);
  const old = session.endpoints[index];
  if (!old) return undefined;
  const lastError = text(event.lastError);
  const changed: SessionEndpoint = {
    ...old,
    status: event.status as SessionEndpoint['status'],
    problem: event.problem as SessionEndpoint['problem'],
    detail: text(event.detail),
    lastError,
    lastErrorAt: lastError === old.lastError ? old.lastErrorAt : lastError && new Date().toISOString(),
    connectedAt: text(event.connectedAt),
    nextRetryAt: text(event.nextRetryAt),
    retryCount: count(event.retryCount, old.retryCount),
    metrics: typeof event.metrics === 'object' ? { ...old.metrics, ...event.metrics } : old.metrics,
    reasons: lastError && !old.reasons.includes(lastError) ? [...old.reasons, lastError] : old.reasons,
    outcome: event.status === 'connected' && old.outcome === 'pending' ? 'connected' : old.outcome,
  };
  return replaced(sessions, at, { ...session, endpoints: replaced(session.endpoints, index, changed) });
}

/** What a `health.changed` event says; nothing when it is none. */
export function healthOf(event: Raw): Pick<Schemas['Health'], 'status' | 'score' | 'issues'> | undefined {
  if (typeof event.health !== 'string' || !Array.isArray(event.issues)) return undefined;
  const issues = (event.issues as Schemas['Health']['issues']).map((one) => ({ ...one, destinationId: one.destinationId ?? null }));
  return { status: event.health as Schemas['HealthStatus'], score: count(event.score, 0), issues };
}

/** The part each destination takes in what runs now. */
export function endpointsById(sessions: readonly Session[] | undefined): Map<string, SessionEndpoint> {
  const byId = new Map<string, SessionEndpoint>();
  for (const session of sessions ?? []) for (const endpoint of session.endpoints) if (!endpoint.removed) byId.set(endpoint.id, endpoint);
  return byId;
}
