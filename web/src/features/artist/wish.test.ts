import { expect, test } from 'vitest';
import type { Livestream } from './api';
import { initialWish, wishOf } from './wish';

const show = { id: 'ls_1', title: 'Old', description: '', visibility: 'unlisted', scheduled_at: '2026-02-06T20:00:30.000Z', station_id: 'st_1', token_gate_amount: 5, record: false, destination_ids: ['de_1'], profile_id: null } as unknown as Livestream;

test('a new show goes to all active destinations, and names nothing that it has not', () => {
  const wish = wishOf({ ...initialWish(), title: '  New ' }, ['de_1', 'de_2']);
  expect(wish).toEqual({ title: 'New', description: '', visibility: 'public', token_gate_amount: 0, record: true, destination_ids: ['de_1', 'de_2'] });
});

test('what is not changed stays as it was', () => {
  const wish = wishOf(initialWish(show), ['de_2'], show);
  expect(wish).toMatchObject({ station_id: 'st_1', destination_ids: ['de_1'], visibility: 'unlisted', token_gate_amount: 5 });
  expect(wish.scheduled_at).toBeUndefined();
});

test('what is taken away is said', () => {
  const wish = wishOf({ ...initialWish(show), stationId: null, where: 'none' }, [], show);
  expect(wish).toMatchObject({ station_id: '', profile_id: '', destination_ids: [] });
});

test('a profile and destinations are never sent both', () => {
  const wish = wishOf({ ...initialWish(show), where: 'profile', profileId: 'pr_1' }, ['de_1'], show);
  expect(wish.profile_id).toBe('pr_1');
  expect(wish.destination_ids).toBeUndefined();
});
