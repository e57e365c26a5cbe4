// One stream to many destinations: the well ones get exactly what was ingested, whatever the others do.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { arrived, endpointReaches, makeReceiver } from '../support/broadcast.mjs';
import { freePort } from '../support/ports.mjs';
import { RecordingPlayer, RtmpRefused, ScriptedPublisher } from '../support/rtmp/client-peer.mjs';
import { assertConfigured, assertExact } from '../support/rtmp/compare.mjs';
import { isKeyframe, show } from '../support/rtmp/media.mjs';
import { Server, makeDestination, makeStation } from '../support/server.mjs';
import { waitFor } from '../support/wait.mjs';

const SECONDS = 25;

let server;
let user;
before(async () => {
  server = await Server.start();
  user = await server.user();
});
after(() => server?.kill());

const goLive = async (station, destinations) => {
  const { sessionId } = await user.post('/api/live/start', {
    streamKey: station.streamKey, title: 'Ten places at once', stationId: station.id, useMultistream: true, selectedEndpoints: destinations.map(({ id }) => id),
  });
  return sessionId;
};

// How each fault is made, and how the API must tell it: the problem, and words that a creator understands.
const FAULTS = {
  refuses: { problems: ['connection_refused'], words: /refused/i },
  hangs: { script: { hangAt: 's0' }, problems: ['handshake_timed_out'], words: /did not answer|no answer|timed out|handshake/i },
  stops: { script: { stopReadingAfter: 150_000 }, problems: ['stalled', 'too_slow'], words: /stall|took no|takes no|no bytes|not take|stopped|accept/i },
  resets: { script: { resetEveryMs: 2_500 }, problems: ['connection_lost'], words: /reset|closed|lost|dropped|broke/i },
  badKey: { script: { publishError: { code: 'NetStream.Publish.BadName', description: 'Invalid stream key' } }, problems: ['key_refused'], words: /key/i },
};

test('five of ten destinations are faulty in five ways: the other five get the exact sequence', async () => {
  const station = await makeStation(user, 'Five and five');
  const good = await Promise.all([1, 2, 3, 4, 5].map((n) => makeReceiver(user, { name: `good-${n}` })));
  const faulty = {};
  for (const [name, { script }] of Object.entries(FAULTS)) {
    faulty[name] = script ? await makeReceiver(user, { name, script })
      : { destination: await makeDestination(user, { name, url: `rtmp://127.0.0.1:${await freePort()}/app` }) };
    faulty[name].id = faulty[name].destination.id;
  }
  const sessionId = await goLive(station, [...good, ...Object.values(faulty)]);

  const publisher = await new ScriptedPublisher({ url: server.rtmpUrl }).publish(station.streamKey);
  const playing = publisher.play(show({ seconds: SECONDS, gopSeconds: 2, kbps: 1200 }));

  const seen = {};
  const watching = Object.entries(FAULTS).map(async ([name, { problems, words }]) => {
    const endpoint = await endpointReaches(user, sessionId, faulty[name].id, ({ problem, lastError }) => problems.includes(problem) && lastError, (SECONDS - 2) * 1000);
    assert.match(endpoint.lastError, words, name);
    seen[name] = endpoint;
  });
  const connecting = good.map(({ id }) => endpointReaches(user, sessionId, id, ({ status }) => status === 'connected'));
  await Promise.all([...connecting, ...watching]);
  assert.equal(new Set(Object.values(seen).map(({ problem }) => problem)).size, 5, 'the five faults have five names');
  assert.equal(new Set(Object.values(seen).map(({ lastError }) => lastError)).size, 5, 'and five explanations');
  await playing;
  await Promise.all(good.map(({ peer }) => arrived(publisher, peer)));

  const key = await endpointReaches(user, sessionId, faulty.badKey.id, ({ status }) => status === 'error');
  assert.ok(faulty.badKey.peer.publishes.length <= 3, `a refused key was tried ${faulty.badKey.peer.publishes.length} times`);
  assert.match(`${key.detail} ${key.lastError}`, /key/i);
  const gone = good.map(({ peer }) => waitFor('the end of the stream', () => peer.last.ended));
  await user.post('/api/live/stop', { sessionId });
  await Promise.all(gone);
  await publisher.unpublish(station.streamKey);

  for (const { name, peer } of good) {
    assert.equal(peer.publishes.length, 1, `${name} was connected once`);
    assert.equal(peer.last.key, `${name}-key`);
    assert.equal(peer.last.ended, 'unpublished', `${name} was told the end`);
    assertConfigured(publisher.sent, peer.last.messages, name);
    const { offset } = assertExact(publisher.sent, peer.last.messages, { label: name });
    assert.equal(peer.last.messages.find(isKeyframe).timestamp, publisher.sent.find(isKeyframe).timestamp + offset);
    assert.equal(peer.last.metadata.length >= 1, true, `${name} got metadata`);
  }
  assert.ok(faulty.resets.peer.publishes.length >= 2, 'the resetting one was tried again');
  for (const [index, run] of faulty.resets.peer.publishes.entries()) {
    assertExact(publisher.sent, run.messages, { throughout: false, label: `connection ${index} of the resetting one` });
  }
  await Promise.all([...good, ...Object.values(faulty)].map(({ peer }) => peer?.close()));
});

