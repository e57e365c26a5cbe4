import { expect, test } from 'vitest';
import { slugOf } from './slug';

test.each([
  ['Night radio', 'night-radio'],
  ['  Café Müller!  ', 'cafe-muller'],
  ['Ночь', ''],
  ['x'.repeat(80), 'x'.repeat(63)],
  [`${'x'.repeat(62)} y`, 'x'.repeat(62)],
])('"%s" is at "%s"', (name, slug) => expect(slugOf(name)).toBe(slug));
