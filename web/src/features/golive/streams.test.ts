import { expect, it } from 'vitest';
import { firstChoice, streamsOf } from './streams';

const stations = [{ id: 'st_1', name: 'Radio' }, { id: 'st_2', name: 'TV' }];
const shows = [{ id: 'ls_1', title: 'Friday', station_id: 'st_2', scheduled_at: null }];
const session = (streamId: string, stationId: string | null = null) => ({ streamId, stationId, title: 'Running' });

it('offers stations, shows, and what runs', () => {
  expect(streamsOf(stations, shows, []).map(({ id }) => id)).toEqual(['st_1', 'st_2', 'ls_1']);
  const streams = streamsOf(stations, shows, [session('ls_9', 'st_1'), session('st_1')]);
  expect(streams.at(-1)).toEqual({ id: 'ls_9', kind: 'show', name: 'Running', stationId: 'st_1' });
  expect(streams).toHaveLength(4);
});
it('begins with the one that was asked for, then with what runs', () => {
  const streams = streamsOf(stations, shows, []);
  expect(firstChoice(streams, [], undefined)).toBe('st_1');
  expect(firstChoice(streams, [], undefined, ['ls_9', 'st_2'])).toBe('st_2');
  expect(firstChoice(streams, [session('ls_1')], undefined, ['st_2'])).toBe('ls_1');
  expect(firstChoice(streams, [session('st_2')], undefined)).toBe('st_2');
  expect(firstChoice(streams, [session('st_2')], 'st_1')).toBe('st_1');
  expect(firstChoice(streams, [session('ls_1', 'st_2')], 'st_2')).toBe('ls_1');
  expect(firstChoice([], [], undefined)).toBeUndefined();
});
