// What goes wrong under a recording: the disk fills up, the server is killed at each of the recorder's calls that write, or
// asked to end in the middle. What was recorded stays, and nobody else notices.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { closeSync, existsSync, mkdirSync, openSync, readFileSync, rmSync, statSync, writeSync } from 'node:fs';
import path from 'node:path';
import { describe, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { arrived, endpointReaches, makeReceiver } from '../support/broadcast.mjs';
import { FULL, slack } from '../support/extent.mjs';
import { ffmpegPublish } from '../support/ffmpeg.mjs';
import { temporaryFolder } from '../support/process.mjs';
import { becomes, decode, filesOf, firstFile, isClosed, startRecorded } from '../support/recorded.mjs';
import { ScriptedPublisher } from '../support/rtmp/client-peer.mjs';
import { assertExact } from '../support/rtmp/compare.mjs';
import { show } from '../support/rtmp/media.mjs';
import { Server, makeStation } from '../support/server.mjs';
import { waitFor } from '../support/wait.mjs';

const MOST_LOST_S = slack(2, 4);

// The URIs that a playlist names, and up to which byte of each.
async function bytesNamed(url) {
  const response = await fetch(url);
  assert.equal(response.status, 200, url);
  const text = await response.text();
  const ends = new Map();
  let range;
  const name = (uri, [length, from]) => {
    const whole = new URL(uri, url).href;
    ends.set(whole, Math.max(ends.get(whole) ?? 0, Number(length) + Number(from)));
  };
  for (const line of text.split('\n')) {
    const map = /^#EXT-X-MAP:URI="([^"]+)",BYTERANGE="(\d+)@(\d+)"/.exec(line);
    if (map) name(map[1], [map[2], map[3]]);
    const bytes = /^#EXT-X-BYTERANGE:(\d+)@(\d+)/.exec(line);
    if (bytes) range = [bytes[1], bytes[2]];
    if (line === '' || line.startsWith('#')) continue;
    if (text.includes('#EXT-X-STREAM-INF')) return bytesNamed(new URL(line, url).href);
    name(line, range);
  }
  assert.ok(ends.size > 0, text);
  return ends;
}
async function assertPlaylistWithinFile(server, asset) {
  const { pathname, search } = new URL(asset.playlistUrl, server.url);
  for (const [url, end] of await bytesNamed(server.url + pathname + search)) {
    const last = await fetch(url, { headers: { range: `bytes=${end - 1}-${end - 1}` } });
    assert.equal(last.status, 206, `${url} has no byte ${end - 1}`);
    await last.arrayBuffer();
  }
}

describe('recording faults', { concurrency: FULL ? 1 : 3 }, () => {
  test('a disk that fills up: live loses nothing, trouble is told, what is there plays, and it goes on within 10 s of room', async (t) => {
    const dataDir = path.join(temporaryFolder('full'), 'data');
    const folder = path.join(dataDir, 'recordings');
    mkdirSync(folder, { recursive: true });
    if (spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=48m,mode=0700', 'tmpfs', folder]).status !== 0) return void t.skip('a file system cannot be mounted here');
    let server;
    let encoder;
    try {
      server = await Server.start({ dataDir });
      const owner = await server.user();
      const receiver = await makeReceiver(owner, { name: 'beside' });
      const [pictures, exact] = await Promise.all([makeStation(owner, 'Pictures'), makeStation(owner, 'Exact')]);
      encoder = ffmpegPublish(`${server.rtmpUrl}/${pictures.streamKey}`);
      const recording = await startRecorded(owner, pictures);
      const { sessionId } = await owner.post('/api/live/start', { streamKey: exact.streamKey, title: 'Beside', stationId: exact.id, selectedEndpoints: [receiver.id], recordingEnabled: true });
      const publisher = await new ScriptedPublisher({ url: server.rtmpUrl }).publish(exact.streamKey);
      const over = new AbortController();
      const playing = publisher.play(show({ seconds: 60 }), { signal: over.signal });
      await endpointReaches(owner, sessionId, receiver.id, ({ status }) => status === 'connected');
      const first = await firstFile(server, recording.id);
      const began = performance.now();
      await waitFor('some of it', () => statSync(first).size > 200_000);
      const error = async () => (await owner.get(`/api/vod/${recording.id}`)).asset.error;
      assert.equal(await error(), null);

      const ballast = path.join(folder, 'ballast');
      const fd = openSync(ballast, 'w');
      assert.throws(() => { for (;;) if (writeSync(fd, Buffer.alloc(1 << 20)) === 0) return; }, { code: 'ENOSPC' });
      closeSync(fd);
      const until = (performance.now() - began) / 1000;
      assert.match(await waitFor('trouble to be told', error, { timeoutMs: 10_000 }), /full/i);
      await waitFor('the file to be closed', () => isClosed(first));
      const { duration } = await decode(first);
      assert.ok(duration > until - MOST_LOST_S, `${duration} s of ${until} s`);
      await pause(3_000);
      assert.equal(filesOf(server, recording.id).length, 1, 'nothing more is begun');

      rmSync(ballast);
      const room = performance.now();
      await waitFor('the next file', () => filesOf(server, recording.id)[1], { timeoutMs: 10_000 });
      await waitFor('trouble to be over', async () => await error() === null, { timeoutMs: 10_000 });
      t.diagnostic(`goes on ${Math.round(performance.now() - room)} ms after there was room`);
      assert.ok(performance.now() - room < 10_000);
      await pause(2_000);

      over.abort();
      await playing;
      await arrived(publisher, receiver.peer);
      assertExact(publisher.sent, receiver.peer.last.messages, { label: 'the destination' });
      assert.equal(receiver.peer.runs.length, 1, 'it was connected once');
      await owner.post('/api/live/stop', { sessionId: recording.sessionId });
      const asset = await becomes(owner, recording.id, 'ready');
      for (const file of filesOf(server, recording.id)) assert.ok((await decode(file)).duration > 1, file);
      await assertPlaylistWithinFile(server, asset);
      publisher.close();
      await receiver.peer.close();
    } finally {
      await encoder?.kill();
      await server?.kill();
      spawnSync('umount', ['-l', folder]);
    }
  });

  // The N-th such call of any thread kills it. Each round records for some seconds and stops, so that every write that there is
  // comes: the head, parts, flushes, the index, the duration.
  const CALLS = { pwritev: slack(Infinity, [1, 5, 13]), fdatasync: slack(Infinity, [4]), ftruncate: slack(Infinity, []), fsync: slack(Infinity, []), mkdirat: slack(Infinity, []) };
  const RECORDED_MS = 3_000;
  // Without strace the server that it runs would live on.
  async function killTraced({ child: { process: { pid }, exited, over } }) {
    if (over) return;
    for (const traced of readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').split(' ').filter(Boolean)) process.kill(Number(traced), 'SIGKILL');
    await exited;
  }
  async function killedAt(t, call, n) {
    const strace = ['strace', '-f', '-qq', '-o', '/dev/null', '-e', `trace=${call}`, '-e', `inject=${call}:signal=KILL:when=${n}`];
    const server = await Server.start({ settings: { requests_per_second: 0 } });
    let encoder;
    try {
      const owner = await server.user();
      const station = await makeStation(owner);
      await server.stop();
      server.launcher = strace;
      try {
        await server.launch();
      } catch (error) {
        // The database makes such calls as well, before anything is recorded.
        if (!server.child.over) throw error;
        return true;
      }
      encoder = ffmpegPublish(`${server.rtmpUrl}/${station.streamKey}`);
      let recording;
      let began;
      let last;
      const died = server.child.exited.then(() => { last = performance.now(); });
      try {
        recording = await Promise.race([startRecorded(owner, station), died]);
        if (recording) await Promise.race([firstFile(server, recording.id), died]);
        began = performance.now();
        await Promise.race([pause(RECORDED_MS), died]);
        if (!server.child.over) await owner.post('/api/live/stop', { sessionId: recording.sessionId });
        last ??= performance.now();
        if (!server.child.over) await Promise.race([becomes(owner, recording.id, 'ready', 'failed'), died]);
      } catch (error) {
        // A call of ours may notice first.
        await Promise.race([pause(1_000), died]);
        if (!server.child.over) throw error;
      }
      const killed = Boolean(server.child.over);
      await encoder.kill();
      if (!killed) await killTraced(server);
      server.launcher = [];
      await server.launch();
      recording ??= await owner.get('/api/vod').then(({ assets }) => assets[0]);
      if (!recording) return killed;
      const asset = await becomes(owner, recording.id, 'ready', 'failed');
      const label = `${call} ${n}`;
      const lasted = began === undefined ? 0 : (last - began) / 1000;
      if (asset.status === 'failed') {
        assert.ok(lasted < MOST_LOST_S, `${label}: ${lasted} s are lost`);
        return killed;
      }
      let duration = 0;
      for (const file of filesOf(server, recording.id)) {
        assert.ok(isClosed(file), `${label}: ${file}`);
        duration += (await decode(file)).duration;
      }
      assert.ok(duration > lasted - MOST_LOST_S, `${label}: ${duration} s of ${lasted} s`);
      await assertPlaylistWithinFile(server, asset);
      t.diagnostic(`${label}: ${killed ? 'killed' : 'not reached'}, ${duration.toFixed(2)} s of ${lasted.toFixed(2)} s`);
      return killed;
    } finally {
      await encoder?.kill();
      if (server.launcher.length > 0) await killTraced(server);
      await server.kill();
    }
  }
  for (const [call, which] of Object.entries(CALLS)) {
    if (which.length === 0) continue;
    test(`killed at ${call}: the recording is ready after the next start, and lacks its last moments at most`, { skip: existsSync('/usr/bin/strace') ? false : 'strace is not installed' }, async (t) => {
      if (Array.isArray(which)) {
        for (const n of which) await killedAt(t, call, n);
        return;
      }
      // Up to one that is not reached any more.
      let reached = 0;
      for (let n = 1; n <= which && await killedAt(t, call, n); n += 1) reached = n;
      if (call === 'pwritev') assert.ok(reached > 6, `${reached} of them`);
    });
  }

  test('asked to end in the middle: the file is closed within 2 s and the server gone within 5', async (t) => {
    const server = await Server.start();
    let encoder;
    try {
      const owner = await server.user();
      const station = await makeStation(owner);
      encoder = ffmpegPublish(`${server.rtmpUrl}/${station.streamKey}`);
      const recording = await startRecorded(owner, station);
      const file = await firstFile(server, recording.id);
      const began = performance.now();
      await pause(3_000);
      const asked = performance.now();
      const lasted = (asked - began) / 1000;
      server.child.process.kill('SIGTERM');
      await waitFor('the file to be closed', () => isClosed(file), { timeoutMs: slack(2_000, 4_000) });
      const closed = performance.now() - asked;
      await server.child.exit(slack(5_000, 8_000) - closed);
      t.diagnostic(`closed after ${Math.round(closed)} ms, gone after ${Math.round(performance.now() - asked)} ms`);
      const { duration } = await decode(file);
      assert.ok(duration > lasted - MOST_LOST_S, `${duration} s of ${lasted} s`);
    } finally {
      await encoder?.kill();
      await server.kill();
    }
  });
});
