// Who may watch what, by HLS, HTTP-FLV and RTMP: gated shows, rights that end by the stopwatch, how many watch, status that
// is cheap to poll, and how other sites embed it.
import assert from 'node:assert/strict';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { makeLivestream } from '../support/broadcast.mjs';
import { ffmpegPlay, ffmpegPublish } from '../support/ffmpeg.mjs';
import { Server } from '../support/server.mjs';
import { waitFor } from '../support/wait.mjs';

// What is promised, and what a busy machine may take.
const REVOKED_MS = process.env.EVERYCAST_FULL === '1' ? 5_000 : 10_000;
const COUNTED_MS = 10_000;

let server;
let owner;
const encoders = [];
const players = [];
before(async () => {
  server = await Server.start({ settings: { requests_per_second: 0 } });
  owner = await server.user();
});
after(async () => {
  await Promise.all([...encoders, ...players].map((child) => child.kill()));
  await server?.kill();
});

// A show that is on the air, with something to play.
async function onAir(options = {}) {
  const show = await makeLivestream(owner, { receivers: 0, ...options });
  const encoder = ffmpegPublish(`${server.rtmpUrl}/${show.key}`, { gop: 30 });
  encoders.push(encoder);
  const found = await waitFor('the show to be playable', async () => {
    const { livestream } = await owner.get(`/api/v1/livestreams/${show.id}`);
    return livestream.hls_url && (await fetch(local(livestream.hls_url))).ok && livestream;
  }, { timeoutMs: 20_000, everyMs: 200 });
  return { ...show, encoder, playbackId: found.playback_id };
}
const local = (url) => url.replace(/^https?:\/\/[^/]+/, server.url);
const gated = async (show, amount) => owner.put(`/api/v1/livestreams/${show.id}`, { token_gate_amount: amount });
const grant = (user, amount) => server.admin.post(`/api/users/${user.user.id}/tokens`, { amount });
async function holder(amount) {
  const fan = await server.user('viewer');
  await grant(fan, amount);
  return fan;
}
const urlFor = async (api, show) => (await api.get(`/api/v1/livestreams/${show.id}`)).livestream.hls_url;
const statusOf = async (url) => {
  const response = await fetch(url);
  await response.arrayBuffer();
  return response.status;
};
// The URIs of a playlist, as they are asked for.
async function uris(url) {
  const response = await fetch(url);
  assert.equal(response.status, 200, url.replace(/token=[^&]*/, 'token=…'));
  const text = await response.text();
  return [...text.matchAll(/URI="([^"]+)"/g)].map(([, uri]) => uri).concat(text.split('\n').filter((line) => line && !line.startsWith('#')))
    .map((uri) => new URL(uri, url).href);
}
const mediaPlaylist = async (url) => (await uris(url)).find((uri) => /media\.m3u8/.test(uri));

describe('a gated show', { concurrency: false }, () => {
  let show;
  before(async () => {
    show = await onAir();
    await gated(show, 10);
  });

  test('is told and played to those alone who hold enough', async () => {
    const poor = await holder(9);
    const fan = await holder(10);
    const bare = `${server.url}/live/${show.playbackId}/index.m3u8`;
    assert.equal(await urlFor(server.api, show), undefined);
    assert.equal(await urlFor(poor, show), undefined);
    assert.equal(await statusOf(bare), 403);
    assert.equal(await statusOf(`${bare}?token=pt1.AAAA`), 403);
    const index = local(await urlFor(fan, show));
    const media = await mediaPlaylist(index);
    for (const uri of await uris(media)) {
      assert.match(uri, /[?&]token=pt1\./, 'every URI carries a token');
      const naked = new URL(uri);
      naked.search = '';
      assert.equal(await statusOf(naked.href), 403);
    }
    assert.equal(await statusOf((await uris(media)).find((uri) => /\.mp4|\.m4s/.test(uri))), 200);
    const { livestreams } = await poor.get('/api/v1/livestreams?active=true');
    assert.equal(livestreams.find(({ id }) => id === show.id).hls_url, undefined);
  });

  test('stops within five seconds for whoever loses the right, over HLS, FLV and RTMP', async () => {
    const fan = await holder(10);
    const media = await mediaPlaylist(local(await urlFor(fan, show)));
    const { playback } = await fan.get(`/api/playback/${show.playbackId}`);
    const flv = await fetch(local(playback.flvUrl));
    assert.equal(flv.status, 200);
    const ended = (async () => {
      for await (const bytes of flv.body) assert.ok(bytes.length >= 0);
      return performance.now();
    })();
    const player = ffmpegPlay(`${server.rtmpUrl}/${show.playbackId}${new URL(playback.hlsUrl).search}`, path.join(server.dataDir, 'played.flv'));
    players.push(player);
    await waitFor('the RTMP player to be let in', async () => (await server.api.get(`/api/v1/livestreams/${show.id}/status`)).viewer_count >= 2 && !player.over, { timeoutMs: 15_000 });
    assert.equal(await statusOf(media), 200);
    const began = performance.now();
    await grant(fan, -1);
    await waitFor('the playlist to be refused', async () => (await statusOf(media)) === 403, { timeoutMs: REVOKED_MS });
    const end = await Promise.race([ended, pause(REVOKED_MS, undefined, { ref: false })]);
    assert.ok(end && end - began < REVOKED_MS, 'the FLV stream ended');
    await waitFor('the RTMP player to be let go', () => player.over, { timeoutMs: REVOKED_MS });
    await grant(fan, 1);
    assert.equal(await statusOf(local(await urlFor(fan, show))), 200, 'and a right that comes back opens it again');
  });

  test('shows no token in the log', async () => {
    const fan = await holder(10);
    const url = local(await urlFor(fan, show));
    await uris(url);
    const token = new URL(url).searchParams.get('token');
    assert.ok(token.startsWith('pt1.'));
    assert.ok(!server.child.output.includes(token.slice(4, 40)));
  });
});

