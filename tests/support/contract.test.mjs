// The judge itself: what an answer must not get past it with.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ContractError, contract } from './contract.mjs';

const judge = (answer) => () => contract().validate({ method: 'GET', pathname: '/healthz', status: 200, contentType: 'application/json', text: '{}', ...answer });
const GOOD = { ok: true, version: '1.0.0' };

test('a promised answer passes', judge({ body: GOOD }));

for (const [what, answer] of [
  ['a missing field', { body: { ok: true } }],
  ['a field of another type', { body: { ...GOOD, version: 1 } }],
  ['a success that says it is none', { body: { ...GOOD, ok: false } }],
  ['another content type', { body: GOOD, contentType: 'text/html' }],
  ['a status that is not promised', { body: GOOD, status: 418 }],
  ['an answer on a path that is not promised', { body: GOOD, pathname: '/nothing' }],
  ['an error without a code', { body: { ok: false, error: { message: 'no' } }, pathname: '/api/auth/me', status: 401 }],
]) {
  test(`${what} is found`, () => assert.throws(judge(answer), ContractError));
}

test('the most literal path wins', () => {
  assert.equal(contract().find('GET', '/api/rtmp/endpoints/x/status').template, '/api/rtmp/endpoints/{id}/status');
  assert.equal(contract().find('GET', '/api/live/status').template, '/api/live/status');
});
