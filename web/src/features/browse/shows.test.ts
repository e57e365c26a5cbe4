import { expect, test } from 'vitest';
import type { Schemas } from '@/shared/api/client';
import { bySchedule, byViewers, filterOf, inOrder, pictureOf, showOf, stationShows } from './shows';

const HERE = 'https://live.example';
const livestream = (more: Partial<Schemas['Livestream']>): Schemas['Livestream'] =>
  ({ id: 'ls_1', title: 'A show', status: 'live', station_id: null, scheduled_at: null, started_at: null, ended_at: null, token_gate_amount: 0, viewer_count: 0, ...more }) as Schemas['Livestream'];
const station = (more: Partial<Schemas['Station']>): Schemas['Station'] => ({ id: 'st_1', slug: 'night', name: 'Night radio', isLive: false, currentLivestream: null, ...more }) as Schemas['Station'];

test('a live picture stands beside its playlist, with the same right', () => {
  expect(pictureOf('http://elsewhere:8000/live/abc/index.m3u8?token=t', HERE)).toBe('/live/abc/thumbnail.jpg?token=t');
  expect(pictureOf('https://tracker.example/pixel.gif', HERE)).toBeUndefined();
  expect(pictureOf('javascript:alert(1)', HERE)).toBeUndefined();
  expect(pictureOf(null, HERE)).toBeUndefined();
});

test('a show is told with the name of its station', () => {
  const told = showOf(livestream({ station_id: 'st_1', token_gate_amount: 5 }), new Map([['st_1', station({})]]), HERE);
  expect(told).toMatchObject({ to: '/livestreams/ls_1', stationName: 'Night radio', gated: true, picture: undefined });
});

test('a station on the air without a show is one, and with a show is told by that', () => {
  const now = { sessionId: 'se_1', livestreamId: null, title: '', description: '', startedAt: '2026-01-01T00:00:00Z', viewerCount: 3, playback: { playbackId: 'p', hlsUrl: null, rtmpUrl: null } };
  expect(stationShows([station({ isLive: true, currentLivestream: now })], HERE)).toMatchObject([{ to: '/tv-stations/night', title: 'Night radio', viewers: 3 }]);
  expect(stationShows([station({ isLive: true, currentLivestream: { ...now, livestreamId: 'ls_1' } }), station({ currentLivestream: now })], HERE)).toEqual([]);
});

test('the soonest show is first, and one without a time last; live, the most watched', () => {
  const at = (id: string, scheduledAt?: string, viewers = 0) => ({ ...showOf(livestream({ id, scheduled_at: scheduledAt ?? null, viewer_count: viewers }), new Map(), HERE) });
  expect([at('c'), at('b', '2026-02-02T00:00:00Z'), at('a', '2026-02-01T00:00:00Z')].sort(bySchedule).map(({ id }) => id)).toEqual(['a', 'b', 'c']);
  expect([at('few', undefined, 1), at('many', undefined, 9)].sort(byViewers).map(({ id }) => id)).toEqual(['many', 'few']);
});

test('a filter that there is not is none', () => {
  expect([filterOf('live'), filterOf('x'), filterOf(null)]).toEqual(['live', 'all', 'all']);
});

test('what is on comes first, then what comes, then what was; what was cancelled does not', () => {
  const of = (status: Schemas['Livestream']['status']) => showOf(livestream({ id: status, status }), new Map(), HERE);
  expect(inOrder([of('ended'), of('cancelled'), of('scheduled'), of('live'), of('archived')]).map(({ id }) => id)).toEqual(['live', 'scheduled', 'ended', 'archived']);
});
