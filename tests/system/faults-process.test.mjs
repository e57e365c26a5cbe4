// Killed again and again, asked to stop under load, out of descriptors, with a clock that jumps: what the process as a
// whole survives.
import assert from 'node:assert/strict';
import { readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { decodeJwt } from '../support/api.mjs';
import { arrived, endpointReaches, makeReceiver, sessionOf } from '../support/broadcast.mjs';
import { Crowd } from '../support/crowd.mjs';
import { FULL, slack } from '../support/extent.mjs';
import { startWithClock, withoutFaketime } from '../support/faketime.mjs';
import { run } from '../support/process.mjs';
import { ScriptedPublisher } from '../support/rtmp/client-peer.mjs';
import { assertExact } from '../support/rtmp/compare.mjs';
import { show } from '../support/rtmp/media.mjs';
import { Server, makeStation } from '../support/server.mjs';
import { waitFor } from '../support/wait.mjs';

const OBS_FIRST_RETRY_MS = 2_000;
const OBS_RETRY_FACTOR = 1.5;

// A broadcast of `user` on its own station, with an encoder that is playing.
async function goLive(server, user, name, receivers, options) {
  const station = await makeStation(user, name);
  const { sessionId } = await user.post('/api/live/start', { streamKey: station.streamKey, title: name, stationId: station.id, selectedEndpoints: receivers.map(({ id }) => id) });
  const encoder = await new ScriptedPublisher({ url: server.rtmpUrl }).publish(station.streamKey);
  const over = new AbortController();
  const playing = encoder.play(show(options), { signal: over.signal });
  const connected = () => Promise.all(receivers.map(({ id }) => endpointReaches(user, sessionId, id, ({ status }) => status === 'connected')));
  return {
    station, sessionId, encoder, playing, connected,
    finish: async () => {
      over.abort();
      await playing;
      for (const { peer } of receivers) await arrived(encoder, peer);
      await user.post('/api/live/stop', { sessionId });
      encoder.close();
    },
  };
}
const assertAllExact = (encoder, receivers) => {
  for (const { name, peer } of receivers) {
    assertExact(encoder.sent, peer.last.messages, { label: name });
    assert.equal(peer.runs.length, 1, `${name} was connected once`);
  }
};
const receiversOf = (user, count, name) => Promise.all(Array.from({ length: count }, (_, n) => makeReceiver(user, { name: `${name}-${n}` })));

const statOf = (pid) => readFileSync(`/proc/${pid}/stat`, 'utf8').replace(/^.*\) /, '').split(' ');
const TICKS = 100;
// Seconds of CPU a process has used.
const cpuOf = (pid) => (Number(statOf(pid)[11]) + Number(statOf(pid)[12])) / TICKS;

// Each has a server of its own and mostly waits; where times are held exactly, one after the other.
const concurrency = FULL ? 1 : 3;

