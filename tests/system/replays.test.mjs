// Recordings: a session becomes one, it is replayed as a file and as HLS, its owner describes, hides and deletes it, and a
// crash in the middle costs no more than its last seconds.
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { ffmpegPublish, probe } from '../support/ffmpeg.mjs';
import { mustHoldHls } from '../support/hls_checker.mjs';
import { temporaryFolder } from '../support/process.mjs';
import { Server, makeStation } from '../support/server.mjs';
import { waitFor } from '../support/wait.mjs';

// What is promised, and what a busy machine may take.
const READY_MS = process.env.EVERYCAST_FULL === '1' ? 5_000 : 10_000;
const HOSTILE = '"><img src=x onerror=alert(1)>\'; DROP TABLE assets;-- ../../x';

let server;
let owner;
const encoders = [];
before(async () => {
  server = await Server.start({ settings: { requests_per_second: 0, restart_grace_s: 60 } });
  owner = await server.user();
});
after(async () => {
  await Promise.all(encoders.map((encoder) => encoder.kill()));
  await server?.kill();
});

const local = (url) => url.replace(/^https?:\/\/[^/]+/, server.url);
const assetsOf = async (api, query = '') => (await api.get(`/api/vod${query}`)).assets;
const statusOf = async (url, options) => {
  const response = await fetch(local(url), options);
  await response.arrayBuffer();
  return response.status;
};

// A session that is being recorded, with media in it.
async function recording({ seconds = 5, title = 'Tonight' } = {}) {
  const station = await makeStation(owner);
  const encoder = ffmpegPublish(`${server.rtmpUrl}/${station.streamKey}`);
  encoders.push(encoder);
  const { sessionId } = await owner.post('/api/live/start', { streamKey: station.streamKey, title, stationId: station.id, useMultistream: false, recordingEnabled: true });
  const asset = await waitFor('the recording to have something in it', async () => {
    const [one] = await assetsOf(owner, `?sessionId=${sessionId}`);
    return one?.duration >= seconds && one;
  }, { timeoutMs: 40_000, everyMs: 300 });
  return { station, encoder, sessionId, asset };
}
const reaches = (id, status, timeoutMs = READY_MS) => waitFor(`the recording to be ${status}`, async () => {
  const { asset } = await owner.get(`/api/vod/${id}`);
  return asset.status === status && asset;
}, { timeoutMs, everyMs: 100 });

async function download(url) {
  const response = await fetch(local(url));
  assert.equal(response.status, 200);
  const file = path.join(temporaryFolder('replay'), 'video.mp4');
  writeFileSync(file, Buffer.from(await response.arrayBuffer()));
  return { response, file };
}

