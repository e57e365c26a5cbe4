// `./run --demo`, shortened: a test card through RTMP to three receivers, one of which fails and recovers.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { freePort } from '../support/ports.mjs';
import { Child, temporaryFolder } from '../support/process.mjs';
import { BINARY } from '../support/server.mjs';

const SECONDS = 45;

test(`the demo runs for ${SECONDS} s, shows its table, and ends well`, async () => {
  const folder = temporaryFolder('demo');
  const places = ['--data-dir', folder, '--http', `127.0.0.1:${await freePort()}`, '--rtmp', `127.0.0.1:${await freePort()}`];
  const demo = new Child(BINARY, ['demo', '--demo-seconds', String(SECONDS), ...places], { cwd: folder });
  try {
    const { code } = await demo.exit((SECONDS + 30) * 1000);
    assert.equal(code, 0, demo.output.slice(-3_000));
    assert.match(demo.output, /connected/i);
    assert.match(demo.output, /h264|H\.264/i);
    assert.doesNotMatch(demo.output, /terminate called|Segmentation|runtime error/);
  } finally {
    if (!demo.over) await demo.kill();
  }
});
