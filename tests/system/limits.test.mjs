// Bounds against those who hold connections, memory or attention: at the limit and past it.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import http from 'node:http';
import net from 'node:net';
import { after, before, describe, test } from 'node:test';
import { arrived, makeLivestream } from '../support/broadcast.mjs';
import { endLater } from '../support/cleanup.mjs';
import { ScriptedPublisher } from '../support/rtmp/client-peer.mjs';
import { assertExact } from '../support/rtmp/compare.mjs';
import { show } from '../support/rtmp/media.mjs';
import { Server } from '../support/server.mjs';
import { waitFor, within } from '../support/wait.mjs';

const PER_ADDRESS = 20;

let server;
let user;
before(async () => {
  server = await Server.start({ settings: { max_connections_per_address: PER_ADDRESS, requests_per_second: 20 } });
  user = await server.user();
});
after(() => server?.kill());

const raw = async (port, localAddress = '127.0.0.1') => {
  const socket = net.connect({ port, host: '127.0.0.1', localAddress });
  socket.on('error', () => {});
  socket.resume();
  socket.once('close', endLater(() => socket.destroy()));
  await once(socket, 'connect');
  return socket;
};

// The samples of a metric by their label `of`.
async function samples(metric) {
  const text = await (await fetch(`${server.url}/metrics`)).text();
  return new Map([...text.matchAll(new RegExp(`^${metric}\\{of="(\\w+)"\\} (\\S+)$`, 'gm'))].map(([, of, value]) => [of, Number(value)]));
}

test('so many RTMP connections from one address, and not one more; other addresses are let in', async () => {
  const held = await Promise.all(Array.from({ length: PER_ADDRESS }, () => raw(server.rtmpPort, '127.0.0.9')));
  const extra = await raw(server.rtmpPort, '127.0.0.9');
  await within(2_000, 'the one too many to be closed', once(extra, 'close'));
  assert.ok(held.every((socket) => !socket.destroyed), 'those within the limit stay');
  assert.equal((await samples('everycast_limit_reached_total')).get('rtmp_connections_per_address'), 1);
  const live = await makeLivestream(user, { receivers: 0 });
  const encoder = await new ScriptedPublisher({ url: server.rtmpUrl }).publish(live.key);
  await encoder.unpublish(live.key);
  for (const socket of held) socket.destroy();
});

test('the metrics show each bound in force, and what is counted is a bound', async () => {
  const limits = await samples('everycast_limit');
  assert.equal(limits.get('rtmp_connections_per_address'), PER_ADDRESS);
  assert.equal(limits.get('rtmp_message_bytes_before_publish'), 256 * 1024);
  assert.equal(limits.get('rtmp_handshake_seconds'), 5);
  const reached = await samples('everycast_limit_reached_total');
  assert.ok(reached.size > 30, `${reached.size} are counted`);
  for (const of of reached.keys()) assert.ok(limits.has(of), `${of} is counted and not shown`);
});

test('so many RTMP connections in all: those over it wait, those that run go on, and there is room again when some leave', async () => {
  const small = await Server.start({ settings: { max_connections: 8 } });
  try {
    const owner = await small.user();
    const live = await makeLivestream(owner);
    const encoder = await new ScriptedPublisher({ url: small.rtmpUrl }).publish(live.key);
    const playing = encoder.play(show({ seconds: 3 }));
    const held = [];
    for (let n = 0; n < 30; n += 1) held.push(await raw(small.rtmpPort, `127.0.2.${n + 1}`));
    await playing;
    await arrived(encoder, live.peers[0]);
    assertExact(encoder.sent, live.peers[0].last.messages);
    for (const socket of held) socket.destroy();
    const other = await makeLivestream(owner, { receivers: 0 });
    const next = await waitFor('room for another', () => new ScriptedPublisher({ url: small.rtmpUrl }).publish(other.key), { everyMs: 200, timeoutMs: 5_000 });
    await next.unpublish(other.key);
  } finally {
    await small.kill();
  }
});

test('wrong keys make the address that guesses wait, and no other', async () => {
  const guess = (localAddress, key) => new ScriptedPublisher({ url: server.rtmpUrl, localAddress, timeoutMs: 10_000 }).publish(key).catch((error) => error);
  for (let n = 0; n < 10; n += 1) await guess('127.0.0.66', `${n}`.repeat(32));
  const began = performance.now();
  await guess('127.0.0.66', 'f'.repeat(32));
  assert.ok(performance.now() - began > 2_000, 'the guesser waits');
  const other = performance.now();
  await guess('127.0.0.67', 'f'.repeat(32));
  assert.ok(performance.now() - other < 1_000, 'others do not');
});

describe('HTTP', { concurrency: 4 }, () => {
  const closedWithin = async (ms, text, drip) => {
    const socket = await raw(server.httpPort, '127.0.0.7');
    socket.write(text);
    const timer = drip && setInterval(() => socket.write(drip), 500);
    const began = performance.now();
    await within(ms, 'the connection to be closed', once(socket, 'close')).finally(() => clearInterval(timer));
    return performance.now() - began;
  };

  test('a request whose head drips is closed by its deadline, also one that never says a word', async () => {
    const took = await Promise.all([closedWithin(14_000, 'GET /healthz HTTP/1.1\r\nX: ', 'a'), closedWithin(14_000, '')]);
    assert.ok(took.every((ms) => ms > 5_000), `${took}`);
  });

  test('a head too large, and one that is no HTTP, are answered or closed at once', async () => {
    await closedWithin(3_000, `GET /healthz HTTP/1.1\r\nX: ${'a'.repeat(70_000)}\r\n\r\n`);
    await closedWithin(3_000, `\x03${'x'.repeat(3_000)}\r\n\r\n`);
  });

  test('two lengths, or a length and chunks, are refused', async () => {
    for (const head of ['Content-Length: 5\r\nContent-Length: 6', 'Content-Length: 5\r\nTransfer-Encoding: chunked']) {
      const socket = await raw(server.httpPort, '127.0.0.8');
      let answer = '';
      socket.on('data', (bytes) => { answer += bytes; });
      socket.write(`POST /api/auth/login HTTP/1.1\r\nHost: x\r\n${head}\r\n\r\n0\r\n\r\n`);
      await within(3_000, 'the close', once(socket, 'close'));
      assert.match(answer, /^HTTP\/1\.1 400|^$/, head);
    }
  });

  test('a flood of requests is slowed down with 429 and Retry-After, and the server lives', async () => {
    const statuses = new Map();
    let retry;
    await Promise.all(Array.from({ length: 20 }, async () => {
      for (let n = 0; n < 30; n += 1) {
        const { status, headers } = await server.api.call('GET', '/api/live/status');
        statuses.set(status, (statuses.get(status) ?? 0) + 1);
        if (status === 429) retry = headers.get('retry-after');
      }
    }));
    assert.deepEqual([...statuses.keys()].sort(), [200, 429]);
    assert.ok(Number(retry) >= 1);
    const [elsewhere] = await once(http.get(`${server.url}/healthz`, { localAddress: '127.0.0.10' }), 'response');
    elsewhere.resume();
    assert.equal(elsewhere.statusCode, 200, 'other addresses are answered');
  });
});
