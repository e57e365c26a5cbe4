import { expect, test } from 'vitest';
import { expiresAt, isExpired } from './expiry';

const NOW = Date.parse('2026-01-31T20:00:00Z');

test('days from now, or no end', () => {
  expect(expiresAt('week', NOW)).toBe('2026-02-07T20:00:00.000Z');
  expect(expiresAt('year', NOW)).toBe('2027-01-31T20:00:00.000Z');
  expect(expiresAt('never', NOW)).toBeUndefined();
});

test('a token ends at its moment, and one without an end never', () => {
  expect(isExpired({ expiresAt: '2026-01-31T20:00:00Z' }, NOW)).toBe(true);
  expect(isExpired({ expiresAt: '2026-01-31T20:00:01Z' }, NOW)).toBe(false);
  expect(isExpired({ expiresAt: null }, NOW)).toBe(false);
});
