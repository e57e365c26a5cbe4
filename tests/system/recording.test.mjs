// What stands on the disk after a recording: a file that decodes without a word, that says how long it is and where to seek,
// and that a kill at any moment leaves playable up to its last moments.
import assert from 'node:assert/strict';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { ffmpegPublish } from '../support/ffmpeg.mjs';
import { run } from '../support/process.mjs';
import { Server, makeStation } from '../support/server.mjs';
import { waitFor } from '../support/wait.mjs';

// What is promised: a part and what the packager holds. A busy machine may take more.
const MOST_LOST_S = 2;
const KILLS = process.env.EVERYCAST_FULL === '1' ? 200 : 2;

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

const filesOf = (asset) => {
  const folder = path.join(server.dataDir, 'recordings', asset);
  return readdirSync(folder).sort().map((name) => path.join(folder, name));
};
// The types of a file's boxes, one behind the other.
function boxesOf(file) {
  const bytes = readFileSync(file);
  const types = [];
  for (let at = 0; at < bytes.length; at += bytes.readUInt32BE(at)) types.push(bytes.toString('latin1', at + 4, at + 8));
  return types;
}
// Anything that they say besides is a complaint.
async function decode(file) {
  const said = await run('ffprobe', ['-v', 'warning', '-show_entries', 'format=duration,start_time', '-of', 'default=nk=1:nw=1', file]);
  assert.match(said, /^[\d.]+\n[\d.]+\n$/);
  assert.equal(await run('ffmpeg', ['-nostdin', '-v', 'warning', '-xerror', '-i', file, '-f', 'null', '-'], { timeoutMs: 60_000 }), '');
  const [start, duration] = said.trim().split('\n').map(Number);
  return { start, duration };
}
async function record() {
  const station = await makeStation(owner);
  encoder = ffmpegPublish(`${server.rtmpUrl}/${station.streamKey}`);
  const { sessionId } = await owner.post('/api/live/start', { streamKey: station.streamKey, title: 'Tonight', stationId: station.id, useMultistream: false, recordingEnabled: true });
  const asset = await waitFor('the recording', async () => (await owner.get(`/api/vod?sessionId=${sessionId}`)).assets[0], { timeoutMs: 20_000 });
  const file = await waitFor('its file', () => {
    try {
      return filesOf(asset.id)[0];
    } catch {
      return null;
    }
  }, { timeoutMs: 20_000 });
  return { sessionId, id: asset.id, file };
}
const ready = (id) => waitFor('the recording to be ready', async () => {
  const { asset } = await owner.get(`/api/vod/${id}`);
  return asset.status === 'ready' && asset;
}, { timeoutMs: 20_000, everyMs: 100 });
const pause = (ms) => new Promise((done) => setTimeout(done, ms));

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
  assert.ok(boxes.includes('sidx') && boxes.at(-1) === 'mfra', boxes.join(' ').slice(0, 200));
  assert.equal(statSync(file).mode & 0o777, 0o600);
});

test('a kill at any moment costs no more than its last moments', async () => {
  for (let i = 0; i < KILLS; ++i) {
    const { id, file } = await record();
    const began = Date.now();
    await pause(2_500 + Math.random() * 1_500);
    await server.kill();
    const lasted = (Date.now() - began) / 1000;
    await encoder.kill();
    await server.launch();
    await ready(id);
    const { duration } = await decode(file);
    assert.ok(duration > lasted - MOST_LOST_S, `${duration} s of ${lasted} s`);
    assert.equal(boxesOf(file).at(-1), 'mfra');
  }
});
