import { describe, expect, it } from 'vitest';
import { append, line, sampleOf, totals, type Sample } from './metrics';

const START = Date.parse('2026-02-06T20:00:00Z');
const at = (seconds: number, figures: object = {}): Sample =>
  sampleOf({
    at: new Date(START + seconds * 1000).toISOString(),
    viewerCount: 3,
    ingest: { video: { bitrateKbps: 2500, fps: 30 }, audio: { bitrateKbps: 128 } },
    destinations: [{ destinationId: 'de_1', status: 'connected', fps: 30, bitrateKbps: 2600, framesDropped: 0, queueMs: 0, rttMs: 12, bytesSent: 5, ...figures }],
  })!;

describe('the figures of a session', () => {
  it('are read from an event, and nothing else is', () => {
    expect(at(0).ingest).toEqual({ videoKbps: 2500, audioKbps: 128, fps: 30 });
    expect(at(0).destinations.get('de_1')?.rttMs).toBe(12);
    expect(sampleOf({})).toBeUndefined();
    expect(sampleOf({ at: 'yesterday', destinations: [] })).toBeUndefined();
    const odd = sampleOf({ at: new Date(START).toISOString(), ingest: null, destinations: [null, {}, { destinationId: 'de_2', fps: 'x' }] });
    expect(odd?.ingest).toBeUndefined();
    expect([...odd!.destinations.values()].map(({ fps }) => fps)).toEqual([0]);
  });

  it('are kept for the window alone, each once', () => {
    let samples: readonly Sample[] = [];
    for (let s = 0; s < 400; s += 1) samples = append(samples, at(s), 300_000);
    expect(samples).toHaveLength(301);
    expect(samples[0]!.at).toBe(START + 99_000);
    expect(append(samples, at(399))).toBe(samples);
    expect(append(samples, at(10))).toBe(samples);
    expect(append(samples, at(5_000))).toHaveLength(1);
  });

  it('are lines with gaps where nothing was known', () => {
    const samples = [at(0), at(1), at(20), at(21)];
    const [times, values] = line(samples, 'de_1', 'bitrate');
    expect(times.map((t) => t - START / 1000)).toEqual([0, 1, 10.5, 20, 21]);
    expect(values).toEqual([2600, 2600, null, 2600, 2600]);
    expect(line(samples, 'de_9', 'fps')[1].every((v) => v === null)).toBe(true);
  });

  it('show drops as they happen, also when the count begins anew', () => {
    const samples = [at(0, { framesDropped: 7 }), at(1, { framesDropped: 7 }), at(2, { framesDropped: 19 }), at(3, { framesDropped: 4 })];
    expect(line(samples, 'de_1', 'drops')[1]).toEqual([0, 0, 12, 4]);
  });

  it('sum up', () => {
    const one = { status: 'connected', bitrateKbps: 1000, framesDropped: 2, bytesSent: 10 };
    expect(totals([one, { ...one, status: 'error', bitrateKbps: 0 }])).toEqual({ connected: 1, destinations: 2, bitrateKbps: 1000, framesDropped: 4, bytesSent: 20 });
  });
});
