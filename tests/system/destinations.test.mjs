// Platforms as they are: slow, odd, refusing, hanging. What each does to its own destination, and what the API says.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { arrived, endpointReaches, makeReceiver } from '../support/broadcast.mjs';
import { ScriptedPublisher } from '../support/rtmp/client-peer.mjs';
import { assertConfigured, assertExact, assertWholeGroups } from '../support/rtmp/compare.mjs';
import { show } from '../support/rtmp/media.mjs';
import { Server, makeDestination, makeStation } from '../support/server.mjs';
import { waitFor } from '../support/wait.mjs';

let server;
let user;
before(async () => {
  server = await Server.start();
  user = await server.user();
});
after(() => server?.kill());

// A running broadcast to these destinations.
async function broadcast(name, destinations, options) {
  const station = await makeStation(user, name);
  const { sessionId } = await user.post('/api/live/start', { streamKey: station.streamKey, title: name, stationId: station.id, selectedEndpoints: destinations.map(({ id }) => id) });
  const encoder = await new ScriptedPublisher({ url: server.rtmpUrl }).publish(station.streamKey);
  const playing = encoder.play(show(options));
  return {
    station, sessionId, encoder, playing,
    reaches: (id, accepts, timeoutMs) => endpointReaches(user, sessionId, id, accepts, timeoutMs),
    stop: async () => {
      await user.post('/api/live/stop', { sessionId });
      encoder.close();
      await playing;
    },
  };
}

test('a key that is refused is told from every other failure, in the platform\'s words, and not tried for ever', async () => {
  const refusals = {
    'bad name': { publishError: { code: 'NetStream.Publish.BadName', description: 'stream key is wrong' } },
    rejected: { publishError: { code: 'NetStream.Publish.Rejected', description: 'not eligible to stream' } },
    denied: { publishError: { code: 'NetStream.Publish.Denied', description: 'access denied' } },
    'closed without a word': { closeAt: 'publish' },
  };
  const receivers = await Promise.all(Object.entries(refusals).map(([name, script]) => makeReceiver(user, { name, script })));
  const live = await broadcast('Refusals', receivers, { seconds: 25 });
  for (const { name, id, peer } of receivers) {
    const { lastError, detail } = await live.reaches(id, ({ status, problem }) => status === 'error' && problem === 'key_refused', 25_000);
    assert.match(`${lastError} ${detail}`, /key/i, name);
    const words = refusals[name].publishError?.description;
    if (words) assert.ok(lastError.includes(words), `${name}: ${lastError}`);
    assert.ok(peer.publishes.length <= 3, `${name} was tried ${peer.publishes.length} times`);
  }
  // A person may try again: the key works now.
  const [healed] = receivers;
  healed.peer.script = {};
  await user.post(`/api/multistream/sessions/${live.sessionId}/destinations/${healed.id}/retry`);
  await live.reaches(healed.id, ({ status }) => status === 'connected');
  await live.stop();
});

test('a peer that hangs at any step is given up by the step\'s deadline, and the step is named', async () => {
  const steps = {
    s0: ['handshake_timed_out', /handshake/i],
    s1: ['handshake_timed_out', /handshake/i],
    connect: ['connection_timed_out', /connect/i],
    createStream: ['connection_timed_out', /createStream|create|stream/i],
    publish: ['connection_timed_out', /publish/i],
  };
  const receivers = await Promise.all(Object.keys(steps).map((hangAt) => makeReceiver(user, { name: hangAt, script: { hangAt } })));
  const live = await broadcast('Hanging', receivers, { seconds: 15 });
  await Promise.all(receivers.map(async ({ name, id, peer }) => {
    const [problem, words] = steps[name];
    const endpoint = await live.reaches(id, (one) => one.retryCount >= 1 && one.lastError, 14_000);
    assert.ok([problem, 'handshake_timed_out'].includes(endpoint.problem), `${name}: ${endpoint.problem}`);
    assert.match(endpoint.lastError, words, name);
    assert.match(endpoint.lastError, /answer|time|wait|\d+ s/i, name);
    const [first] = peer.runs;
    assert.ok(first.endedAt - first.acceptedAt < 11_000, `${name} was held for ${Math.round(first.endedAt - first.acceptedAt)} ms`);
  }));
  await live.stop();
});

test('an unknown host and a rejected connect are told', async () => {
  const nowhere = await makeDestination(user, { name: 'nowhere', url: 'rtmp://no-such-host.invalid/app' });
  const noApp = await makeReceiver(user, { name: 'no-app', script: { connectError: { code: 'NetConnection.Connect.Rejected', description: 'no such application' } } });
  const live = await broadcast('Nowhere', [nowhere, noApp], { seconds: 10 });
  const dns = await live.reaches(nowhere.id, ({ problem }) => problem === 'dns_failed');
  assert.match(dns.lastError, /no-such-host\.invalid/);
  const rejected = await live.reaches(noApp.id, ({ lastError }) => lastError);
  assert.match(rejected.lastError, /no such application/);
  await live.stop();
});

test('odd but legal platforms get the exact sequence', async () => {
  const oddities = {
    'one byte at a time': { fragment: 1 },
    'tiny windows, many acknowledgements': { window: 5_000, bandwidth: [5_000, 0], ackEvery: 500 },
    'chunk sizes that change': { chunkSize: 128, chunkSizes: [65_536, 200, 4_096] },
    'no answer to FCPublish': { fcPublish: 'silent' },
  };
  const receivers = await Promise.all(Object.entries(oddities).map(([name, script]) => makeReceiver(user, { name, script })));
  const live = await broadcast('Odd', receivers, { seconds: 6, gopSeconds: 2 });
  await live.playing;
  for (const { name, peer } of receivers) {
    await arrived(live.encoder, peer);
    assertConfigured(live.encoder.sent, peer.last.messages, name);
    assertExact(live.encoder.sent, peer.last.messages, { label: name });
    assert.equal(peer.runs.length, 1, name);
  }
  await live.stop();
});

