import { expect, test } from 'vitest';
import { fromField, toField } from './localTime';

test('a field holds the same moment that was put in, to the minute', () => {
  const time = '2026-02-06T20:15:00.000Z';
  expect(toField(time)).toMatch(/^2026-02-0[67]T\d\d:15$/);
  expect(fromField(toField(time))).toBe(time);
});

test('no time is no time', () => {
  expect([toField(null), toField('x'), fromField(''), fromField('x')]).toEqual(['', '', undefined, undefined]);
});
