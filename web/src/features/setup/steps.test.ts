import { expect, test } from 'vitest';
import { codeOf, slugOf, stepOf } from './steps';

test('where one stands is what there is already', () => {
  const nothing = { signedIn: false, stations: 0, destinations: 0, skipped: false };
  expect(stepOf(nothing)).toBe('account');
  expect(stepOf({ ...nothing, signedIn: true })).toBe('station');
  expect(stepOf({ ...nothing, signedIn: true, stations: 1 })).toBe('destination');
  expect(stepOf({ ...nothing, signedIn: true, stations: 1, skipped: true })).toBe('encoder');
  expect(stepOf({ ...nothing, signedIn: true, stations: 1, destinations: 1 })).toBe('encoder');
});

test('skipping is no way round the station', () => {
  expect(stepOf({ signedIn: true, stations: 0, destinations: 0, skipped: true })).toBe('station');
});

test('the code of the printed link', () => {
  expect(codeOf('#0123456789abcdef01234567')).toBe('0123456789abcdef01234567');
  expect(codeOf('#%30123456789')).toBe('0123456789');
  for (const none of ['', '#', '#content', '#<img src=x onerror=alert(1)>', '#%E0%A4%A', `#${'a'.repeat(101)}`]) expect(codeOf(none)).toBeUndefined();
});

test('an address is proposed from the name', () => {
  expect(slugOf('Night Radio')).toBe('night-radio');
  expect(slugOf('  Café — Zürich!  ')).toBe('cafe-zurich');
  for (const short of ['夜', 'Ö', 'ab']) expect(slugOf(short)).toBe('');
  expect(slugOf('x'.repeat(80))).toHaveLength(63);
});