describe('killed and stopped', { concurrency }, () => {
  // Tries as OBS does when its server is gone: after 2 s, then ever 1.5 times later.
  async function returnAsObs(server, key, lost) {
    for (let wait = OBS_FIRST_RETRY_MS; ; wait *= OBS_RETRY_FACTOR) {
      await pause(Math.max(0, lost + wait - performance.now()));
      lost = performance.now();
      try {
        return await new ScriptedPublisher({ url: server.rtmpUrl }).publish(key);
      } catch (error) {
        if (wait > 20_000) throw error;
      }
    }
  }

  test('kill -9 again and again under load: ready within 1 s, encoders within 5 s, platforms within 8 s, nothing half written', async (t) => {
    const rounds = FULL ? 150 : 2;
    const server = await Server.start();
    const user = await server.user();
    const receivers = await receiversOf(user, 3, 'phoenix');
    const station = await makeStation(user, 'Phoenix');
    const { sessionId } = await user.post('/api/live/start', { streamKey: station.streamKey, title: 'Again and again', stationId: station.id, selectedEndpoints: receivers.map(({ id }) => id) });
    let encoder = await new ScriptedPublisher({ url: server.rtmpUrl }).publish(station.streamKey);
    const slowest = { ready: 0, ingest: 0, outputs: 0 };
    // An access token lives a quarter of an hour, a full run longer.
    const signInAgain = async () => { user.token = (await server.signIn(user.email, user.password)).token; };
    const keep = (name, ms, bound) => {
      slowest[name] = Math.max(slowest[name], ms);
      assert.ok(ms <= bound, `${name} after ${Math.round(ms)} ms`);
    };
    const consistent = async () => {
      const check = await run('sqlite3', [path.join(server.dataDir, 'everycast.db'), 'PRAGMA integrity_check']);
      assert.equal(check.trim(), 'ok');
    };
    for (let round = 0; round < rounds; round += 1) {
      if (round % 20 === 19) await signInAgain();
      const playing = encoder.play(show({ seconds: 30, seed: round + 1 }));
      await waitFor('all platforms', () => receivers.every(({ peer }) => peer.publishes.length > round && peer.last.messages.length > 20), { timeoutMs: 20_000 });
      await user.put(`/api/stations/${station.id}`, { description: `Before kill ${round}` });
      await pause(Math.random() * 300);
      await server.kill();
      const killed = performance.now();
      const launching = server.launch().then(() => keep('ready', performance.now() - killed, slack(1_000, 4_000)));
      await playing;
      const back = returnAsObs(server, station.streamKey, killed);
      await launching;
      encoder = await back;
      keep('ingest', performance.now() - killed, slack(5_000, 9_000));
      const again = encoder.play(show({ seconds: 2, seed: 1_000 + round }));
      await waitFor('all platforms again', () => receivers.every(({ peer }) => peer.publishes.length === round + 2 && peer.last.messages.length > 0), { timeoutMs: 20_000, everyMs: 10 });
      keep('outputs', performance.now() - killed, slack(8_000, 14_000));
      await again;
      const session = await sessionOf(user, station.id);
      assert.equal(session.sessionId, sessionId, 'the same session goes on');
      assert.equal(session.status, 'live');
      const kinds = session.events.map(({ kind }) => kind);
      assert.ok(kinds.includes('server_restarted') && kinds.lastIndexOf('encoder_connected') > kinds.lastIndexOf('server_restarted'), kinds.join());
      assert.equal((await user.get(`/api/stations/${station.id}`)).station.description, `Before kill ${round}`, 'what was acknowledged is there');
      encoder.kill();
      if (round + 1 < rounds) encoder = await waitFor('the encoder', () => new ScriptedPublisher({ url: server.rtmpUrl }).publish(station.streamKey), { everyMs: 100 });
    }
    // Most of the thousand: at any moment, also in the middle of a start.
    for (let round = 0; round < (FULL ? 850 : 6); round += 1) {
      const starting = server.launch().catch(() => {});
      await pause(Math.random() * 600);
      await server.kill();
      await starting;
      if (round % 50 === 0) await consistent();
    }
    await consistent();
    await server.launch();
    await signInAgain();
    const { sessions } = await user.get(`/api/multistream/sessions?stationId=${station.id}`);
    assert.equal(sessions.length, 1, 'one session for all of it');
    // It waits for its encoder; a full run takes longer than it waits.
    assert.ok(sessions[0].status === 'interrupted' || (FULL && sessions[0].status === 'ended'), sessions[0].status);
    if (sessions[0].status === 'interrupted') await user.post('/api/live/stop', { sessionId });
    assert.equal((await user.get(`/api/multistream/sessions?stationId=${station.id}`)).sessions[0].status, 'ended');
    t.diagnostic(`slowest: ${Object.entries(slowest).map(([name, ms]) => `${name} ${Math.round(ms)} ms`).join(', ')}`);
    await server.kill();
  });

  test('SIGTERM under load: a proper end for every platform, every frame until then, and the exit within 5 s', async (t) => {
    const server = await Server.start();
    const user = await server.user();
    const receivers = await receiversOf(user, 20, 'drained');
    const hanging = await makeReceiver(user, { name: 'hanging', script: { stopReadingAfter: 100_000 } });
    const live = await goLive(server, user, 'Drain', [...receivers, hanging], { seconds: 30, kbps: 2_000 });
    await live.connected();
    await pause(1_500);
    const sentBefore = live.encoder.sent.filter(({ at }) => at < performance.now() - slack(50, 500)).length;
    const began = performance.now();
    const { code } = await server.stop();
    const took = performance.now() - began;
    assert.equal(code, 0, server.log.slice(-1500));
    assert.ok(took <= slack(5_000, 7_000), `exit after ${Math.round(took)} ms`);
    await live.playing;
    for (const { name, peer } of receivers) {
      await waitFor(`the end at ${name}`, () => peer.last.ended);
      assert.deepEqual(peer.last.commands.slice(-2), ['FCUnpublish', 'deleteStream'], name);
      const { last } = assertExact(live.encoder.sent, peer.last.messages, { throughout: false, label: name });
      assert.ok(last >= sentBefore - 3, `${name} ends ${sentBefore - last} messages before the signal`);
    }
    t.diagnostic(`exit after ${Math.round(took)} ms`);
  });
});

