// The database locked, hanging, gone or damaged while streams run, and a first start killed at every call that writes:
// streams go on, callers are told soon, what happened is written afterwards, and nothing is ever half there.
import assert from 'node:assert/strict';
import { closeSync, existsSync, mkdirSync, openSync, readFileSync, readdirSync, renameSync, rmSync, statSync, writeSync } from 'node:fs';
import path from 'node:path';
import { describe, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { arrived, endpointReaches, makeReceiver, sessionOf } from '../support/broadcast.mjs';
import { FULL, slack } from '../support/extent.mjs';
import { Postgres, hasPostgres } from '../support/postgres.mjs';
import { Child, run, temporaryFolder } from '../support/process.mjs';
import { ScriptedPublisher } from '../support/rtmp/client-peer.mjs';
import { assertExact } from '../support/rtmp/compare.mjs';
import { show } from '../support/rtmp/media.mjs';
import { BINARY, Server, makeStation } from '../support/server.mjs';
import { waitFor } from '../support/wait.mjs';

const TOLD_WITHIN_MS = 2_000;
const AWAY_MS = FULL ? 60_000 : 5_000;

const fileOf = (server) => path.join(server.dataDir, 'everycast.db');
const metric = async (server, name) => {
  const text = await (await fetch(`${server.url}/metrics`)).text();
  return Number(new RegExp(`^${name} ([\\d.e+]+)$`, 'm').exec(text)[1]);
};

// A station that is live on two receivers.
async function goLive(server, user, name, seconds) {
  const receivers = [await makeReceiver(user, { name: `${name} 1` }), await makeReceiver(user, { name: `${name} 2` })];
  const station = await makeStation(user, name);
  const { sessionId } = await user.post('/api/live/start', { streamKey: station.streamKey, title: name, stationId: station.id, selectedEndpoints: receivers.map(({ id }) => id) });
  const encoder = await new ScriptedPublisher({ url: server.rtmpUrl }).publish(station.streamKey);
  const over = new AbortController();
  const playing = encoder.play(show({ seconds }), { signal: over.signal });
  await Promise.all(receivers.map(({ id }) => endpointReaches(user, sessionId, id, ({ status }) => status === 'connected')));
  return {
    station, sessionId,
    lostNothing: async () => {
      over.abort();
      await playing;
      for (const { name: label, peer } of receivers) {
        await arrived(encoder, peer);
        assertExact(encoder.sent, peer.last.messages, { label });
        assert.equal(peer.runs.length, 1, label);
      }
    },
    end: async () => {
      encoder.close();
      await user.post('/api/live/stop', { sessionId });
    },
  };
}

// So many calls at once, each answered 503 with a word about the database, and in time.
async function assertToldSoon(count, call) {
  const times = await Promise.all(Array.from({ length: count }, async (_, n) => {
    const began = performance.now();
    const { status, body, headers } = await call(n);
    assert.equal(status, 503, JSON.stringify(body));
    assert.match(body.error.message, /database/i);
    assert.ok(Number(headers.get('retry-after')) > 0);
    return performance.now() - began;
  }));
  const longest = Math.max(...times);
  assert.ok(longest <= TOLD_WITHIN_MS + slack(100, 1_500), `told after ${Math.round(longest)} ms`);
  return longest;
}

// While the database is away: encoders that come with a key in use are turned away, and each of that is a line of history.
async function knock(server, key, count) {
  const AT_ONCE = 20;
  const turnedAway = async () => {
    const peer = new ScriptedPublisher({ url: server.rtmpUrl });
    await assert.rejects(peer.publish(key), /refused/);
    peer.kill();
  };
  for (let done = 0; done < count; done += AT_ONCE) await Promise.all(Array.from({ length: Math.min(AT_ONCE, count - done) }, turnedAway));
}

// Each has a server of its own and mostly waits; where times are held exactly, one after the other.
describe('the database', { concurrency: FULL ? 1 : 2 }, () => {
  test('locked by another program: streams go on, writes are told so within 2 s, reads work, and the history is complete afterwards', async (t) => {
    const server = await Server.start({ settings: { takeover: false, requests_per_second: 0 } });
    const user = await server.user();
    const live = await goLive(server, user, 'Locked', AWAY_MS / 1_000 + 60);
    const before = await metric(server, 'everycast_events_queued');
    assert.equal(before, 0);

    const holder = new Child('sqlite3', [fileOf(server)], { input: null });
    holder.process.stdin.write("BEGIN EXCLUSIVE;\nUPDATE users SET disabled = disabled;\nSELECT 'held';\n");
    await holder.said(/held/);
    const locked = performance.now();
    const longest = await assertToldSoon(6, (n) => user.call('POST', '/api/stations', { body: { name: `Refused ${n}` } }));
    const soon = await assertToldSoon(24, (n) => user.call('POST', '/api/stations', { body: { name: `Refused again ${n}` } }));
    const readBegan = performance.now();
    assert.equal((await user.get('/api/stations')).stations.length, 1, 'reads do not wait for a writer');
    assert.ok(performance.now() - readBegan < slack(500, 2_000));
    const knocks = FULL ? 10_500 : 100;
    await knock(server, live.station.streamKey, knocks);
    const queued = await metric(server, 'everycast_events_queued');
    assert.ok(queued >= knocks - 1, `${queued} events are queued of ${knocks}`);
    await pause(Math.max(0, AWAY_MS - (performance.now() - locked)));
    holder.process.stdin.end('ROLLBACK;\n');
    await holder.exit();

    await waitFor('the queue to be written', async () => (await metric(server, 'everycast_events_queued')) === 0, { timeoutMs: FULL ? 60_000 : 10_000, everyMs: 100 });
    assert.equal(await metric(server, 'everycast_events_lost_total'), 0);
    const { events } = await sessionOf(user, live.station.id);
    const refusals = events.filter(({ kind }) => /refused/.test(kind));
    assert.ok(refusals.length >= Math.min(knocks, 50), `${refusals.length}: ${events.map(({ kind }) => kind)}`);
    await live.lostNothing();
    assert.deepEqual((await user.get('/api/stations')).stations.map(({ name }) => name), ['Locked'], 'what was refused is not there');
    await live.end();
    t.diagnostic(`told after at most ${Math.round(longest)} ms, ${Math.round(soon)} ms for 24 more at once; ${queued} events waited`);
    await server.kill();
  });

  test('PostgreSQL hangs with its connections open: streams go on, callers are told within 2 s, and all is as before when it goes on', { skip: hasPostgres ? false : 'PostgreSQL 15 is not installed' }, async (t) => {
    const postgres = await Postgres.start();
    const server = await Server.start({ settings: { database: postgres.url, requests_per_second: 0, grace_s: 30 } });
    const user = await server.user();
    const live = await goLive(server, user, 'Hanging', AWAY_MS / 1_000 + 60);
    // Its encoder leaves while nobody can write that down.
    const lost = await makeStation(user, 'Leaves');
    await user.post('/api/live/start', { streamKey: lost.streamKey, title: 'Leaves', stationId: lost.id, selectedEndpoints: [] });
    const leaving = await new ScriptedPublisher({ url: server.rtmpUrl }).publish(lost.streamKey);
    await leaving.play(show({ seconds: 1 }), { speed: 0 });
    await waitFor('its start to be known', async () => (await sessionOf(user, lost.id)).status === 'live');

    postgres.hang();
    const hung = performance.now();
    leaving.kill();
    const longest = await assertToldSoon(6, (n) => (n % 2 ? user.call('GET', '/api/stations') : user.call('POST', '/api/stations', { body: { name: `Refused ${n}` } })));
    const soon = await assertToldSoon(24, () => user.call('GET', '/api/stations'));
    const alive = performance.now();
    assert.equal((await fetch(`${server.url}/healthz`)).status, 200);
    assert.ok(performance.now() - alive < slack(200, 1_500), 'the process answers for itself');
    assert.equal((await fetch(`${server.url}/readyz`)).status, 503);
    const newcomer = new ScriptedPublisher({ url: server.rtmpUrl, timeoutMs: 8_000 });
    await assert.rejects(newcomer.publish(lost.streamKey), /try again|later|moment/i, 'an encoder is not told that its key is wrong');
    newcomer.kill();
    await pause(Math.max(0, AWAY_MS - (performance.now() - hung)));
    postgres.goOn();
    const back = performance.now();
    await waitFor('an answer', async () => (await user.call('GET', '/api/stations')).status === 200, { timeoutMs: 10_000, everyMs: 50 });
    const recovered = performance.now() - back;
    assert.ok(recovered < slack(3_000, 6_000), `answers again after ${Math.round(recovered)} ms`);
    await waitFor('the history', async () => (await sessionOf(user, lost.id)).events.some(({ kind }) => kind === 'encoder_lost'), { timeoutMs: 10_000 });
    assert.equal(await metric(server, 'everycast_events_lost_total'), 0);
    assert.deepEqual((await user.get('/api/stations')).stations.map(({ name }) => name).sort(), ['Hanging', 'Leaves'], 'what was refused is not there');
    await live.lostNothing();
    await live.end();

    // Asked to stop while it hangs, the server does not wait for it.
    postgres.hang();
    const began = performance.now();
    await server.stop();
    const exit = performance.now() - began;
    postgres.goOn();
    assert.equal(server.child.code, 0, server.log.slice(-1_000));
    assert.ok(exit < slack(5_000, 7_000), `exit after ${Math.round(exit)} ms`);
    t.diagnostic(`told after at most ${Math.round(longest)} ms, ${Math.round(soon)} ms for 24 more at once; answers again after ${Math.round(recovered)} ms; exit ${Math.round(exit)} ms`);
    await postgres.stop();
  });

  test('the file is moved away, then damaged, under a running stream: it goes on, loudly; a damaged file is not started with, and the way back works', async () => {
    const server = await Server.start();
    const user = await server.user();
    const live = await goLive(server, user, 'Damaged', 60);
    for (let n = 0; n < 40; n += 1) await server.admin.post('/api/stations', { name: `Filling ${n}`, description: 'x'.repeat(400) });
    const file = fileOf(server);
    const ready = async () => {
      const answer = await fetch(`${server.url}/readyz`);
      return { status: answer.status, text: await answer.text() };
    };
    renameSync(file, `${file}.away`);
    const gone = await ready();
    assert.equal(gone.status, 503);
    assert.match(gone.text, /gone/);
    assert.ok(!existsSync(file), 'no empty database takes its place');
    renameSync(`${file}.away`, file);
    assert.equal((await ready()).status, 200);

    // The way of docs/operating.md.
    const backup = path.join(temporaryFolder('backup'), 'everycast.db');
    await run('sqlite3', [file, `.backup '${backup}'`]);
    await run('sqlite3', [file, 'PRAGMA wal_checkpoint(TRUNCATE)']);
    const PAGE = 4096;
    const damaged = openSync(file, 'r+');
    for (let at = 2 * PAGE; at + PAGE < statSync(file).size; at += 2 * PAGE) writeSync(damaged, Buffer.alloc(1_024, 0xee), 0, 1_024, at);
    closeSync(damaged);
    for (let n = 0; n < 10; n += 1) {
      const { status } = await user.call('GET', '/api/stations', { contract: false });
      assert.ok([200, 401, 500, 503].includes(status), `${status}`);
    }
    await pause(500);
    await live.lostNothing();
    await server.kill();

    const { child } = await server.launch().then(() => assert.fail('it started with a damaged database'), () => server);
    assert.notEqual(child.code, 0);
    assert.match(child.output, /damaged/);
    assert.match(child.output, /backup|recover/i, 'the way back is told');
    const check = new Child(BINARY, ['check'], { env: server.environment, cwd: server.dataDir });
    assert.notEqual((await check.exit()).code, 0);
    assert.match(check.output, /damaged/);

    for (const ending of ['', '-wal', '-shm']) rmSync(`${file}${ending}`, { force: true });
    await run('cp', [backup, file]);
    await server.launch();
    assert.equal((await user.get(`/api/stations/${live.station.id}`)).station.name, 'Damaged');
    await server.kill();
  });

  test('a first start killed at every call that writes: the key and the database are whole or not there, and the next start works', { skip: existsSync('/usr/bin/strace') ? false : 'strace is not installed' }, async (t) => {
    const CALLS = ['openat', 'write', 'pwrite64', 'fsync', 'fdatasync', 'ftruncate', 'fchmod', 'link', 'unlink', 'rename', 'mkdir', 'chmod'];
    const folder = temporaryFolder('sweep');
    const dataOf = (name) => {
      const data = path.join(folder, name);
      mkdirSync(data);
      return data;
    };
    const addUser = (data, email, prefix = []) => {
      const [command, ...words] = [...prefix, BINARY, 'user', 'add', email, '--role', 'admin'];
      return new Child(command, words, { env: { EVERYCAST_DATA_DIR: data, EVERYCAST_LOG_LEVEL: 'error' }, cwd: folder, input: 'a long enough password\n' });
    };
    // What the calls are, and how many of each there are. Those before the data directory is touched are the loader's.
    const whole = dataOf('whole');
    const trace = path.join(folder, 'trace');
    const traced = addUser(whole, 'first@example.org', ['strace', '-f', '-o', trace, '-e', `trace=${CALLS}`]);
    assert.equal((await traced.exit(30_000)).code, 0, traced.output);
    const main = readFileSync(trace, 'utf8').split('\n').map((line) => line.split(/\s+/));
    const [pid] = main[0];
    const seen = new Map();
    const points = [];
    let begun = false;
    for (const words of main.filter(([one]) => one === pid)) {
      const text = words.slice(1).join(' ');
      const call = /^(\w+)\(/.exec(text)?.[1];
      if (!CALLS.includes(call)) continue;
      begun ||= text.includes(whole);
      seen.set(call, (seen.get(call) ?? 0) + 1);
      if (begun) points.push({ call, n: seen.get(call), isKey: /encryption\.key/.test(text) });
    }
    assert.ok(points.length > 100, `${points.length} calls`);
    // The whole way of the key, and a sample of the database's.
    const SAMPLE = 8;
    const step = Math.max(1, Math.floor(points.length / SAMPLE));
    const lastOfKey = points.findLastIndex(({ isKey }) => isKey);
    const firstOfKey = points.findIndex(({ isKey }) => isKey);
    assert.ok(firstOfKey >= 0);
    const offset = Math.floor(Math.random() * step);
    const chosen = points.filter((_, at) => FULL || at % step === offset || (at >= firstOfKey && at <= lastOfKey));
    let killed = 0;
    const tryPoint = async ({ call, n }, at) => {
      const where = `killed at ${call} number ${n}`;
      const data = dataOf(`${at}`);
      const child = addUser(data, 'first@example.org', ['strace', '-f', '-o', '/dev/null', '-e', `trace=${call}`, '-e', `inject=${call}:signal=KILL:when=${n}`]);
      await child.exit(30_000);
      killed += child.code === 0 ? 0 : 1;
      const key = path.join(data, 'encryption.key');
      if (existsSync(key)) {
        assert.match(readFileSync(key, 'utf8'), /^[0-9a-f]{64}\n$/, `${where}: half a key`);
        assert.equal(statSync(key).mode & 0o777, 0o600, where);
      } else {
        assert.ok(!existsSync(path.join(data, 'everycast.db')), `${where}: a database without its key`);
      }
      const before = existsSync(key) && readFileSync(key, 'utf8');
      const next = addUser(data, 'second@example.org');
      assert.equal((await next.exit(30_000)).code, 0, `${where}: ${next.output}`);
      if (before) assert.equal(readFileSync(key, 'utf8'), before, `${where}: another key`);
      const found = (await run('sqlite3', [path.join(data, 'everycast.db'), "PRAGMA integrity_check; SELECT MAX(version) FROM schema_migrations; SELECT group_concat(email) FROM (SELECT email FROM users ORDER BY email);"])).trim().split('\n');
      assert.equal(found[0], 'ok', where);
      assert.match(found[2], /^(first@example\.org,)?second@example\.org$/, where);
      // Whole accounts only: the first can be added exactly when it is not there.
      const again = addUser(data, 'first@example.org');
      assert.equal((await again.exit(30_000)).code === 0, !found[2].startsWith('first'), `${where}: ${again.output}`);
      for (const name of readdirSync(data)) assert.equal(statSync(path.join(data, name)).mode & 0o077, 0, `${where}: ${name} can be read by others`);
      rmSync(data, { recursive: true });
    };
    const waiting = chosen.entries();
    const work = async () => { for (const [at, point] of waiting) await tryPoint(point, at); };
    await Promise.all([work(), work(), work()]);
    assert.ok(killed >= chosen.length * 0.9, `${killed} of ${chosen.length} were killed`);
    t.diagnostic(`${killed} of ${points.length} points`);
  });
});