test('destinations join and leave a running broadcast at a keyframe; the others notice nothing', async () => {
  const station = await makeStation(user, 'Come and go');
  const [stays, leaves, joins] = await Promise.all(['stays', 'leaves', 'joins'].map((name) => makeReceiver(user, { name })));
  const sessionId = await goLive(station, [stays, leaves]);
  const publisher = await new ScriptedPublisher({ url: server.rtmpUrl }).publish(station.streamKey);
  const playing = publisher.play(show({ seconds: 10, seed: 2 }));

  await waitFor('two seconds of media', () => stays.peer.last?.messages.length > 120);
  await user.post(`/api/simulcast/${station.id}/destinations`, { destinationId: joins.id });
  await waitFor('the newcomer to get media', () => joins.peer.last?.messages.length > 60);
  await user.delete(`/api/simulcast/${station.id}/destinations/${leaves.id}`);
  await waitFor('the leaver to be told the end', () => leaves.peer.last.ended);
  assert.equal(leaves.peer.last.ended, 'unpublished');
  await playing;
  await Promise.all([arrived(publisher, stays.peer), arrived(publisher, joins.peer)]);

  assertExact(publisher.sent, stays.peer.last.messages, { label: 'the one that stays' });
  const left = assertExact(publisher.sent, leaves.peer.last.messages, { throughout: false, label: 'the one that leaves' });
  const joined = assertExact(publisher.sent, joins.peer.last.messages, { throughout: false, label: 'the one that joins' });
  assertConfigured(publisher.sent, joins.peer.last.messages, 'the one that joins');
  assert.ok(isKeyframe(joins.peer.last.messages.find(({ type, head }) => type === 'video' && head[1] !== 0)), 'it begins with a keyframe');
  assert.ok(joined.first > 0 && left.first === 0);
  assert.equal(joined.last, publisher.sent.length - 1 - 2);
  for (const { peer } of [stays, leaves, joins]) assert.equal(peer.publishes.length, 1);

  const { session } = await user.get(`/api/simulcast/${station.id}/status`);
  const kinds = session.events.map((event) => `${event.kind} ${event.destinationId ?? ''}`);
  assert.ok(kinds.some((kind) => kind.includes(joins.id)), kinds.join());
  await user.post('/api/live/stop', { sessionId });
  await publisher.unpublish(station.streamKey);
  await Promise.all([stays, leaves, joins].map(({ peer }) => peer.close()));
});

test('players by the playback id get the exact sequence too; the stream key plays nothing', async () => {
  const station = await makeStation(user, 'Played');
  const { sessionId, playback } = await user.post('/api/live/start', { streamKey: station.streamKey, title: 'Played', stationId: station.id, useMultistream: false });
  const publisher = await new ScriptedPublisher({ url: server.rtmpUrl }).publish(station.streamKey);
  const playing = publisher.play(show({ seconds: 5, seed: 3 }));
  await waitFor('the station to be live', async () => (await server.api.get(`/api/live/status?stationId=${station.id}`)).isLive);
  assert.notEqual(playback.playbackId, station.streamKey);
  const players = [];
  for (const scheme of [undefined, 0]) players.push(await new RecordingPlayer({ url: server.rtmpUrl, scheme }).play(playback.playbackId));
  for (const name of [station.streamKey, 'no-such-playback-id']) {
    await assert.rejects(new RecordingPlayer({ url: server.rtmpUrl }).play(name), RtmpRefused);
  }
  await playing;
  const wanted = publisher.sent.at(-1).hash;
  for (const player of players) {
    await waitFor('the last message at the player', () => player.messages.some(({ hash }) => hash === wanted));
    assertConfigured(publisher.sent, player.messages, 'player');
    const { last } = assertExact(publisher.sent, player.messages, { throughout: false, label: 'player' });
    assert.equal(last, publisher.sent.length - 1 - 2);
    assert.equal(player.metadata.some(([name]) => name === 'onMetaData'), true);
    player.close();
  }
  await user.post('/api/live/stop', { sessionId });
  await publisher.unpublish(station.streamKey);
});