describe('out of descriptors', () => {
  const DESCRIPTORS = 256;
  // Never given to callers: platforms are to be reached again, and the database to be opened.
  const RESERVED = 64;
  const FREE_AGAIN_MS = 1_000;
  const MOST_CPU = 0.05;

  test('256 descriptors and 600 callers: streams lose nothing, the server does not spin, and there is room again within 1 s', async (t) => {
    const server = await Server.start({ launcher: ['prlimit', `--nofile=${DESCRIPTORS}:${DESCRIPTORS}`] });
    const user = await server.user();
    const receivers = await receiversOf(user, 4, 'kept');
    const waiting = await user.post('/api/v1/livestreams', { title: 'Waits outside' });
    const returning = await makeReceiver(user, { name: 'returning', script: (n) => (n === 0 ? { closeAfterMs: 4_500 } : {}) });
    const live = await goLive(server, user, 'Kept', [...receivers, returning], { seconds: 40 });
    await live.connected();
    const share = async (ms) => {
      const [cpu, since] = [cpuOf(server.child.pid), performance.now()];
      await pause(ms);
      return (cpuOf(server.child.pid) - cpu) / ((performance.now() - since) / 1_000);
    };
    const alone = await share(2_000);
    const crowds = await Promise.all([
      Crowd.gather({ port: server.rtmpPort, count: 300, network: 61 }),
      Crowd.gather({ port: server.httpPort, count: 300, network: 62 }),
    ]);
    const open = () => readdirSync(`/proc/${server.child.pid}/fd`).length;
    await waitFor('all that newcomers may have to be taken', () => open() >= DESCRIPTORS - RESERVED - 5, { describe: open });
    const descriptors = open();
    assert.ok(descriptors <= DESCRIPTORS - RESERVED + 5, `${descriptors} descriptors are open`);
    const full = await share(3_000);
    await waitFor('a platform that was lost to be reached again', () => returning.peer.publishes.length === 2, { timeoutMs: 8_000 });
    await Promise.all(crowds.map((crowd) => crowd.leave()));
    const left = performance.now();
    const newcomer = await waitFor('a new encoder', () => new ScriptedPublisher({ url: server.rtmpUrl, timeoutMs: 2_000 }).publish(waiting.stream_key), { everyMs: 50, timeoutMs: 8_000 });
    const room = performance.now() - left;
    assert.ok(room <= FREE_AGAIN_MS + slack(0, 1_500), `room after ${Math.round(room)} ms`);
    await newcomer.unpublish(waiting.stream_key);
    assert.equal((await user.get(`/api/v1/livestreams/${waiting.livestream.id}`)).livestream.id, waiting.livestream.id, 'the API answers');
    await live.finish();
    assertAllExact(live.encoder, receivers);
    t.diagnostic(`${descriptors} descriptors; CPU ${(alone * 100).toFixed(1)} % alone, ${(full * 100).toFixed(1)} % with callers; room after ${Math.round(room)} ms`);
    assert.ok(full - alone < slack(MOST_CPU, 4 * MOST_CPU), `CPU ${(full * 100).toFixed(1)} %, ${(alone * 100).toFixed(1)} % without callers`);
    await server.kill();
  });
});

