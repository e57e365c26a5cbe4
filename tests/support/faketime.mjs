// A server whose wall clock a test sets (libfaketime). The monotonic clock goes on, as it does on a machine whose time is set.
import { existsSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { temporaryFolder } from './process.mjs';
import { Server } from './server.mjs';

const LIBRARY = `/usr/lib/${{ x64: 'x86_64', arm64: 'aarch64' }[process.arch]}-linux-gnu/faketime/libfaketimeMT.so.1`;

// What the tests that need it are told.
export const withoutFaketime = existsSync(LIBRARY) ? false : 'the package faketime is not installed';

// `jump(seconds)` from the true time.
export async function startWithClock({ env = {}, ...options } = {}) {
  const file = path.join(temporaryFolder('clock'), 'offset');
  const jump = (seconds) => writeFileSync(file, `${seconds < 0 ? '-' : '+'}${Math.abs(seconds)}`);
  jump(0);
  const faked = { LD_PRELOAD: LIBRARY, FAKETIME_TIMESTAMP_FILE: file, FAKETIME_NO_CACHE: '1', FAKETIME_DONT_FAKE_MONOTONIC: '1' };
  const server = await Server.start({ ...options, env: { ...faked, ...env } });
  return { server, jump };
}
