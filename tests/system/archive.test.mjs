// Recordings in an object store: a finished one is moved there, plays from there, and is deleted there; whatever fails on the
// way costs time and nothing else.
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { ffmpegPublish } from '../support/ffmpeg.mjs';
import { ObjectStore } from '../support/object_store.mjs';
import { Child } from '../support/process.mjs';
import { BINARY, Server, makeStation } from '../support/server.mjs';
import { waitFor } from '../support/wait.mjs';

const SECRET = 'canary/secret+key';
const ARCHIVED_MS = 40_000;

let store;
let server;
let owner;
let encoder;
before(async () => {
  store = new ObjectStore({ bucket: 'shows', region: 'eu-test-1', accessKeyId: 'AKTEST', secretKey: SECRET });
  const port = await store.listen();
  server = await Server.start({
    settings: { requests_per_second: 0, s3_bucket: 'shows', s3_endpoint: `http://127.0.0.1:${port}`, s3_region: 'eu-test-1', s3_access_key: 'AKTEST', s3_secret_key: SECRET, s3_prefix: 'nights/' },
  });
  owner = await server.user();
});
after(async () => {
  await encoder?.kill();
  await server?.kill();
  store?.server.closeAllConnections();
  store?.server.close();
});

const local = (url) => url.replace(/^https?:\/\/[^/]+/, server.url);
const keyOf = (id) => `nights/${id}/1.mp4`;
const fileOf = (id) => path.join(server.dataDir, 'recordings', id, '1.mp4');
const assetOf = async (id) => (await owner.get(`/api/vod/${id}`)).asset;
const isMoved = (id) => waitFor('the recording to be in the object store alone', () => store.objects.has(keyOf(id)) && !existsSync(fileOf(id)),
  { timeoutMs: ARCHIVED_MS, describe: () => server.log.slice(-1500) });

// A recording that is ready: `megabytes` of it.
async function recorded({ megabytes = 0.2, publish = ffmpegPublish } = {}) {
  const station = await makeStation(owner);
  encoder = publish(`${server.rtmpUrl}/${station.streamKey}`);
  const { sessionId } = await owner.post('/api/live/start', { streamKey: station.streamKey, title: 'Tonight', stationId: station.id, useMultistream: false, recordingEnabled: true });
  const asset = await waitFor('the recording to grow', async () => {
    const [one] = (await owner.get(`/api/vod?sessionId=${sessionId}`)).assets;
    return one?.duration >= 4 && one.sizeBytes >= megabytes * 1e6 && one;
  }, { timeoutMs: 60_000, everyMs: 300 });
  await owner.post('/api/live/stop', { sessionId });
  await encoder.kill();
  await waitFor('the recording to be ready', async () => (await assetOf(asset.id)).status === 'ready', { timeoutMs: 20_000, everyMs: 100 });
  return asset.id;
}

// Mostly filler, so that megabytes cost next to nothing to encode.
const publishMuch = (url) => new Child('ffmpeg', ['-nostdin', '-v', 'error', '-re', '-f', 'lavfi', '-i', 'testsrc=size=320x180:rate=25', '-t', '120',
  '-c:v', 'libx264', '-preset', 'ultrafast', '-tune', 'zerolatency', '-g', '25', '-pix_fmt', 'yuv420p', '-b:v', '40M', '-maxrate', '40M', '-bufsize', '4M', '-x264-params', 'nal-hrd=cbr', '-f', 'flv', url]);

async function decodes(url) {
  const ffmpeg = new Child('ffmpeg', ['-nostdin', '-v', 'error', '-i', local(url), '-f', 'null', '-']);
  const { code } = await ffmpeg.exit(30_000);
  // It says so when a part comes from another host, and goes there.
  const said = ffmpeg.output.replace(/^.*Cannot reuse HTTP connection for different host.*\n/gm, '');
  assert.equal(said, '');
  assert.equal(code, 0);
}

