import { expect, test } from 'vitest';
import { homeOf, placeAfter } from './next';

const after = (next: string) => placeAfter(`?next=${encodeURIComponent(next)}`, '/dashboard');

test('a place of this app is gone to, with its query', () => {
  expect(after('/recordings?station=st_1')).toBe('/recordings?station=st_1');
  expect(after('/setup')).toBe('/setup');
});

test.each(['https://evil.example/', '//evil.example', '/\\evil.example', '/\t/evil.example', '/.//evil.example', 'javascript:alert(1)', 'recordings', '', '/sign-in?next=/x', '/sign-up'])(
  'not a place to go to: %j',
  (next) => expect(after(next)).toBe('/dashboard'),
);

test('nothing asked for', () => {
  expect(placeAfter('', '/')).toBe('/');
  expect(homeOf('viewer')).toBe('/');
  expect(homeOf('admin')).toBe('/dashboard');
});
