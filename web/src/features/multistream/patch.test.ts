import { describe, expect, it } from 'vitest';
import { endpointsById, healthOf, patchDestinations, patchSessions, type Destination, type Session } from './patch';

const destination = (id: string) => ({ id, lastStatus: 'disconnected', lastError: null, lastConnectedAt: '2026-01-01T00:00:00Z', retryCount: 0 }) as Destination;
const session = () =>
  ({
    sessionId: 'br_1',
    endpoints: [
      { id: 'de_1', status: 'connecting', problem: 'none', detail: null, lastError: null, lastErrorAt: null, retryCount: 0, reasons: [], outcome: 'pending', metrics: { fps: 1, queueBytes: 7 }, removed: false },
      { id: 'de_2', status: 'connected', removed: true },
    ],
  }) as unknown as Session;

describe('a changed destination', () => {
  it('is changed in the list, and no other is', () => {
    const list = [destination('de_1'), destination('de_2')];
    const patched = patchDestinations(list, { destinationId: 'de_2', status: 'error', lastError: 'the key was refused', retryCount: 3, connectedAt: null });
    expect(patched[0]).toBe(list[0]);
    expect(patched[1]).toMatchObject({ lastStatus: 'error', lastError: 'the key was refused', retryCount: 3, lastConnectedAt: '2026-01-01T00:00:00Z' });
    expect(patchDestinations(list, { destinationId: 'de_3', status: 'error' })).toBe(list);
  });

  it('is changed in its session', () => {
    const patched = patchSessions([session()], { sessionId: 'br_1', destinationId: 'de_1', status: 'error', problem: 'key_refused', lastError: 'no', detail: '', retryCount: 1, nextRetryAt: null, metrics: { fps: 0 } });
    const [first, second] = patched![0]!.endpoints;
    expect(first).toMatchObject({ status: 'error', problem: 'key_refused', detail: null, reasons: ['no'], outcome: 'pending', metrics: { fps: 0, queueBytes: 7 } });
    expect(first!.lastErrorAt).not.toBeNull();
    expect(second!.status).toBe('connected');
  });

  it('that is not known yet has to be asked for', () => {
    expect(patchSessions([session()], { sessionId: 'br_1', destinationId: 'de_9' })).toBeUndefined();
    expect(patchSessions([session()], { sessionId: 'br_9', destinationId: 'de_1' })).toBeUndefined();
  });

  it('makes the health of its session another', () => {
    const health = healthOf({ sessionId: 'br_1', health: 'degraded', score: 75, issues: [{ code: 'encoder_drift', severity: 'warning', message: 'It drifts.', since: '2026-01-01T00:00:00Z' }] });
    expect(health).toMatchObject({ status: 'degraded', score: 75, issues: [{ code: 'encoder_drift', destinationId: null }] });
    expect(healthOf({ issues: [] })).toBeUndefined();
  });

  it('is found by its id while it takes part', () => {
    expect([...endpointsById([session()]).keys()]).toEqual(['de_1']);
    expect(endpointsById(undefined).size).toBe(0);
  });
});
