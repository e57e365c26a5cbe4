import { expect, it } from 'vitest';
import { firstSteps, lasted, outcomeMark, outcomes } from './outcome';

it('counts the same outcomes together, the good ones first', () => {
  const of = (...all: string[]) => outcomes(all.map((outcome) => ({ outcome }) as never)).map(({ label, count }) => `${count} ${label}`);
  expect(of('failed', 'completed', 'connected')).toEqual(['2 Delivered', '1 Failed']);
  expect(of()).toEqual([]);
  expect(outcomeMark('failed').tone).toBe('bad');
  expect(outcomeMark('of a later server')).toEqual({ tone: 'wait', label: 'of a later server' });
});
it('knows how long a show was live', () => {
  expect(lasted({ liveAt: '2026-02-06T20:00:00Z', endedAt: '2026-02-06T20:01:30Z' })).toBe(90);
  expect(lasted({ liveAt: null, endedAt: '2026-02-06T20:01:30Z' })).toBeUndefined();
});
it('shows first steps until there was a show', () => {
  expect(firstSteps({ stations: 0, destinations: 0, encoderSeen: false, sessions: 0 })).toEqual({ station: false, destination: false, encoder: false });
  expect(firstSteps({ stations: 1, destinations: 0, encoderSeen: true, sessions: 0 })).toEqual({ station: true, destination: false, encoder: true });
  expect(firstSteps({ stations: 1, destinations: 1, encoderSeen: true, sessions: 0 })).toBeUndefined();
  expect(firstSteps({ stations: 1, destinations: 0, encoderSeen: false, sessions: 2 })).toBeUndefined();
});
