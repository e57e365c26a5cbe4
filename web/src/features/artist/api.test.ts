import { expect, test } from 'vitest';
import { withDestination, withMetrics, type SimulcastStatus } from './api';

const endpoint = (id: string) => ({ id, name: id, status: 'connecting', detail: 'TLS', lastError: null, retryCount: 0, metrics: { bitrateKbps: 0, queueBytes: 7 } });
const status = {
  isActive: true,
  session: { sessionId: 'se_1', endpoints: [endpoint('de_1'), endpoint('de_2')] },
  ingest: { connected: true, driftMs: 0, silentMs: 900, video: null },
  bandwidth: {},
} as unknown as SimulcastStatus;

test("a destination's news changes that one alone", () => {
  const changed = withDestination(status, { destinationId: 'de_2', status: 'error', detail: '', lastError: 'refused', metrics: { bitrateKbps: 5 } });
  expect(changed.session!.endpoints[0]).toBe(status.session!.endpoints[0]);
  expect(changed.session!.endpoints[1]).toMatchObject({ status: 'error', detail: null, lastError: 'refused', metrics: { bitrateKbps: 5, queueBytes: 7 } });
});

test('the figures of a second go to what arrives and to each destination', () => {
  const changed = withMetrics(status, { ingest: { driftMs: 12 }, destinations: [{ destinationId: 'de_1', bitrateKbps: 4_500 }] });
  expect(changed.ingest).toMatchObject({ driftMs: 12, silentMs: 0, video: null });
  expect(changed.session!.endpoints.map(({ metrics }) => metrics.bitrateKbps)).toEqual([4_500, 0]);
  expect(changed.session!.endpoints[0]!.metrics).not.toHaveProperty('destinationId');
});

test('what is not known yet stays so', () => {
  const nothing = { ...status, session: null, ingest: null };
  expect(withMetrics(nothing, { ingest: { driftMs: 1 } })).toEqual(nothing);
  expect(withDestination(nothing, { destinationId: 'de_1' })).toBe(nothing);
});
