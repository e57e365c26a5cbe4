// Shows that are unlisted or private: who finds them and who plays them, by HLS, FLV, WebSocket and RTMP; that a running show
// which becomes private lets go of whoever may not watch; and that what players load is what the contract says.
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import http from 'node:http';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { makeLivestream } from '../support/broadcast.mjs';
import { contract } from '../support/contract.mjs';
import { ffmpegPlay, ffmpegPublish } from '../support/ffmpeg.mjs';
import { Server } from '../support/server.mjs';
import { waitFor } from '../support/wait.mjs';

// What is promised, and what a busy machine may take.
const CUT_MS = process.env.EVERYCAST_FULL === '1' ? 5_000 : 10_000;

let server;
let owner;
let other;
const children = [];
before(async () => {
  server = await Server.start({ settings: { requests_per_second: 0 } });
  [owner, other] = await Promise.all([server.user(), server.user('broadcaster', 'other')]);
});
after(async () => {
  await Promise.all(children.map((child) => child.kill()));
  await server?.kill();
});

const local = (url) => url.replace(/^https?:\/\/[^/]+/, server.url);
const statusOf = async (url, options) => {
  const response = await fetch(local(url), options);
  await response.arrayBuffer();
  return response.status;
};
const change = (show, body) => owner.put(`/api/v1/livestreams/${show.id}`, body);
const urlFor = async (api, show) => (await api.get(`/api/v1/livestreams/${show.id}`)).livestream.hls_url;

// A show that is on the air, with something to play.
async function onAir(options = {}) {
  const show = await makeLivestream(owner, { receivers: 0, ...options });
  children.push(ffmpegPublish(`${server.rtmpUrl}/${show.key}`, { gop: 30 }));
  const livestream = await waitFor('the show to be playable', async () => {
    const { livestream: found } = await owner.get(`/api/v1/livestreams/${show.id}`);
    return found.hls_url && (await statusOf(found.hls_url)) === 200 && found;
  }, { timeoutMs: 30_000, everyMs: 200 });
  return { ...show, playbackId: livestream.playback_id };
}

// Players that go on until they are let go: each {begun, over}, where `over` is a promise.
async function flvPlayer(url) {
  const response = await fetch(local(url));
  if (response.status !== 200) return { status: response.status };
  contract().validate({ method: 'GET', pathname: new URL(response.url).pathname, status: 200, contentType: response.headers.get('content-type') });
  const over = (async () => {
    for await (const bytes of response.body) assert.ok(bytes.length >= 0);
  })();
  return { status: 200, over: over.catch(() => {}) };
}
async function socketPlayer(url) {
  const { hostname, port, pathname, search } = new URL(local(url));
  const request = http.get({
    hostname, port, path: pathname + search,
    headers: { connection: 'Upgrade', upgrade: 'websocket', 'sec-websocket-version': '13', 'sec-websocket-key': randomBytes(16).toString('base64') },
  });
  const answer = await Promise.race([once(request, 'upgrade').then(([response, socket]) => ({ response, socket })), once(request, 'response').then(([response]) => ({ response }))]);
  const { response, socket } = answer;
  if (!socket) response.resume();
  else socket.resume().on('error', () => {});
  return { status: response.statusCode, over: socket && once(socket, 'close') };
}
function rtmpPlayer(show, search = '') {
  const player = ffmpegPlay(`${server.rtmpUrl}/${show.playbackId}${search}`, path.join(server.dataDir, `${randomBytes(4).toString('hex')}.flv`));
  children.push(player);
  return player;
}