describe('time', { concurrency }, () => {
  const HOUR_S = 3_600;
  const TOKEN_S = 15 * 60;
  const LEEWAY_S = 60;

  const serversTime = async (server) => Date.parse((await fetch(`${server.url}/healthz`)).headers.get('date')) / 1_000;
  const skip = withoutFaketime;

  test('the clock jumps an hour ahead and an hour back: no frame is lost, no timer fires early or late', { skip }, async () => {
    const { server, jump } = await startWithClock();
    const user = await server.user();
    const receivers = await receiversOf(user, 2, 'timeless');
    const dropping = await makeReceiver(user, { name: 'dropping', script: { closeAt: 'accept' } });
    const live = await goLive(server, user, 'Timeless', [...receivers, dropping], { seconds: 14 });
    await waitFor('the platforms', () => receivers.every(({ peer }) => peer.publishes.length === 1));
    for (const offset of [HOUR_S, -HOUR_S, 0]) {
      jump(offset);
      const told = await serversTime(server);
      assert.ok(Math.abs(told - Date.now() / 1_000 - offset) < 5, `the server believes ${told}`);
      await pause(2_500);
    }
    await waitFor('four tries', () => dropping.peer.runs.length >= 4, { timeoutMs: 12_000 });
    const at = dropping.peer.runs.map(({ acceptedAt }) => acceptedAt);
    for (const [n, wanted] of [1_000, 2_000, 4_000].entries()) {
      const wait = at[n + 1] - at[n];
      assert.ok(wait >= wanted * 0.8 - 50 && wait <= wanted * 1.2 + slack(150, 1_000), `try ${n + 2} came after ${Math.round(wait)} ms`);
    }
    await live.playing;
    for (const { name, peer } of receivers) {
      await arrived(live.encoder, peer);
      assertExact(live.encoder.sent, peer.last.messages, { label: name });
      assert.equal(peer.runs.length, 1, name);
    }
    // A broadcast waits for its encoder by the monotonic clock: an hour ahead is no grace period gone.
    live.encoder.kill();
    jump(HOUR_S);
    await pause(500);
    const back = await new ScriptedPublisher({ url: server.rtmpUrl }).publish(live.station.streamKey);
    await back.play(show({ seconds: 1, seed: 9 }));
    await arrived(back, receivers[0].peer);
    assert.equal(receivers[0].peer.runs.length, 1);
    back.close();
    await server.kill();
  });

  test('access tokens bear a clock that is set back by a minute, and not by more; they end when they end', { skip }, async () => {
    const { server, jump } = await startWithClock();
    const user = await server.user();
    const [, claims] = decodeJwt(user.token);
    assert.equal(claims.exp - claims.iat, TOKEN_S);
    const statusAt = async (offset) => {
      jump(offset);
      return (await user.call('GET', '/api/auth/me')).status;
    };
    assert.equal(await statusAt(-(LEEWAY_S - 10)), 200);
    assert.equal(await statusAt(-(LEEWAY_S + 30)), 401);
    assert.equal(await statusAt(TOKEN_S - 30), 200);
    assert.equal(await statusAt(TOKEN_S + 5), 401);
    assert.equal(await statusAt(0), 200);
    await server.kill();
  });

  test('the time zone of the machine changes nothing that is told', { skip }, async () => {
    const { server } = await startWithClock({ env: { TZ: 'Asia/Kathmandu' } });
    const user = await server.user();
    const station = await makeStation(user, 'Far east');
    assert.match(station.createdAt, /Z$/);
    assert.ok(Math.abs(Date.parse(station.createdAt) - Date.now()) < 10_000, station.createdAt);
    assert.ok(Math.abs((await serversTime(server)) - Date.now() / 1_000) < 5);
    await server.kill();
  });
});
