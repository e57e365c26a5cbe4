// The end of a run: every operation of the contract was seen, and seen to succeed.
import assert from 'node:assert/strict';
import { readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { contract } from '../support/contract.mjs';

const folder = process.env.EVERYCAST_COVERAGE;
const lines = readdirSync(folder).flatMap((name) => readFileSync(path.join(folder, name), 'utf8').trim().split('\n'));
const seen = new Set(lines.map((line) => line.replace(/\d+$/, (status) => (Number(status) < 400 ? 'success' : 'error'))));

test('every operation of api/openapi.yaml was called, succeeded, and answered as promised', () => {
  const all = contract().operations.map(({ method, template }) => `${method} ${template}`);
  assert.deepEqual(all.filter((operation) => !seen.has(`${operation} success`)), []);
});
