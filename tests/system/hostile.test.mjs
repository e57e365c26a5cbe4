// What strangers and bad platforms can do with bytes, by the thousand, while a show runs: memory, CPU, and slots.
import assert from 'node:assert/strict';
import { Buffer } from 'node:buffer';
import { readFileSync } from 'node:fs';
import http from 'node:http';
import process from 'node:process';
import { after, before, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { brotliCompressSync, deflateRawSync, deflateSync, gzipSync } from 'node:zlib';
import { arrived, makeLivestream } from '../support/broadcast.mjs';
import { makeCertificates } from '../support/certificates.mjs';
import { Crowd } from '../support/crowd.mjs';
import { freePort } from '../support/ports.mjs';
import { ScriptedPublisher } from '../support/rtmp/client-peer.mjs';
import { assertExact } from '../support/rtmp/compare.mjs';
import { noise, show } from '../support/rtmp/media.mjs';
import { Server } from '../support/server.mjs';
import { waitFor } from '../support/wait.mjs';

// Bounds that a loaded machine can break by itself are exact with EVERYCAST_FULL only.
const FULL = process.env.EVERYCAST_FULL === '1';
const MIB = 1024 * 1024;

let server;
let user;
before(async () => {
  const { good } = await makeCertificates();
  server = await Server.start({ settings: {
    flush_window_ms: 0, log_level: 'info', rtmps: `127.0.0.1:${await freePort()}`, tls_certificate: good.cert, tls_key: good.key,
  } });
  user = await server.user();
});
after(() => server?.kill());

const HANDSHAKE = Buffer.concat([Buffer.from([3]), Buffer.alloc(4), Buffer.alloc(4), noise(1528, 1), noise(1536, 2)]);

// The first chunk of a message: a whole header that declares `length`, and some of its bytes.
function beginning(csid, length, bytes) {
  const basic = csid < 64 ? [csid] : [0, csid - 64];
  return Buffer.from([...basic, 0, 0, 0, length >> 16, (length >> 8) & 0xff, length & 0xff, 9, 1, 0, 0, 0, ...noise(bytes, csid)]);
}
const declaring = (streams, length, bytes) => Buffer.concat([HANDSHAKE, ...Array.from({ length: streams }, (_, n) => beginning(3 + n, length, bytes))]);

const resident = () => Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${server.child.pid}/status`, 'utf8'))[1]) * 1024;

// How often a bound was reached, as the metrics tell it.
async function reached(of) {
  const text = await (await fetch(`${server.url}/metrics`)).text();
  return Number(new RegExp(`^everycast_limit_reached_total\\{of="${of}"\\} (\\d+)`, 'm').exec(text)[1]);
}

const publish = (live) => new ScriptedPublisher({ url: server.rtmpUrl }).publish(live.key);

// The end of a show, of which the destination must have got everything.
async function endExact(live, encoder) {
  await arrived(encoder, live.peers[0]);
  assertExact(encoder.sent, live.peers[0].last.messages);
  await encoder.unpublish(live.key);
  await user.post(`/api/v1/livestreams/${live.id}/stop`);
  await live.close();
}

test('a thousand strangers who declare 16 MiB on 64 chunk streams are refused, a thousand within the bounds take no memory, and a show loses nothing', async (t) => {
  const live = await makeLivestream(user);
  const encoder = await publish(live);
  const playing = encoder.play(show({ seconds: 6 }));
  const atFirst = resident();
  const refusedBefore = await reached('rtmp_message_bytes_before_publish');
  const greedy = Crowd.gather({ port: server.rtmpPort, network: 10, count: 1_000, opening: declaring(64, 0xffffff, 64) });
  await greedy.gone(15_000);
  assert.equal(await reached('rtmp_message_bytes_before_publish') - refusedBefore, 1_000);
  // Eight chunk streams, each with a message at the bound begun: as much as a stranger may.
  const modest = await Crowd.gather({ port: server.rtmpPort, network: 11, count: 1_000, opening: declaring(8, 256 * 1024, 128) }).complete();
  await waitFor('all of them to have been read', () => modest.answered === 1_000, { describe: () => modest.told });
  const grown = resident() - atFirst;
  t.diagnostic(`${Math.round(grown / MIB)} MiB more`);
  assert.equal(modest.open, 1_000, 'those within the bounds are still there');
  assert.ok(grown <= 100 * MIB, `${Math.round(grown / MIB)} MiB more for 1,000 strangers`);
  await playing;
  await endExact(live, encoder);
  await Promise.all([greedy.leave(), modest.leave()]);
});

const percentile = (values, share) => values.sort((one, other) => one - other)[Math.floor(values.length * share)];

test('peers that send chunks of one byte are refused within a second, and delay nobody', async (t) => {
  const live = await makeLivestream(user);
  const encoder = await publish(live);
  const seconds = FULL ? 20 : 4;
  const p99 = async (part) => {
    const from = encoder.sent.length;
    await encoder.play(show({ seconds, seed: 1 + part, startAt: part * seconds * 1000 }));
    await arrived(encoder, live.peers[0]);
    const sentAt = new Map(encoder.sent.slice(from).map(({ hash, at }) => [hash, at]));
    const delays = live.peers[0].last.messages.filter(({ hash }) => sentAt.has(hash)).map(({ hash, at }) => at - sentAt.get(hash));
    return percentile(delays, 0.99);
  };
  const calm = await p99(0);
  // An empty message, then one more for each byte; and a chunk size of one byte, which is refused as such.
  const flood = Buffer.concat([HANDSHAKE, Buffer.from([4, 0, 0, 0, 0, 0, 0, 9, 1, 0, 0, 0]), Buffer.alloc(60_000, 0xc4)]);
  const tiny = Buffer.concat([HANDSHAKE, Buffer.from([2, 0, 0, 0, 0, 0, 4, 1, 0, 0, 0, 0, 0, 0, 0, 1])]);
  const crowds = await Promise.all([flood, tiny].map((opening, n) => Crowd.gather({ port: server.rtmpPort, network: 20 + n, count: 2, opening, refill: true }).complete()));
  const attacked = await p99(1);
  t.diagnostic(`p99 ${calm.toFixed(1)} ms alone, ${attacked.toFixed(1)} ms under attack`);
  for (const crowd of crowds) {
    assert.ok(crowd.opened >= 10, `only ${crowd.opened} were thrown out and came again`);
    assert.ok(crowd.longestMs <= (FULL ? 1_000 : 3_000), `one stayed for ${crowd.longestMs} ms`);
  }
  assert.ok(await reached('rtmp_small_chunks_before_publish') >= 5);
  assert.ok(await reached('rtmp_min_chunk_bytes') >= 5);
  assert.ok(attacked - calm <= (FULL ? 5 : 50), `p99 is ${attacked} ms under attack, ${calm} ms without`);
  await Promise.all(crowds.map((crowd) => crowd.leave()));
  await endExact(live, encoder);
});

// What the kernel holds unread at the server's end of connections to `port`.
function unreadTowards(port) {
  let unread;
  for (const line of readFileSync('/proc/net/tcp', 'utf8').split('\n').slice(1)) {
    const [, , remote, state, queues] = line.trim().split(/\s+/);
    if (state === '01' && parseInt(remote.split(':')[1], 16) === port) unread = (unread ?? 0) + parseInt(queues.split(':')[1], 16);
  }
  return unread;
}

test('a destination that acknowledges every eight bytes is read all the time, and nothing grows', async (t) => {
  const live = await makeLivestream(user, { scripts: [{ ackEvery: 8 }] });
  const encoder = await publish(live);
  const seconds = FULL ? 600 : 6;
  const playing = encoder.play(show({ seconds, kbps: 400 }));
  await waitFor('media at the destination', () => live.peers[0].last?.messages.length > 30);
  const early = resident();
  const unread = [];
  const { last } = live.peers[0];
  const bytesBefore = last.seen;
  const watching = { on: true };
  const watch = (async () => {
    while (watching.on) {
      unread.push(unreadTowards(live.peers[0].port));
      await pause(FULL ? 500 : 50);
    }
  })();
  await playing;
  watching.on = false;
  await watch;
  assert.ok(unread.length > 20 && unread.every((bytes) => bytes !== undefined), 'the connection was there all the time');
  // What has just arrived may be seen before it is read; what stays there is the fault.
  assert.equal(percentile([...unread], 0.5), 0, 'usually nothing waits');
  assert.ok(Math.max(...unread) <= 64 * 1024, `${Math.max(...unread)} bytes waited to be read`);
  const grown = resident() - early;
  assert.ok(grown <= 32 * MIB, `${Math.round(grown / MIB)} MiB more after ${(last.seen - bytesBefore) / 8} acknowledgements`);
  t.diagnostic(`${Math.round((last.seen - bytesBefore) / 8)} acknowledgements, ${Math.max(...unread)} bytes unread at most, ${Math.round(grown / MIB)} MiB more`);
  assert.equal(live.peers[0].publishes.length, 1, 'it stayed connected');
  await endExact(live, encoder);
});

test('connections that drip a byte a second are gone within 15 s, and new publishers come in meanwhile', async (t) => {
  const live = await makeLivestream(user);
  const door = await makeLivestream(user, { receivers: 0 });
  const encoder = await publish(live);
  const stop = new AbortController();
  const playing = encoder.play(show({ seconds: 120 }), { signal: stop.signal });
  const many = FULL ? 10_000 : 1_000;
  const few = FULL ? 1_000 : 200;
  const bounds = ['rtmp_handshake_seconds', 'rtmp_publish_seconds', 'rtmps_handshake_seconds'];
  const earlier = await Promise.all(bounds.map(reached));
  const crowds = {
    handshakes: Crowd.gather({ port: server.rtmpPort, network: 30, count: many, opening: [3], drip: 'a' }),
    connects: Crowd.gather({ port: server.rtmpPort, network: 31, count: few, opening: HANDSHAKE, drip: beginning(3, 200, 20) }),
    hellos: Crowd.gather({ port: Number(server.settings.rtmps.split(':')[1]), network: 32, count: few, opening: [0x16, 3, 1, 2, 0, 1, 0, 1, 0xfc, 3, 3], drip: 'a' }),
    heads: Crowd.gather({ port: server.httpPort, network: 33, count: many, opening: 'GET / HTTP/1.1\r\nHost: x\r\nX: ', drip: 'a' }),
  };
  // As long as they are there, encoders come and go.
  const waits = [];
  const gone = Promise.all(Object.values(crowds).map((crowd) => crowd.gone(FULL ? 60_000 : 30_000))).finally(() => stop.abort());
  while (!stop.signal.aborted) {
    const began = performance.now();
    const visitor = await publish(door);
    waits.push(performance.now() - began);
    await visitor.unpublish(door.key);
    await pause(200);
  }
  await gone;
  await playing;
  t.diagnostic(`at once ${Object.entries(crowds).map(([name, { most }]) => `${most} ${name}`).join(', ')}; ${waits.length} encoders waited ${Math.round(Math.max(...waits))} ms at most`);
  for (const [name, crowd] of Object.entries(crowds)) {
    assert.ok(crowd.most >= few / 2, `${name}: never more than ${crowd.most} at once`);
    assert.ok(crowd.longestMs <= 15_000, `${name}: one stayed for ${crowd.longestMs} ms`);
  }
  assert.ok(waits.length > 5, `${waits.length} encoders came`);
  assert.ok(Math.max(...waits) <= (FULL ? 1_000 : 3_000), `one waited ${Math.max(...waits)} ms`);
  const later = await Promise.all(bounds.map(reached));
  assert.deepEqual(later.map((count, n) => count - earlier[n]), [many, few, few], 'each was ended for the bound that it passed');
  await endExact(live, encoder);
  await Promise.all(Object.values(crowds).map((crowd) => crowd.leave()));
});

// One request on a connection of its own: its status, and whether the connection was made into another protocol.
function ask(headers, body, localAddress) {
  return new Promise((resolve, reject) => {
    const request = http.request(`${server.url}/api/auth/login`, { method: body ? 'POST' : 'GET', headers: { connection: 'close', ...headers }, localAddress, agent: false });
    request.once('error', reject);
    request.once('upgrade', (response, socket) => { socket.destroy(); resolve({ status: response.statusCode, upgraded: true }); });
    request.once('response', (response) => { response.resume(); resolve({ status: response.statusCode, upgraded: false, encoding: response.headers['content-encoding'] }); });
    request.end(body);
  });
}

test('bodies that would unpack to a thousand times their size are refused unread, and nothing is compressed by agreement', async () => {
  const plain = Buffer.from(JSON.stringify({ email: 'a@example.org', password: ' '.repeat(900_000) }));
  const bombs = { gzip: gzipSync(plain), deflate: deflateSync(plain), 'x-gzip': gzipSync(plain), br: brotliCompressSync(plain), 'gzip, gzip': gzipSync(gzipSync(plain)), 'deflate ': deflateRawSync(plain) };
  const atFirst = resident();
  for (let round = 0; round < 25; round += 1) {
    for (const [encoding, body] of Object.entries(bombs)) {
      const { status } = await ask({ 'content-type': 'application/json', 'content-encoding': encoding, 'content-length': body.length }, body, `127.40.0.${1 + (round % 20)}`);
      assert.equal(status, 415, encoding);
    }
  }
  const grown = resident() - atFirst;
  assert.ok(grown < 16 * MIB, `${Math.round(grown / MIB)} MiB more`);
  // Compression as a transfer coding is none of ours either.
  const { status } = await ask({ 'content-type': 'application/json', 'transfer-encoding': 'gzip, chunked' }, bombs.gzip, '127.40.0.30');
  assert.ok(status >= 400 && status < 500, `${status}`);
  // There are no WebSockets, and so no compression to be agreed on there.
  const socket = await ask({
    connection: 'Upgrade', upgrade: 'websocket', 'sec-websocket-version': '13', 'sec-websocket-key': 'dGhlIHNhbXBsZSBub25jZQ==', 'sec-websocket-extensions': 'permessage-deflate',
  }, undefined, '127.40.0.31');
  assert.equal(socket.upgraded, false);
  assert.ok(socket.status >= 400, `${socket.status}`);
});
