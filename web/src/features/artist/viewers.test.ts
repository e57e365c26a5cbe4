import { expect, test } from 'vitest';
import { graphOf, withSample, type Sample } from './viewers';

test('a count is a step that holds until the next', () => {
  const graph = graphOf([{ at: 0, count: 0 }, { at: 5_000, count: 4 }, { at: 10_000, count: 2 }], 100, 40);
  expect(graph).toEqual({ most: 4, line: 'M0.0 40.0H50.0V0.0H100.0V20.0', area: 'M0.0 40.0H50.0V0.0H100.0V20.0V40H0Z' });
});

test('one moment makes no line, and nobody a flat one', () => {
  expect(graphOf([], 100, 40)).toBeUndefined();
  expect(graphOf([{ at: 1, count: 3 }], 100, 40)).toBeUndefined();
  expect(graphOf([{ at: 0, count: 0 }, { at: 1, count: 0 }], 100, 40)).toMatchObject({ most: 0, line: 'M0.0 40.0H100.0V40.0' });
});

test('a day of samples is kept thinned, with its peak and its end', () => {
  let samples: readonly Sample[] = [];
  for (let n = 0; n < 10_000; n += 1) samples = withSample(samples, { at: n * 2_500, count: n === 1_234 ? 99 : n % 7 });
  expect(samples.length).toBeLessThanOrEqual(721);
  expect(Math.max(...samples.map(({ count }) => count))).toBe(99);
  expect(samples.at(-1)!.at).toBe(9_999 * 2_500);
  expect([...samples].sort((one, other) => one.at - other.at)).toEqual(samples);
});

test('the same count at the same moment is told once', () => {
  const samples = [{ at: 0, count: 1 }];
  expect(withSample(samples, { at: 100, count: 1 })).toBe(samples);
  expect(withSample(samples, { at: 100, count: 2 })).toHaveLength(2);
});
