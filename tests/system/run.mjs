// Runs the system tests: `node run.mjs [--tap FILE] [NAME…]`, where a NAME picks test files by a part of their path.
// Files run beside each other as far as the machine allows; the contract's coverage is asked for last, when all ran.
import { createWriteStream, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { finished } from 'node:stream/promises';
import { run } from 'node:test';
import { spec, tap } from 'node:test/reporters';
import { fileURLToPath } from 'node:url';
import { FULL } from '../support/extent.mjs';

const here = path.dirname(fileURLToPath(import.meta.url));
const support = path.join(here, '..', 'support');

// Most of a test's time is media at its own pace: two at a time per core do not disturb each other.
const CONCURRENCY = Math.max(2, Math.min(6, os.cpus().length));
// A full run kills the server a thousand times.
const FILE_TIMEOUT_MS = FULL ? 3_600_000 : 240_000;
// Those that measure time run first, and the long ones early.
const FIRST = ['fanout', 'ingest', 'accounts', 'clients', 'demo'];

const words = process.argv.slice(2);
const tapFile = words.includes('--tap') ? words.splice(words.indexOf('--tap'), 2)[1] : undefined;

const testsIn = (folder) => readdirSync(folder).filter((name) => name.endsWith('.test.mjs')).map((name) => path.join(folder, name));
const rank = (file) => {
  const at = FIRST.findIndex((name) => path.basename(file).startsWith(name));
  return at === -1 ? FIRST.length : at;
};
const files = [here, support, path.join(support, 'rtmp')].flatMap(testsIn)
  .filter((file) => words.length === 0 || words.some((word) => file.includes(word)))
  .sort((one, other) => rank(one) - rank(other) || one.localeCompare(other));

const coverage = mkdtempSync(path.join(os.tmpdir(), 'everycast-coverage-'));
process.env.EVERYCAST_COVERAGE = coverage;

const counts = { pass: 0, fail: 0 };
async function part(list, concurrency, flags) {
  const stream = run({ files: list, concurrency, timeout: FILE_TIMEOUT_MS });
  // Only leaves are counted: a suite that fails does so through a test of its own, or with a hook, which fails its tests.
  stream.on('test:pass', ({ details, skip }) => { if (details?.type !== 'suite' && !skip) counts.pass += 1; });
  stream.on('test:fail', ({ details }) => { if (details?.type !== 'suite') counts.fail += 1; });
  if (tapFile) stream.compose(tap).pipe(createWriteStream(tapFile, { flags }));
  const shown = stream.compose(new spec());
  shown.pipe(process.stdout, { end: false });
  await finished(shown);
}

const began = Date.now();
await part(files, CONCURRENCY, 'w');
// A part of the tests cannot cover the whole contract.
if (words.length === 0) await part([path.join(here, 'coverage.mjs')], 1, 'a');
rmSync(coverage, { recursive: true, force: true });
process.stdout.write(`\n${counts.pass} passed, ${counts.fail} failed, ${Math.round((Date.now() - began) / 1000)} s\n`);
process.exitCode = counts.fail === 0 && counts.pass > 0 ? 0 : 1;
