// What stands on the disk after a recording: a file that decodes without a word, that says how long it is,
// and that a kill at any moment leaves playable up to its last moments.
import assert from 'node:assert/strict';
import { statSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { FULL } from '../support/extent.mjs';
import { ffmpegPublish } from '../support/ffmpeg.mjs';
import { becomes, boxesOf, decode, firstFile, startRecorded } from '../support/recorded.mjs';
import { Server, makeStation } from '../support/server.mjs';

// What is promised: a part and what the packager holds. A busy machine may take more.
const MOST_LOST_S = 2;
const KILLS = Number(process.env.EVERYCAST_KILLS) || (FULL ? 200 : 2);

let server;
let owner;
let encoder;
before(async () => {
  server = await Server.start({ settings: { requests_per_second: 0, takeover: true } });
  owner = await server.user();
});
after(async () => {
  await encoder?.kill();
  await server?.kill();
});

async function record() {
  const station = await makeStation(owner);
  encoder = ffmpegPublish(`${server.rtmpUrl}/${station.streamKey}`);
  const recording = await startRecorded(owner, station);
  return { ...recording, file: await firstFile(server, recording.id) };
}
const ready = (id) => becomes(owner, id, 'ready');

test('a recording decodes without a word, begins at zero, and says how long it is', async () => {
  const { sessionId, id, file } = await record();
  const began = Date.now();
  await pause(5_000);
  await owner.post('/api/live/stop', { sessionId });
  const lasted = (Date.now() - began) / 1000;
  const asset = await ready(id);
  await encoder.kill();
  const { start, duration } = await decode(file);
  assert.ok(start < 0.1, `it begins at ${start} s`);
  assert.ok(duration > lasted - MOST_LOST_S && Math.abs(duration - asset.duration) < 0.2, `${duration} s of ${lasted} s, ${asset.duration} s told`);
  const boxes = boxesOf(file);
  assert.ok(boxes.at(-1) === 'mfra' && !boxes.includes('sidx'), boxes.join(' ').slice(0, 200));
  assert.equal(statSync(file).mode & 0o777, 0o600);
});

test('a kill at any moment costs no more than its last moments', async (t) => {
  let most = 0;
  for (let i = 0; i < KILLS; ++i) {
    // So many stations are one owner's, and so long is one signed in.
    if (i % 40 === 39) {
      server.admin = await server.signIn(server.admin.email, server.admin.password);
      owner = await server.user();
    }
    const { id, file } = await record();
    const began = Date.now();
    await pause(2_500 + Math.random() * 1_500);
    await server.kill();
    const lasted = (Date.now() - began) / 1000;
    await encoder.kill();
    await server.launch();
    await ready(id);
    const { duration } = await decode(file);
    most = Math.max(most, lasted - duration);
    assert.ok(duration > lasted - MOST_LOST_S, `${duration} s of ${lasted} s`);
    assert.equal(boxesOf(file).at(-1), 'mfra');
  }
  t.diagnostic(`${KILLS} kills: ${most.toFixed(2)} s were lost at most`);
});
