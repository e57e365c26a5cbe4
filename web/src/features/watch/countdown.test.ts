import { expect, test } from 'vitest';
import { nextTick, timeLeft } from './countdown';

test.each([
  [0, ''],
  [-1, ''],
  [Number.NaN, ''],
  [1, '1 s'],
  [59_001, '1 min 00 s'],
  [249_000, '4 min 09 s'],
  [3_600_000, '1 h 00 min'],
  [7_980_000, '2 h 13 min'],
  [90_000_000, '1 d 1 h'],
  [864_000_000, '10 d 0 h'],
])('%d ms are "%s"', (left, text) => expect(timeLeft(left)).toBe(text));

test('the last hour is counted by the second', () => {
  expect(nextTick(3_599_000)).toBe(1_000);
  expect(nextTick(7_200_000)).toBe(30_000);
});
