// A disk that is slow, or fails, under a recording: strace holds up or refuses the flushes of the file that is being written,
// and nobody else's. Who watches, and what is pushed on, does not notice.
import assert from 'node:assert/strict';
import { existsSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { arrived, endpointReaches, makeReceiver } from '../support/broadcast.mjs';
import { FULL, slack } from '../support/extent.mjs';
import { Child, temporaryFolder } from '../support/process.mjs';
import { becomes, boxesOf, filesOf, firstFile, isClosed } from '../support/recorded.mjs';
import { RecordingPlayer, ScriptedPublisher } from '../support/rtmp/client-peer.mjs';
import { assertExact } from '../support/rtmp/compare.mjs';
import { show } from '../support/rtmp/media.mjs';
import { Server, makeStation } from '../support/server.mjs';
import { waitFor } from '../support/wait.mjs';

// What waits for the disk at most.
const MOST_QUEUED = 64 * 1024 * 1024;
// A loop that waited for a flush of a second would be late by about that.
const MOST_LATE_MS = slack(500, 900);
const skip = existsSync('/usr/bin/strace') ? false : 'strace is not installed';

let server;
let owner;
before(async () => {
  server = await Server.start({ settings: { requests_per_second: 0 } });
  owner = await server.user();
});
after(() => server?.kill());

// What strace does to the flushes of `file` from now on, until it is ended.
async function injectInto(file, what) {
  const log = path.join(temporaryFolder('strace'), 'log');
  const strace = new Child('strace', ['-f', '-p', String(server.child.process.pid), '-P', file, '-y', '-o', log, '-e', 'trace=fdatasync', '-e', `inject=fdatasync:${what}`]);
  await waitFor('strace to be there', () => /attached/.test(strace.output), { timeoutMs: 10_000, describe: () => strace.output });
  // It stops each thread once.
  await pause(500);
  return { injected: () => existsSync(log) ? readFileSync(log, 'utf8').split('\n').filter((line) => /INJECTED|DELAYED/.test(line)).length : 0, end: () => strace.stop('SIGINT', 5_000) };
}

// A show that is recorded, pushed to a receiver, and played; how late its frames come there.
async function onAir({ seconds, kbps = 2_000 }) {
  const [receiver, station] = await Promise.all([makeReceiver(owner, { name: `beside-${Math.random().toString(36).slice(2)}` }), makeStation(owner)]);
  const { sessionId, playback } = await owner.post('/api/live/start', { streamKey: station.streamKey, title: 'Tonight', stationId: station.id, selectedEndpoints: [receiver.id], recordingEnabled: true });
  const publisher = await new ScriptedPublisher({ url: server.rtmpUrl }).publish(station.streamKey);
  const over = new AbortController();
  const playing = publisher.play(show({ seconds, kbps }), { signal: over.signal });
  await endpointReaches(owner, sessionId, receiver.id, ({ status }) => status === 'connected');
  const player = await new RecordingPlayer({ url: server.rtmpUrl }).play(playback.playbackId);
  const { id } = await waitFor('the recording', async () => (await owner.get(`/api/vod?sessionId=${sessionId}`)).assets[0], { timeoutMs: 20_000 });
  const file = await firstFile(server, id);
  await waitFor('some of it', () => statSync(file).size > 100_000);
  return {
    id, file, sessionId,
    // Of all that came to the player since then, how late the latest was.
    latest(since) {
      const sentAt = new Map(publisher.sent.map(({ hash, at }) => [hash, at]));
      const delays = player.messages.filter(({ at }) => at >= since).map(({ hash, at }) => at - (sentAt.get(hash) ?? at));
      assert.ok(delays.length > 30, `${delays.length} messages came`);
      return Math.max(...delays);
    },
    error: async () => (await owner.get(`/api/vod/${id}`)).asset.error,
    // Ends it; everything was pushed on.
    async end() {
      over.abort();
      await playing;
      await arrived(publisher, receiver.peer);
      assertExact(publisher.sent, receiver.peer.last.messages, { label: 'the destination' });
      assert.equal(receiver.peer.runs.length, 1, 'it was connected once');
      await owner.post('/api/live/stop', { sessionId });
      publisher.close();
      player.close();
      await receiver.peer.close();
    },
  };
}
const metric = async (name) => Number(new RegExp(`^${name} (\\S+)$`, 'm').exec((await server.api.call('GET', '/metrics')).text)?.[1]);

describe('a slow or failing disk under a recording', { skip }, () => {
  for (const delay of slack(['50ms', '1s', '5s'], ['1s'])) {
    test(`flushes that take ${delay}: nobody else is late, and the recording has no gap`, async (t) => {
      const live = await onAir({ seconds: 60 });
      const dropped = await metric('everycast_recording_parts_dropped_total');
      const calm = performance.now();
      await pause(2_000);
      const before = live.latest(calm);
      const strace = await injectInto(live.file, `delay_enter=${delay}`);
      const since = performance.now();
      await pause(slack(20_000, 6_000));
      const late = live.latest(since);
      const waits = await metric('everycast_recording_queue_bytes');
      await strace.end();
      assert.ok(strace.injected() >= 2, `${strace.injected()} flushes were held up`);
      t.diagnostic(`${strace.injected()} flushes of ${delay}: a frame was late by ${late.toFixed(1)} ms at most, ${before.toFixed(1)} before; ${waits} bytes waited`);
      assert.ok(late < MOST_LATE_MS, `a frame was late by ${late} ms`);
      assert.equal(await live.error(), null);
      await live.end();
      await becomes(owner, live.id, 'ready');
      assert.equal(await metric('everycast_recording_parts_dropped_total'), dropped);
      assert.equal(filesOf(server, live.id).length, 1);
      assert.ok(isClosed(live.file));
    });
  }

  test('a flush that fails ends the file where it was safe, and the next one goes on', async (t) => {
    const live = await onAir({ seconds: 60 });
    const strace = await injectInto(live.file, 'error=EIO');
    const since = performance.now();
    assert.match(await waitFor('trouble to be told', live.error, { timeoutMs: 10_000 }), /fails/);
    const { size } = statSync(live.file);
    await waitFor('the next file', () => filesOf(server, live.id)[1], { timeoutMs: 15_000 });
    await waitFor('trouble to be over', async () => await live.error() === null, { timeoutMs: 10_000 });
    const late = live.latest(since);
    t.diagnostic(`${strace.injected()} flushes refused: a frame was late by ${late.toFixed(1)} ms at most`);
    assert.equal(strace.injected(), 1, 'it is not asked again');
    assert.ok(late < MOST_LATE_MS, `a frame was late by ${late} ms`);
    await pause(1_500);
    await live.end();
    await becomes(owner, live.id, 'ready');
    await strace.end();
    const [first, second] = filesOf(server, live.id);
    assert.equal(strace.injected(), 1, 'it is not asked again');
    assert.equal(statSync(first).size, size);
    assert.equal(boxesOf(first).at(-1), 'mdat', 'it ends with a whole fragment');
    assert.ok(isClosed(second));
  });

  test('a flush that hangs: what waits is bounded, the rest is a gap, and it goes on behind it', { skip: FULL ? false : 'a full run only' }, async (t) => {
    const live = await onAir({ seconds: 60, kbps: 60_000 });
    const strace = await injectInto(live.file, 'delay_enter=25s');
    const since = performance.now();
    let most = 0;
    assert.match(await waitFor('trouble to be told', async () => {
      most = Math.max(most, await metric('everycast_recording_queue_bytes'));
      return live.error();
    }, { timeoutMs: 25_000, everyMs: 200 }), /slow/);
    for (let n = 0; n < 10; n += 1, await pause(200)) most = Math.max(most, await metric('everycast_recording_queue_bytes'));
    const late = live.latest(since);
    await strace.end();
    t.diagnostic(`${most} bytes waited at most, a frame was late by ${late.toFixed(1)} ms at most`);
    assert.ok(most <= MOST_QUEUED && most > MOST_QUEUED / 2, `${most} bytes`);
    assert.ok(late < MOST_LATE_MS, `a frame was late by ${late} ms`);
    await waitFor('trouble to be over', async () => await live.error() === null, { timeoutMs: 40_000 });
    assert.ok(await metric('everycast_recording_parts_dropped_total') > 0);
    await live.end();
    await becomes(owner, live.id, 'ready');
    assert.ok(isClosed(live.file));
  });
});
