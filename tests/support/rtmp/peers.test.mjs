// The scripted peers against each other and against real RTMP programs: what they are trusted for later is shown here.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { after, test } from 'node:test';
import { ffmpegPublish } from '../ffmpeg.mjs';
import { rtmp2sinkPublish, rtmpsinkPublish } from '../gstreamer.mjs';
import { NginxRtmp } from '../nginx-rtmp.mjs';
import { makeCertificates, pem } from '../certificates.mjs';
import { startStunnel } from '../stunnel.mjs';
import { eventOf, waitFor } from '../wait.mjs';
import { readFileSync } from 'node:fs';
import { RecordingPlayer, RtmpRefused, ScriptedPublisher } from './client-peer.mjs';
import { assertConfigured, assertExact } from './compare.mjs';
import { show } from './media.mjs';
import { RecordingReceiver, ScriptedPeer, sha1 } from './server-peer.mjs';

const open = [];
const receiver = async (options) => {
  const peer = await new RecordingReceiver(options).listen();
  open.push(peer);
  return peer;
};
const scripted = async (script) => {
  const peer = await new ScriptedPeer({ script }).listen();
  open.push(peer);
  return peer;
};
after(() => Promise.all(open.map((peer) => peer.close())));

for (const scheme of [undefined, 0, 1]) {
  test(`a receiver records exactly what is published, digest scheme ${scheme}`, async () => {
    const peer = await receiver();
    const publisher = await new ScriptedPublisher({ url: peer.url, scheme }).publish('key?with=query&more');
    assert.ok(publisher.connection.handshakeProven);
    await publisher.play(show({ seconds: 3, startAt: 0xffffff - 1000 }), { speed: 0 });
    await publisher.unpublish('key?with=query&more');
    const run = peer.last;
    assert.equal(run.key, 'key?with=query&more');
    assertConfigured(publisher.sent, run.messages);
    assert.equal(assertExact(publisher.sent, run.messages).offset, 0);
    assert.equal(run.metadata[0][1], 'onMetaData');
  });
}

test('a hole, a changed byte and a moved timestamp are each found', async () => {
  const peer = await receiver();
  const publisher = await new ScriptedPublisher({ url: peer.url }).publish('k');
  await publisher.play(show({ seconds: 1 }), { speed: 0 });
  await publisher.unpublish('k');
  const good = peer.last.messages;
  assert.throws(() => assertExact(publisher.sent, good.filter((_, n) => n !== 20)), /message/);
  assert.throws(() => assertExact(publisher.sent, good.map((m, n) => (n === 20 ? { ...m, hash: sha1('x') } : m))), /message 18/);
  assert.throws(() => assertExact(publisher.sent, good.map((m, n) => (n === 20 ? { ...m, timestamp: m.timestamp + 1 } : m))), /common offset/);
  assert.throws(() => assertExact(publisher.sent, good.slice(0, -1)), /missing at the end/);
});

test('a receiver understands AMF3-typed commands', async () => {
  const peer = await receiver();
  const publisher = await new ScriptedPublisher({ url: peer.url, amf3: true }).publish('k');
  await publisher.play(show({ seconds: 1 }), { speed: 0 });
  await publisher.unpublish('k');
  assertExact(publisher.sent, peer.last.messages);
});

for (const [name, start] of [['ffmpeg', ffmpegPublish], ['rtmp2sink', rtmp2sinkPublish], ['rtmpsink (librtmp)', rtmpsinkPublish]]) {
  test(`a receiver takes ${name}`, async () => {
    const peer = await receiver();
    const child = start(`${peer.url}/some-key`);
    await waitFor(`${name} to send media`, () => peer.last?.messages.length > 60, { timeoutMs: 20_000, describe: () => child.output.slice(-500) });
    await child.stop('SIGINT');
    assert.equal(peer.last.key, 'some-key');
    const video = peer.last.messages.find((message) => message.type === 'video');
    assert.equal(video.head.subarray(0, 2).toString('hex'), '1700');
  });
}

test('nginx-rtmp takes the publisher and plays it to the player', async () => {
  const nginx = await NginxRtmp.start();
  const publisher = await new ScriptedPublisher({ url: nginx.url }).publish('show');
  const playing = publisher.play(show({ seconds: 4 }));
  await waitFor('nginx to know the stream', async () => (await nginx.stream('show'))?.publishing);
  const player = await new RecordingPlayer({ url: nginx.url }).play('show');
  await waitFor('media at the player', () => player.messages.length > 60);
  await playing;
  const { bytesIn } = await nginx.stream('show');
  assert.ok(bytesIn > 300_000, `${bytesIn} bytes`);
  const types = new Set(player.messages.map((message) => message.type));
  assert.deepEqual([...types].sort(), ['audio', 'video']);
  player.close();
  await publisher.unpublish('show');
  await nginx.stop();
});