test('what is sent is what OBS sends, in that order', async () => {
  const receiver = await makeReceiver(user, { name: 'platform', key: 'key?with=query&and/slash%2F' });
  const live = await broadcast('In order', [receiver], { seconds: 3 });
  await live.playing;
  await arrived(live.encoder, receiver.peer);
  await live.stop();
  const run = await waitFor('the end', () => receiver.peer.last.ended && receiver.peer.last);
  assert.deepEqual(run.commands.slice(0, 5), ['connect', 'releaseStream', 'FCPublish', 'createStream', 'publish']);
  assert.deepEqual(run.commands.slice(-2), ['FCUnpublish', 'deleteStream']);
  assert.equal(run.connect.app, 'app');
  assert.equal(run.connect.type, 'nonprivate');
  assert.equal(run.connect.tcUrl, receiver.peer.url);
  assert.equal(run.connect.swfUrl, receiver.peer.url);
  assert.match(run.connect.flashVer, /^FMLE\/3\.0/);
  assert.equal(run.key, 'key?with=query&and/slash%2F', 'the key is sent as given');
  const [handler, name, values] = run.metadata[0];
  assert.deepEqual([handler, name], ['@setDataFrame', 'onMetaData']);
  assert.deepEqual([values.width, values.height, values.videocodecid, values.audiocodecid], [1280, 720, 7, 10]);
  assert.equal(run.messages[0].timestamp, 0);
  assert.equal(run.messages.find(({ type, head }) => type === 'video' && head[1] === 1).timestamp, 0, 'the first picture is at 0');
});

test('one that reads too slowly loses whole groups of pictures, and nobody else loses a thing', async () => {
  const slow = await makeReceiver(user, { name: 'slow', script: { readPerSecond: 120_000 } });
  const well = await makeReceiver(user, { name: 'well' });
  const live = await broadcast('Slow', [slow, well], { seconds: 18, kbps: 4_000 });
  const endpoint = await live.reaches(slow.id, ({ metrics }) => metrics.framesDropped > 0, 17_000);
  assert.ok(endpoint.metrics.queueMs >= 0);
  await live.playing;
  await arrived(live.encoder, well.peer);
  assertExact(live.encoder.sent, well.peer.last.messages, { label: 'the well one' });
  assert.equal(well.peer.runs.length, 1);
  const holes = slow.peer.publishes.map((run, index) => (run.messages.length > 10 ? assertWholeGroups(live.encoder.sent, run.messages, `connection ${index} of the slow one`) : 0));
  assert.ok(holes.some((count) => count > 0) || slow.peer.publishes.length > 1, 'it missed something, and this test saw it');
  const { metrics } = await live.reaches(well.id, () => true);
  assert.equal(metrics.framesDropped, 0);
  await live.stop();
});

test('one that half closes, and one that closes after a while, are connected again', async () => {
  const half = await makeReceiver(user, { name: 'half', script: (n) => (n === 0 ? { halfCloseAfter: 100_000 } : {}) });
  const closes = await makeReceiver(user, { name: 'closes', script: (n) => (n === 0 ? { closeAfterMs: 1_500 } : {}) });
  const live = await broadcast('Again', [half, closes], { seconds: 12 });
  for (const { name, peer, id } of [half, closes]) {
    await waitFor(`${name} to be connected again`, () => peer.publishes.length === 2, { timeoutMs: 11_000 });
    const endpoint = await live.reaches(id, ({ status }) => status === 'connected');
    assert.equal(endpoint.metrics.reconnects, 1, name);
    assert.match(endpoint.lastError, /closed|lost|ended/i, 'the last error is kept');
  }
  await live.playing;
  for (const { name, peer } of [half, closes]) {
    await arrived(live.encoder, peer);
    for (const run of peer.publishes) assertExact(live.encoder.sent, run.messages, { throughout: false, label: name });
  }
  await live.stop();
});

test('a platform that asks to move is followed at a keyframe, without a hole', async () => {
  const target = await makeReceiver(user, { name: 'target' });
  const moving = await makeReceiver(user, { name: 'moving', script: { reconnectAfterMs: 1_500, reconnectUrl: target.peer.url } });
  const live = await broadcast('Moving', [moving], { seconds: 6 });
  await live.playing;
  await arrived(live.encoder, target.peer);
  const before = assertExact(live.encoder.sent, moving.peer.last.messages, { throughout: false, label: 'before' });
  const afterwards = assertExact(live.encoder.sent, target.peer.last.messages, { throughout: false, label: 'after' });
  assert.ok(afterwards.first <= before.last + 1, `${afterwards.first - before.last - 1} messages are missing between the two`);
  assert.equal(target.peer.last.key, 'moving-key');
  await live.stop();
});

test('a platform that takes no HEVC is named before the show and during it', async () => {
  const receiver = await makeReceiver(user, { name: 'no-hevc', platform: 'twitch' });
  const { destination } = await user.post('/api/destinations', { platform: 'twitch', name: 'T', rtmpUrl: receiver.peer.url, streamKey: 'k' });
  const live = await broadcast('HEVC', [destination], { seconds: 6, video: 'hevc' });
  const endpoint = await live.reaches(destination.id, ({ advice }) => advice.length > 0);
  assert.ok(endpoint.advice.some(({ message }) => /HEVC|H\.265/i.test(message)), JSON.stringify(endpoint.advice));
  await live.stop();
});
