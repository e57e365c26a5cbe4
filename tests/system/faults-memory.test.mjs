// Memory that runs short, in a control group that would kill whoever passes its limit: new viewers are turned away first, then
// earlier segments and slow readers go; the show, its platforms and who watches already go on.
import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { arrived, makeLivestream } from '../support/broadcast.mjs';
import { endLater } from '../support/cleanup.mjs';
import { Follower, readMedia } from '../support/hls/follower.mjs';
import { RecordingPlayer, ScriptedPublisher } from '../support/rtmp/client-peer.mjs';
import { assertExact } from '../support/rtmp/compare.mjs';
import { show } from '../support/rtmp/media.mjs';
import { Server } from '../support/server.mjs';
import { waitFor } from '../support/wait.mjs';

const MIB = 1024 * 1024;
const GROUPS = '/sys/fs/cgroup/memory';

// A control group (version 1) with a limit, if this machine lets us have one.
function makeGroup(bytes) {
  const folder = `${GROUPS}/everycast-${process.pid}`;
  if (!existsSync(`${GROUPS}/memory.limit_in_bytes`)) return undefined;
  try {
    mkdirSync(folder);
    writeFileSync(`${folder}/memory.limit_in_bytes`, `${bytes}`);
  } catch {
    return undefined;
  }
  endLater(() => { try { rmdirSync(folder); } catch { /* it went with its last process */ } });
  return {
    launcher: ['sh', '-c', `echo $$ > ${folder}/cgroup.procs && exec "$@"`, 'sh'],
    most: () => Number(readFileSync(`${folder}/memory.max_usage_in_bytes`, 'utf8')),
    failures: () => Number(readFileSync(`${folder}/memory.failcnt`, 'utf8')),
  };
}

async function figures(server) {
  const text = await (await fetch(`${server.url}/metrics`)).text();
  const one = (name) => Number(new RegExp(`^${name} (\\S+)`, 'm').exec(text)?.[1]);
  return {
    used: one('everycast_memory_bytes'), limit: one('everycast_limit{of="memory_bytes"}'), hls: one('everycast_hls_bytes'),
    players: one('everycast_rtmp_players'), refused: one('everycast_limit_reached_total{of="memory_bytes"}'),
  };
}

describe('memory that is short', () => {
  const LIMIT = 320 * MIB;

  test('new viewers get 503 and Retry-After, earlier segments and slow readers go; show, platform and viewers go on', async (t) => {
    const group = makeGroup(LIMIT);
    if (!group) return t.skip('no control group can be made here');
    const settings = { requests_per_second: 0, hls_window: 1_000, max_destinations: 10 };
    const server = await Server.start({ settings, launcher: group.launcher });
    assert.equal((await figures(server)).limit, LIMIT / 4 * 3, 'three quarters of the control group');
    // Signing in takes a lot for a moment.
    let idle = Infinity;
    for (let n = 0; n < 15; n += 1) {
      idle = Math.min(idle, (await figures(server)).used || Infinity);
      await pause(200);
    }
    await server.stop();
    // So much that one show of high bitrate has to be cut short.
    const room = 60 * MIB;
    server.settings.memory_mb = Math.round((idle + room) / MIB);
    await server.launch();
    const user = await server.signIn(server.admin.email, server.admin.password);
    const live = await makeLivestream(user, { receivers: 2, scripts: [undefined, { stopReadingAfter: 2_000_000 }] });
    const base = `${server.url}/live/${live.livestream.playback_id}`;
    const encoder = await new ScriptedPublisher({ url: server.rtmpUrl }).publish(live.key);
    const over = new AbortController();
    const playing = encoder.play(show({ seconds: 45, kbps: 28_000, gopSeconds: 1 }), { signal: over.signal });
    let began;
    await waitFor('the show to play', async () => { began = await fetch(`${base}/index.m3u8`); return began.ok; }, { timeoutMs: 40_000, describe: async () => [began.status, idle, await began.text(), await figures(server), server.log.slice(-1_500)] });
    const follower = await Follower.start(`${base}/index.m3u8`);
    const early = await new RecordingPlayer({ url: server.rtmpUrl }).play(live.livestream.playback_id);

    let refusal;
    let seen;
    await waitFor('new viewers to be turned away', async () => {
      seen = await figures(server);
      refusal = await fetch(`${base}/index.m3u8`);
      return refusal.status === 503;
    }, { timeoutMs: 30_000, everyMs: 100, describe: () => seen });
    assert.equal(refusal.headers.get('retry-after'), '5');
    assert.match((await refusal.json()).error.message, /no memory for more viewers/);
    assert.equal((await fetch(`${base}.flv`)).status, 503);
    await assert.rejects(new RecordingPlayer({ url: server.rtmpUrl, timeoutMs: 5_000 }).play(live.livestream.playback_id), 'RTMP as well');
    const refusedAt = await figures(server);
    assert.ok(refusedAt.used > refusedAt.limit * 0.8, JSON.stringify(refusedAt));

    // It stays below its bound though ever more comes: what is oldest goes.
    let most = 0;
    const first = (await readMedia(follower.url)).playlist.mediaSequence;
    for (let n = 0; n < 40; n += 1) {
      most = Math.max(most, (await figures(server)).used / refusedAt.limit);
      await pause(200);
    }
    const { playlist } = await readMedia(follower.url);
    assert.ok(playlist.mediaSequence > first, 'the window has moved on');
    assert.ok(playlist.segments.reduce((sum, { duration }) => sum + duration, 0) >= 3 * playlist.targetDuration, 'three target durations are left');
    assert.ok(most <= 1.05, `${(most * 100).toFixed(0)} % of what may be`);
    assert.ok((await figures(server)).refused >= 3);
    assert.ok(early.messages.length > 0 && !early.ended, 'a player that was there stays');
    const got = early.messages.length;
    await waitFor('it to be served on', () => early.messages.length > got + 60);

    over.abort();
    await playing;
    await arrived(encoder, live.peers[0]);
    assertExact(encoder.sent, live.peers[0].last.messages, { label: 'the platform' });
    assert.equal(live.peers[0].runs.length, 1, 'it was connected once');
    await follower.stop();
    assert.deepEqual(follower.complaints, []);
    assert.equal(follower.statuses.filter((status) => status !== 200).length, 0, 'who watches is not turned away');
    assert.ok(!server.child.over, 'the server lives');

    // The show is over, its memory is free: there is room again.
    encoder.close();
    await user.post(`/api/v1/livestreams/${live.id}/stop`);
    const again = await makeLivestream(user, { receivers: 0, title: 'Another' });
    const second = await new ScriptedPublisher({ url: server.rtmpUrl }).publish(again.key);
    const small = second.play(show({ seconds: 100, kbps: 500 }), { signal: AbortSignal.timeout(90_000) }).catch(() => {});
    await waitFor('new viewers to be let in', async () => (await fetch(`${server.url}/live/${again.livestream.playback_id}/index.m3u8`)).ok, { timeoutMs: 85_000, everyMs: 500, describe: () => figures(server) });
    second.kill();
    await small;
    t.diagnostic(`idle ${Math.round(idle / MIB)} MiB, bound ${server.settings.memory_mb} MiB, at most ${(most * 100).toFixed(0)} % of it; group at most ${Math.round(group.most() / MIB)} of ${LIMIT / MIB} MiB, ${group.failures()} failed`);
    await server.kill();
  });
});
