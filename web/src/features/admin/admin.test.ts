import { expect, test } from 'vitest';
import { ApiError, type Schemas } from '@/shared/api/client';
import { readinessOf } from './readiness';
import { amountOf, withUser } from './users';

const user = (id: string, role: 'viewer' | 'admin' = 'viewer') => ({ id, role }) as Schemas['User'];

test('one account is changed where it is, and other pages stay the same', () => {
  const pages = [{ users: [user('a'), user('b')], nextCursor: 'x' }, { users: [user('c')], nextCursor: null }];
  const changed = withUser(pages, user('b', 'admin'));
  expect(changed[0]!.users).toEqual([user('a'), user('b', 'admin')]);
  expect(changed[1]).toBe(pages[1]);
});

test('an amount is a whole number other than 0', () => {
  expect(amountOf('-25')).toBe(-25);
  expect(amountOf(' 40 ')).toBe(40);
  expect(amountOf(7)).toBe(7);
  for (const wrong of ['', ' ', '0', '1.5', 'ten', '1e13', 0, Number.NaN]) expect(amountOf(wrong)).toBeUndefined();
});

test('what the server goes on without is told apart from what it needs', () => {
  expect(readinessOf({ checks: [{ name: 'database', ok: true }, { name: 'object store', ok: false }] })).toEqual({
    ready: true,
    checks: [{ name: 'database', ok: true, needed: true }, { name: 'object store', ok: false, needed: false }],
  });
});

test('not ready: the parts that are not well with their reasons', () => {
  const refused = new ApiError(503, 'not_ready', 'Not ready: database: locked', { database: 'locked' });
  expect(readinessOf(refused)).toEqual({ ready: false, checks: [{ name: 'database', ok: false, needed: true, reason: 'locked' }] });
  expect(readinessOf(new ApiError(503, 'not_ready', 'No.')).checks[0]!.reason).toBe('No.');
});
