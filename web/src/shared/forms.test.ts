import { expect, test } from 'vitest';
import { ApiError } from './api/client';
import { refusedField } from './forms';

test('a refusal is shown at its field only where the form has one', () => {
  const refused = new ApiError(422, 'invalid', 'Too short.', { field: 'password' });
  expect(refusedField(refused, { password: '' })).toBe('password');
  expect(refusedField(refused, { email: '' })).toBeUndefined();
});

test('what is about no field, or about a name every object has, is shown over the form', () => {
  expect(refusedField(new ApiError(409, 'conflict', 'Taken.'), { email: '' })).toBeUndefined();
  expect(refusedField(new ApiError(422, 'invalid', 'No.', { field: 'toString' }), { email: '' })).toBeUndefined();
  expect(refusedField(new Error('broken'), { email: '' })).toBeUndefined();
});