test('viewers are counted within ten seconds of the truth, whoever polls what', async () => {
  const show = await onAir();
  const index = `${server.url}/live/${show.playbackId}/index.m3u8`;
  const count = async () => (await server.api.get(`/api/v1/livestreams/${show.id}/status`)).viewer_count;
  for (let i = 0; i < 50; i += 1) await statusOf(index);
  const players = await Promise.all([1, 2, 3].map(() => mediaPlaylist(index)));
  assert.equal(new Set(players).size, 3, 'each player is told apart');
  let playing = true;
  const polling = Promise.all(players.map(async (url, i) => {
    while (playing || i === 0) {
      await statusOf(url);
      if (i === 0 && !playing && (await count()) === 1) return;
      await pause(500);
    }
  }));
  await waitFor('three viewers', async () => (await count()) === 3, { timeoutMs: COUNTED_MS });
  playing = false;
  await waitFor('one viewer', async () => (await count()) === 1, { timeoutMs: COUNTED_MS + 5_000 });
  await polling;
  for (let i = 0; i < 200; i += 1) await statusOf(`${players[0].replace(/viewer=[^&]*/, `viewer=${'A'.repeat(44)}`)}`);
  assert.ok((await count()) <= 1, 'forged ones are nobody');
  await waitFor('nobody', async () => (await count()) === 0, { timeoutMs: COUNTED_MS + 5_000 });
  await owner.post(`/api/v1/livestreams/${show.id}/stop`);
  await waitFor('peak and total', async () => {
    const { livestream } = await owner.get(`/api/v1/livestreams/${show.id}`);
    return livestream.peak_viewers === 3 && livestream.total_viewers === 3;
  }, { timeoutMs: 15_000 });
});

test('a status is polled with its entity tag', async () => {
  const { livestream } = await owner.post('/api/v1/livestreams', { title: 'Polled' });
  const path = `/api/v1/livestreams/${livestream.id}/status`;
  const first = await server.api.call('GET', path);
  const tag = first.headers.get('etag');
  assert.ok(tag);
  assert.equal((await server.api.call('GET', path, { headers: { 'if-none-match': tag } })).status, 304);
  await owner.post(`/api/v1/livestreams/${livestream.id}/cancel`);
  const changed = await server.api.call('GET', path, { headers: { 'if-none-match': tag } });
  assert.equal(changed.status, 200);
  assert.equal(changed.body.status, 'cancelled');
});

test('other sites embed what is ours, and nothing else', async () => {
  const title = '"><script>alert(1)</script>';
  const { livestream } = await owner.post('/api/v1/livestreams', { title });
  const ask = (url, more = '') => server.api.call('GET', `/api/oembed?url=${encodeURIComponent(url)}${more}`);
  const base = `http://localhost:${server.httpPort}`;
  const { status, body } = await ask(`${base}/livestreams/${livestream.id}`, '&format=json&maxwidth=320');
  assert.equal(status, 200);
  assert.equal(body.title, title);
  assert.deepEqual([body.version, body.type, body.width, body.height], ['1.0', 'video', 320, 180]);
  assert.match(body.html, /^<iframe src="[^"<>]+\/embed\/[0-9A-Za-z]+"[^<>]*><\/iframe>$/);
  assert.equal((await ask('https://elsewhere.example/watch/abc')).status, 404);
  assert.equal((await ask(`${base}/livestreams/ls_none`)).status, 404);
  assert.equal((await ask(`${base}/livestreams/${livestream.id}`, '&format=xml')).status, 501);
});