describe('a private show', { concurrency: false }, () => {
  let show;
  before(async () => {
    show = await onAir({ visibility: 'private', title: 'Behind closed doors' });
  });

  test('does not exist but for those who manage it', async () => {
    for (const api of [server.api, other]) {
      for (const end of ['', '/status']) assert.equal((await api.call('GET', `/api/v1/livestreams/${show.id}${end}`)).status, 404);
      assert.equal((await api.call('GET', `/api/playback/${show.playbackId}`)).status, 404);
      for (const query of ['', '?active=true', '?upcoming=true']) assert.ok(!(await api.call('GET', `/api/v1/livestreams${query}`)).text.includes(show.id));
      assert.ok(!(await api.call('GET', '/api/live/status')).text.includes('Behind closed doors'));
    }
    const unknown = await server.api.call('GET', '/api/v1/livestreams/ls_unknown');
    assert.deepEqual((await server.api.call('GET', `/api/v1/livestreams/${show.id}`)).body, unknown.body);
    const embed = (page) => server.api.call('GET', `/api/oembed?url=${encodeURIComponent(`http://localhost:${server.httpPort}${page}`)}`);
    for (const page of [`/livestreams/${show.id}`, `/watch/${show.playbackId}`, `/embed/${show.playbackId}`]) assert.equal((await embed(page)).status, 404);
    for (const page of ['watch', 'embed']) {
      const { status, text } = await server.api.call('GET', `/${page}/${show.playbackId}`);
      assert.equal(status, 404);
      assert.ok(!text.includes('Behind closed doors'));
    }
    for (const api of [owner, server.admin]) {
      const { livestream } = await api.get(`/api/v1/livestreams/${show.id}`);
      assert.equal(livestream.visibility, 'private');
      assert.ok((await api.get('/api/v1/livestreams?active=true')).livestreams.some(({ id }) => id === show.id));
      assert.match((await api.get(`/api/playback/${show.playbackId}`)).playback.hlsUrl, /\?token=pt1\./);
    }
  });

  test('is played with their token alone, by HLS, FLV, WebSocket and RTMP', async () => {
    const bare = `${server.url}/live/${show.playbackId}`;
    assert.equal((await server.api.call('GET', `/live/${show.playbackId}/index.m3u8`)).status, 403);
    assert.equal(await statusOf(`${bare}/thumbnail.jpg`), 403);
    for (const play of [flvPlayer, socketPlayer]) assert.equal((await play(`${bare}.flv`)).status, 403);
    const refused = rtmpPlayer(show);
    await waitFor('the RTMP player to be sent away', () => refused.over, { timeoutMs: 10_000 });
    const { search, pathname } = new URL(await urlFor(owner, show));
    const { text } = await server.api.call('GET', pathname + search);
    for (const line of text.split('\n').filter((one) => one && !one.startsWith('#'))) assert.match(line, /[?&]token=pt1\./);
    for (const play of [flvPlayer, socketPlayer]) assert.ok([200, 101].includes((await play(`${bare}.flv${search}`)).status));
    const player = rtmpPlayer(show, search);
    await waitFor('the RTMP player to be let in', async () => (await owner.get(`/api/v1/livestreams/${show.id}/status`)).viewer_count >= 3 && !player.over, { timeoutMs: 20_000 });
  });
});

test('an unlisted show is played by whoever has its link, and is in no list', async () => {
  const show = await onAir({ visibility: 'unlisted' });
  assert.equal((await server.api.call('GET', `/live/${show.playbackId}/index.m3u8`)).status, 200);
  assert.equal((await server.api.call('GET', `/watch/${show.playbackId}`)).status, 200);
  assert.equal((await server.api.call('GET', `/embed/${show.playbackId}`)).status, 200);
  assert.equal((await server.api.get(`/api/v1/livestreams/${show.id}`)).livestream.visibility, 'unlisted');
  for (const api of [server.api, other]) assert.ok(!(await api.call('GET', '/api/v1/livestreams?active=true')).text.includes(show.id));
  assert.ok((await owner.call('GET', '/api/v1/livestreams?mine=true')).text.includes(show.id));
});

test('who watches a show that becomes private is let go, and so is its recording', async () => {
  const show = await onAir({ record: true });
  const bare = `${server.url}/live/${show.playbackId}`;
  const playing = await Promise.all([flvPlayer(`${bare}.flv`), socketPlayer(`${bare}.flv`)]);
  assert.deepEqual(playing.map(({ status }) => status), [200, 101]);
  const player = rtmpPlayer(show);
  await waitFor('all to play', async () => (await server.api.get(`/api/v1/livestreams/${show.id}/status`)).viewer_count >= 3, { timeoutMs: 20_000 });
  const recorded = async () => (await owner.get('/api/vod?mine=true')).assets.find(({ visibility }) => visibility);
  const asset = await waitFor('the recording', recorded, { timeoutMs: 20_000 });
  assert.equal(asset.visibility, 'public');
  const began = performance.now();
  assert.equal((await change(show, { visibility: 'private' })).livestream.visibility, 'private');
  assert.equal(await statusOf(`${bare}/index.m3u8`), 403, 'with the next question');
  await Promise.all(playing.map(({ over }) => over));
  await waitFor('the RTMP player to be let go', () => player.over, { timeoutMs: CUT_MS });
  assert.ok(performance.now() - began < CUT_MS, `${Math.round(performance.now() - began)} ms`);
  assert.equal((await owner.get(`/api/vod/${asset.id}`)).asset.visibility, 'private');
  await owner.post(`/api/v1/livestreams/${show.id}/stop`);
  const ready = await waitFor('the recording to be ready', async () => {
    const { asset: one } = await owner.get(`/api/vod/${asset.id}`);
    return one.status === 'ready' && one;
  }, { timeoutMs: 20_000 });
  assert.equal((await server.api.call('GET', `/api/vod/${asset.id}`)).status, 404);
  const { pathname, search } = new URL(ready.videoUrl);
  assert.equal((await server.api.call('GET', pathname)).status, 403);
  assert.equal((await server.api.call('GET', pathname + search, { headers: { range: 'bytes=0-99' } })).status, 206);
  assert.equal((await server.api.call('GET', `/vod/${asset.id}/index.m3u8${search}`)).status, 200);
});
