// Thousands who only hold a connection, and floods of requests and sign-ins: the stream beside them loses nothing.
import assert from 'node:assert/strict';
import { Buffer } from 'node:buffer';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import http from 'node:http';
import { after, before, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { arrived, makeLivestream } from '../support/broadcast.mjs';
import { Crowd } from '../support/crowd.mjs';
import { FULL, slack } from '../support/extent.mjs';
import { run } from '../support/process.mjs';
import { ScriptedPublisher } from '../support/rtmp/client-peer.mjs';
import { assertExact } from '../support/rtmp/compare.mjs';
import { PACKET } from '../support/rtmp/handshake.mjs';
import { show } from '../support/rtmp/media.mjs';
import { Server } from '../support/server.mjs';
import { waitFor } from '../support/wait.mjs';

const MOST_PER_CONNECTION = 10 * 1024;
const MOST_ADDED_MS = 2;

let server;
let user;
before(async () => {
  // Each delay is the way through the server, not the window for which it gathers small writes.
  server = await Server.start({ settings: { flush_window_ms: 0 } });
  user = await server.user();
});
after(() => server?.kill());

const residentOf = (pid) => 1024 * Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))[1]);

// A show to one receiver. `delays(from, to)`: how long its messages sent in that time were on their way.
async function goLive(seconds) {
  const live = await makeLivestream(user);
  const encoder = await new ScriptedPublisher({ url: server.rtmpUrl }).publish(live.key);
  const over = new AbortController();
  const playing = encoder.play(show({ seconds }), { signal: over.signal });
  return {
    p99: (from, to) => {
      const came = new Map(live.peers[0].last.messages.map(({ hash, at }) => [hash, at]));
      const delays = encoder.sent.filter(({ at, hash }) => at >= from && at < to && came.has(hash)).map(({ hash, at }) => came.get(hash) - at);
      assert.ok(delays.length > 100, `${delays.length} delays were measured`);
      return delays.sort((one, other) => one - other)[Math.floor(delays.length * 0.99)];
    },
    lostNothing: async () => {
      over.abort();
      await playing;
      await arrived(encoder, live.peers[0]);
      assertExact(encoder.sent, live.peers[0].last.messages);
      assert.equal(live.peers[0].runs.length, 1);
      encoder.close();
      await user.post(`/api/v1/livestreams/${live.id}/stop`);
    },
  };
}

test('idle connections by the thousand: at most 10 KiB each, and the stream beside them is neither late nor short', async (t) => {
  const count = FULL ? 10_000 : 2_000;
  const live = await goLive(60);
  await pause(1_000);
  const calmFrom = performance.now();
  await pause(3_000);
  const [calmTo, before] = [performance.now(), residentOf(server.child.pid)];
  // Through the handshake, and then not a word more.
  const crowd = await Crowd.gather({ port: server.rtmpPort, count, network: 71, opening: Buffer.concat([Buffer.from([3]), Buffer.alloc(2 * PACKET)]), timeoutMs: 12_000 });
  const from = performance.now();
  await pause(3_500);
  const [to, open] = [performance.now(), crowd.open];
  const each = (residentOf(server.child.pid) - before) / count;
  assert.equal(open, count, 'they are all still there');
  await crowd.leave();
  await live.lostNothing();
  const [calm, crowded] = [live.p99(calmFrom, calmTo), live.p99(from, to)];
  t.diagnostic(`${count} connections: ${Math.round(each)} bytes each; p99 ${calm.toFixed(1)} ms without them, ${crowded.toFixed(1)} ms beside them`);
  assert.ok(each <= MOST_PER_CONNECTION, `${Math.round(each)} bytes each`);
  assert.ok(crowded - calm <= slack(MOST_ADDED_MS, 150), `p99 was ${calm} ms and became ${crowded} ms`);
});

test('a flood of requests is answered with 429, fast, and the stream loses nothing', async (t) => {
  const live = await goLive(60);
  await pause(500);
  const output = await run('wrk', ['-t', '2', '-c', '100', '-d', FULL ? '15s' : '4s', '--latency', '-H', `Authorization: Bearer ${user.token}`, `${server.url}/api/auth/me`], { timeoutMs: 40_000 });
  const rate = Number(/Requests\/sec:\s+([\d.]+)/.exec(output)[1]);
  const all = Number(/(\d+) requests in/.exec(output)[1]);
  const refused = Number(/Non-2xx or 3xx responses: (\d+)/.exec(output)?.[1] ?? 0);
  t.diagnostic(`${Math.round(rate)} requests a second, ${refused} of ${all} refused`);
  assert.ok(refused > all * 0.8, output);
  // Whoever flooded may ask again a little later; a second more gives the next test its share of requests.
  await waitFor('the flood to be forgiven', () => user.get('/api/auth/me'), { everyMs: 200 });
  await pause(1_000);
  await live.lostNothing();
});

test('a flood of sign-ins from many addresses: passwords are tried a few at a time, the rest is refused, and the stream loses nothing', async (t) => {
  const live = await goLive(60);
  await pause(500);
  const before = residentOf(server.child.pid);
  let most = 0;
  const watch = setInterval(() => { most = Math.max(most, residentOf(server.child.pid)); }, 20);
  const statuses = new Map();
  const agent = new http.Agent({ keepAlive: false, maxSockets: Infinity });
  const signIn = async (n) => {
    const body = JSON.stringify({ email: n % 2 ? user.email : `nobody${n}@example.org`, password: `wrong password ${n}` });
    const request = http.request(`${server.url}/api/auth/login`, {
      method: 'POST', agent, localAddress: `127.0.81.${1 + (n % 200)}`, headers: { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) },
    });
    request.end(body);
    const [response] = await once(request, 'response');
    response.resume();
    await once(response, 'end');
    statuses.set(response.statusCode, (statuses.get(response.statusCode) ?? 0) + 1);
  };
  const count = FULL ? 2_000 : 80;
  const began = performance.now();
  const flood = Promise.all(Array.from({ length: count }, (_, n) => signIn(n).catch((error) => statuses.set(error.code, (statuses.get(error.code) ?? 0) + 1))));
  await pause(300);
  const asked = performance.now();
  await user.get('/api/stations');
  const others = performance.now() - asked;
  assert.ok(others < slack(500, 3_000), `who is signed in was answered after ${Math.round(others)} ms`);
  await flood;
  clearInterval(watch);
  const seconds = (performance.now() - began) / 1_000;
  const grown = (most - before) / 2 ** 20;
  t.diagnostic(`${count} sign-ins in ${seconds.toFixed(1)} s: ${JSON.stringify([...statuses])}; memory grew by ${Math.round(grown)} MiB; others waited ${Math.round(others)} ms`);
  assert.ok(!statuses.has(200) && !statuses.has(500), JSON.stringify([...statuses]));
  assert.ok((statuses.get(429) ?? 0) + (statuses.get(503) ?? 0) > 0, JSON.stringify([...statuses]));
  // argon2id takes 64 MiB a time.
  assert.ok(grown < 5 * 64, `memory grew by ${Math.round(grown)} MiB`);
  await live.lostNothing();
});