describe('a session that is recorded', () => {
  let made;
  let asset;
  before(async () => {
    made = await recording({ title: HOSTILE });
  });

  test('is its owner\'s while it goes on, and is not deleted then', async () => {
    assert.equal(made.asset.status, 'recording');
    assert.equal(made.asset.videoUrl, null);
    assert.equal(made.asset.multistreamSessionId, made.sessionId);
    const { session } = await owner.get(`/api/multistream/sessions/${made.sessionId}`);
    assert.deepEqual(session.recording, { assetId: made.asset.id, status: 'recording', error: null });
    assert.equal((await server.api.call('GET', `/api/vod/${made.asset.id}`)).status, 404);
    const { status, body } = await owner.call('DELETE', `/api/vod/${made.asset.id}`);
    assert.equal(status, 409);
    assert.equal(body.error.code, 'recording_running');
  });

  test('is ready within seconds of its stop', async () => {
    await owner.post('/api/live/stop', { sessionId: made.sessionId });
    asset = await reaches(made.asset.id, 'ready');
    assert.ok(asset.duration >= 5, `${asset.duration} s`);
    assert.equal(asset.title, HOSTILE);
    assert.equal(asset.width, 320);
    assert.match(asset.codecs, /^avc1\.[0-9a-f]{6},mp4a\.40\.2$/i);
    assert.deepEqual((await assetsOf(server.api)).map(({ id }) => id), [asset.id]);
    assert.deepEqual((await assetsOf(server.api, `?stationId=${made.station.id}`)).map(({ id }) => id), [asset.id]);
    assert.deepEqual(await assetsOf(server.api, '?stationId=st_other'), []);
    assert.equal((await server.api.get(`/api/vod/${asset.id}`)).asset.error, null);
  });

  test('is a file that is saved under its title, and sought in', async () => {
    const { response, file } = await download(asset.videoUrl);
    const disposition = response.headers.get('content-disposition') ?? '';
    assert.ok(!/[\r\n]/.test(disposition) && !disposition.includes('<img'), disposition);
    const { streams, errors } = await probe(file);
    assert.equal(errors, '');
    assert.deepEqual(streams.map(({ codec_name }) => codec_name).sort(), ['aac', 'h264']);
    const part = await fetch(local(asset.videoUrl), { headers: { range: 'bytes=100-299' } });
    assert.equal(part.status, 206);
    assert.equal((await part.arrayBuffer()).byteLength, 200);
    assert.equal(part.headers.get('content-range'), `bytes 100-299/${asset.sizeBytes}`);
    const again = await fetch(local(asset.videoUrl), { headers: { 'if-none-match': response.headers.get('etag') } });
    assert.equal(again.status, 304);
  });

  test('has a picture, made while it went on', async () => {
    const response = await fetch(local(asset.thumbnailUrl));
    assert.equal(response.status, 200);
    assert.equal(response.headers.get('content-type'), 'image/jpeg');
    const jpeg = Buffer.from(await response.arrayBuffer());
    assert.deepEqual([...jpeg.subarray(0, 3)], [0xff, 0xd8, 0xff]);
    assert.deepEqual([...jpeg.subarray(-2)], [0xff, 0xd9]);
  });

  test('is HLS that keeps the rules, over the same bytes', async () => {
    const { violations } = await mustHoldHls(local(asset.playlistUrl), { seconds: 1 });
    assert.ok(Array.isArray(violations));
  });

  test('is described by its owner alone', async () => {
    const other = await server.user('broadcaster', 'other');
    for (const [method, body] of [['PUT', { title: 'Mine' }], ['DELETE', undefined]]) {
      assert.equal((await other.call(method, `/api/vod/${asset.id}`, { body })).status, 404);
      assert.equal((await server.api.call(method, `/api/vod/${asset.id}`, { body })).status, 401);
    }
    const { asset: changed } = await owner.put(`/api/vod/${asset.id}`, { title: 'Another', description: 'Two\nlines' });
    assert.equal(changed.title, 'Another');
    assert.equal((await owner.call('PUT', `/api/vod/${asset.id}`, { body: { visibility: 'secret' } })).status, 422);
    assert.equal((await owner.call('PUT', `/api/vod/${asset.id}`, { body: { ownerId: 'us_x' } })).status, 422);
  });

  test('is seen by nobody else once it is private', async () => {
    const open = asset.videoUrl;
    await owner.put(`/api/vod/${asset.id}`, { visibility: 'private' });
    const other = await server.user('viewer', 'stranger');
    for (const api of [server.api, other]) {
      assert.equal((await api.call('GET', `/api/vod/${asset.id}`)).status, 404);
      assert.deepEqual(await assetsOf(api), []);
    }
    await waitFor('the open URLs to be refused', async () => (await statusOf(open)) >= 400, { timeoutMs: 5_000 });
    for (const api of [owner, server.admin]) {
      const { asset: mine } = await api.get(`/api/vod/${asset.id}`);
      assert.match(mine.videoUrl, /\?token=/);
      assert.equal(await statusOf(mine.videoUrl), 200);
      await mustHoldHls(local(mine.playlistUrl), { seconds: 1 });
    }
  });

  test('is gone with its files when it is deleted', async () => {
    const { asset: mine } = await owner.get(`/api/vod/${asset.id}`);
    await owner.delete(`/api/vod/${asset.id}`);
    assert.equal((await owner.call('GET', `/api/vod/${asset.id}`)).status, 404);
    await waitFor('its files to be gone', async () => (await statusOf(mine.videoUrl)) >= 400, { timeoutMs: 5_000 });
  });
});

test('a recording in the making is played by its owner up to what is on the disk', async () => {
  const { asset, sessionId } = await recording({ seconds: 8 });
  assert.equal(await statusOf(`${server.url}/vod/${asset.id}/index.m3u8`), 403);
  await owner.post('/api/live/stop', { sessionId });
  await reaches(asset.id, 'ready');
});

test('a kill in the middle leaves a recording that plays, and the session goes on in another', async () => {
  const { asset, station } = await recording();
  await server.kill();
  await server.launch();
  const mended = await reaches(asset.id, 'ready', 20_000);
  assert.ok(mended.duration >= asset.duration - 2, `${mended.duration} s of ${asset.duration}`);
  const { file } = await download(mended.videoUrl);
  assert.equal((await probe(file)).errors, '');
  await mustHoldHls(local(mended.playlistUrl), { seconds: 1 });
  encoders.push(ffmpegPublish(`${server.rtmpUrl}/${station.streamKey}`));
  await waitFor('another recording', async () => (await assetsOf(owner, `?stationId=${station.id}`)).length === 2, { timeoutMs: 20_000, everyMs: 200 });
});