describe('a recording', () => {
  let id;
  let asset;
  test('goes to the object store although that fails at first, and leaves the disk', async () => {
    store.faults = [
      { request: 'PUT nights/', fault: { status: 503, code: 'SlowDown' }, times: 1 },
      { request: 'PUT nights/', fault: 'tear the request', times: 1 },
      { request: 'PUT nights/', fault: 'damage the body', times: 1 },
    ];
    id = await recorded();
    await isMoved(id);
    asset = await assetOf(id);
    assert.equal(store.objects.get(keyOf(id)).bytes.length, asset.sizeBytes);
    assert.equal(asset.error, null);
    assert.ok(store.faults.every(({ times }) => times === 0), JSON.stringify(store.faults));
  });

  test('is sent for there, by range and under its title', async () => {
    const answer = await fetch(local(asset.videoUrl), { redirect: 'manual' });
    assert.equal(answer.status, 302);
    assert.equal(answer.headers.get('cache-control'), 'private, no-store');
    const address = new URL(answer.headers.get('location'));
    assert.ok(Number(address.searchParams.get('X-Amz-Expires')) <= 600, address.search);
    const part = await fetch(local(asset.videoUrl), { headers: { range: 'bytes=100-299' } });
    assert.equal(part.status, 206);
    assert.equal(part.headers.get('content-range'), `bytes 100-299/${asset.sizeBytes}`);
    assert.deepEqual(Buffer.from(await part.arrayBuffer()), store.objects.get(keyOf(id)).bytes.subarray(100, 300));
    assert.match(part.headers.get('content-disposition'), /filename="Tonight\.mp4"/);
    assert.equal(part.headers.get('content-type'), 'video/mp4');
  });

  test('plays as HLS and as a file', async () => {
    await decodes(asset.playlistUrl);
    await decodes(asset.videoUrl);
    const picture = await fetch(local(asset.thumbnailUrl));
    assert.equal(picture.headers.get('content-type'), 'image/jpeg');
    await picture.arrayBuffer();
    const page = await fetch(`${server.url}/watch/${id}`);
    assert.ok(page.headers.get('content-security-policy').includes(new URL(server.settings.s3_endpoint).origin));
    await page.arrayBuffer();
  });

  test('is as private as before', async () => {
    await owner.put(`/api/vod/${id}`, { visibility: 'private' });
    await waitFor('strangers to be refused', async () => (await fetch(local(asset.videoUrl), { redirect: 'manual' })).status === 403, { timeoutMs: 6_000 });
    await decodes((await assetOf(id)).playlistUrl);
  });

  test('plays after a restart', async () => {
    await server.restart();
    await decodes((await assetOf(id)).playlistUrl);
  });

  test('is deleted there, when the store is back', async () => {
    store.faults = [{ request: 'DELETE nights/', fault: { status: 503, code: 'SlowDown' }, times: 2 }];
    await owner.delete(`/api/vod/${id}`);
    await waitFor('the object to be gone', () => !store.objects.has(keyOf(id)), { timeoutMs: ARCHIVED_MS });
    assert.ok(!existsSync(path.dirname(fileOf(id))));
  });
});

test('a kill in the middle of an upload costs no part that is there', async () => {
  store.faults = [{ request: 'partNumber=2', fault: 'hang', times: 1 }];
  store.log.length = 0;
  const id = await recorded({ megabytes: 40, publish: publishMuch });
  await waitFor('the upload to be in its second part', () => store.faults[0].times === 0, { timeoutMs: ARCHIVED_MS, describe: () => server.log.slice(-1500) });
  assert.ok(existsSync(fileOf(id)));
  await decodes((await assetOf(id)).playlistUrl);
  await server.kill();
  await server.launch();
  await isMoved(id);
  const sent = store.log.filter((line) => line.startsWith(`PUT ${keyOf(id)}`));
  assert.equal(sent.filter((line) => /partNumber=1&/.test(line)).length, 1, sent.join('\n'));
  assert.equal(store.log.filter((line) => line.startsWith(`POST ${keyOf(id)}?uploads`)).length, 1);
  assert.equal(store.uploads.size, 0);
  await decodes((await assetOf(id)).playlistUrl);
});

test('with a wrong key it stays here and plays, and its owner and the operator are told', async () => {
  store.secretKey = 'another';
  const id = await recorded();
  const asset = await waitFor('the trouble to be told', async () => {
    const one = await assetOf(id);
    return one.error && one;
  }, { timeoutMs: 20_000 });
  assert.match(asset.error, /^The copy in the object store is late: .*key/i);
  assert.equal((await server.api.get(`/api/vod/${id}`)).asset.error, null);
  assert.ok(existsSync(fileOf(id)));
  await decodes(asset.playlistUrl);
  assert.match(server.log, /recordings do not reach the object store/);
  const check = new Child(BINARY, ['check'], { env: server.environment, cwd: server.dataDir });
  assert.equal((await check.exit(30_000)).code, 1);
  assert.match(check.output, /wrong +object store: /);
  store.secretKey = SECRET;
  await server.restart();
  await isMoved(id);
  await waitFor('the trouble to be over', async () => (await assetOf(id)).error === null);
  const sound = new Child(BINARY, ['check'], { env: server.environment, cwd: server.dataDir });
  await sound.exit(30_000);
  assert.match(sound.output, /ok +object store: bucket shows can be written/);
});

test('a store that others wrote takes and gives them, too', async () => {
  const other = new Child(process.execPath, [fileURLToPath(new URL('../support/s3rver.mjs', import.meta.url)), 'shows'], { input: null });
  const [port] = await other.said(/^\d+(?=\n)/m, 20_000);
  Object.assign(server.settings, { s3_endpoint: `http://127.0.0.1:${port}`, s3_access_key: 'S3RVER', s3_secret_key: 'S3RVER' });
  await server.restart();
  const id = await recorded({ megabytes: 20, publish: publishMuch });
  await waitFor('the recording to leave the disk', () => !existsSync(fileOf(id)), { timeoutMs: ARCHIVED_MS, describe: () => server.log.slice(-1500) });
  const asset = await assetOf(id);
  const part = await fetch(local(asset.videoUrl), { headers: { range: 'bytes=100-299' } });
  assert.equal(part.status, 206);
  assert.equal((await part.arrayBuffer()).byteLength, 200);
  await decodes(asset.playlistUrl);
  await owner.delete(`/api/vod/${id}`);
  await other.kill();
});

test('no secret and no signature was logged', () => {
  assert.ok(!server.log.includes(SECRET));
  assert.ok(!/X-Amz-Signature/i.test(server.log));
});