test('RTMPS: through stunnel and directly, good certificates are taken and bad ones are not', async () => {
  const certificates = await makeCertificates();
  const ca = readFileSync(certificates.ca);
  const plain = await receiver();
  const front = await startStunnel({ certificate: certificates.good, target: plain.port });
  const through = await new ScriptedPublisher({ url: `rtmps://localhost:${front.port}/app`, tls: { ca, host: '127.0.0.1' } }).publish('k');
  await through.play(show({ seconds: 1 }), { speed: 0 });
  await through.unpublish('k');
  assertExact(through.sent, plain.last.messages);
  await front.stop();

  for (const [name, code] of [['good', undefined], ['expired', 'CERT_HAS_EXPIRED'], ['wrongHost', 'ERR_TLS_CERT_ALTNAME_INVALID'], ['selfSigned', 'DEPTH_ZERO_SELF_SIGNED_CERT']]) {
    const peer = await receiver({ tls: pem(certificates[name]) });
    const attempt = new ScriptedPublisher({ url: `rtmps://localhost:${peer.port}/app`, tls: { ca, host: '127.0.0.1' } }).publish('k');
    if (code) await assert.rejects(attempt, { code });
    else (await attempt).close();
  }
});

const attempt = (peer) => new ScriptedPublisher({ url: peer.url, timeoutMs: 700 }).publish('k');

test('a scripted peer hangs where it is told', async () => {
  for (const hangAt of ['connect', 'createStream', 'publish']) {
    await assert.rejects(attempt(await scripted({ hangAt })), /no answer within/, hangAt);
  }
  for (const hangAt of ['accept', 's0', 's1', 'c2']) {
    const peer = await scripted({ hangAt });
    const publisher = new ScriptedPublisher({ url: peer.url });
    const opened = publisher.publish('k').then(() => 'answered', (error) => error.message);
    await eventOf(peer, 'connection');
    const outcome = await Promise.race([opened, new Promise((resolve) => setTimeout(resolve, 300, 'hangs'))]);
    assert.equal(outcome, 'hangs', hangAt);
    publisher.kill();
    await opened;
  }
});

test('a scripted peer refuses and closes where it is told', async () => {
  const bad = { code: 'NetStream.Publish.BadName', description: 'no such key' };
  await assert.rejects(attempt(await scripted({ publishError: bad })), (error) => error instanceof RtmpRefused && error.code === bad.code);
  await assert.rejects(attempt(await scripted({ connectError: { code: 'NetConnection.Connect.Rejected', description: 'no' } })), RtmpRefused);
  for (const closeAt of ['accept', 'connect', 'publish']) await assert.rejects(attempt(await scripted({ closeAt })), /closed|ECONNRESET/);
});

test('a scripted peer resets, half closes, and stops reading after so many bytes', async () => {
  const reset = await attempt(await scripted({ resetAfter: 50_000 }));
  await reset.play(show({ seconds: 4 }), { speed: 0 });
  assert.equal(await reset.whenClosed(), 'ECONNRESET');

  const half = await attempt(await scripted({ halfCloseAfter: 50_000 }));
  await half.play(show({ seconds: 4 }), { speed: 0 });
  assert.equal(await half.whenClosed(), 'closed');

  const peer = await scripted({ stopReadingAfter: 50_000 });
  const stuck = await attempt(peer);
  const sending = stuck.play(show({ seconds: 120, kbps: 4000 }), { speed: 0 });
  const outcome = await Promise.race([sending.then(() => 'done'), new Promise((resolve) => setTimeout(resolve, 1500, 'stuck'))]);
  assert.equal(outcome, 'stuck');
  assert.ok(peer.last.connection.bytesIn < 500_000);
  stuck.kill();
  await sending;
});

test('one-byte writes, odd windows, many acknowledgements and changing chunk sizes are survived', async () => {
  const peer = await scripted({ fragment: 1, window: 1, bandwidth: [1, 0], ackEvery: 1000, chunkSizes: [128, 65_536, 1_000], fcPublish: 'silent' });
  const publisher = await attempt(peer);
  await publisher.play(show({ seconds: 6 }), { speed: 0 });
  await publisher.unpublish('k');
  assertExact(publisher.sent, peer.last.messages);
  assert.equal(peer.last.ended, 'unpublished');
});

test('a scripted peer asks for a reconnect', async () => {
  const publisher = await attempt(await scripted({ reconnectAfterMs: 50, reconnectUrl: 'rtmp://127.0.0.1/other' }));
  await waitFor('the request', () => publisher.statuses.some((status) => status.code === 'NetConnection.Connect.ReconnectRequest'));
  publisher.close();
  await once(publisher.connection, 'close');
});
