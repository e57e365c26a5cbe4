// Killed in the middle of a broadcast, or asked to stop: what comes back by itself.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { arrived, endpointReaches, makeReceiver, sessionOf } from '../support/broadcast.mjs';
import { ScriptedPublisher } from '../support/rtmp/client-peer.mjs';
import { assertExact } from '../support/rtmp/compare.mjs';
import { show } from '../support/rtmp/media.mjs';
import { Server, makeStation } from '../support/server.mjs';
import { waitFor } from '../support/wait.mjs';

let server;
let user;
before(async () => {
  server = await Server.start();
  user = await server.user();
});
after(() => server?.kill());

// An encoder as OBS is one: connects again, by itself, until it is let in.
const reconnecting = (key) => waitFor('the encoder to get in again', () => new ScriptedPublisher({ url: server.rtmpUrl }).publish(key), { timeoutMs: 10_000, everyMs: 250 });

test('kill -9 during a broadcast: the encoder returns, the destinations are taken up again, and the API says what happened', async () => {
  const station = await makeStation(user, 'Phoenix');
  const receivers = await Promise.all([1, 2].map((n) => makeReceiver(user, { name: `phoenix-${n}` })));
  const { sessionId } = await user.post('/api/live/start', { streamKey: station.streamKey, title: 'Before and after', stationId: station.id, selectedEndpoints: receivers.map(({ id }) => id) });
  const first = await new ScriptedPublisher({ url: server.rtmpUrl }).publish(station.streamKey);
  const playing = first.play(show({ seconds: 30, seed: 1 }));
  await Promise.all(receivers.map(({ id }) => endpointReaches(user, sessionId, id, ({ status }) => status === 'connected')));

  await server.kill();
  const killed = performance.now();
  await playing;
  await server.launch();
  assert.ok(performance.now() - killed < 5_000, 'ready again soon');

  const second = await reconnecting(station.streamKey);
  const playedAgain = second.play(show({ seconds: 4, seed: 2 }));
  await Promise.all(receivers.map(({ id }) => endpointReaches(user, sessionId, id, ({ status }) => status === 'connected')));
  assert.ok(performance.now() - killed < 12_000, 'destinations are back soon');
  await playedAgain;
  for (const { peer, name } of receivers) {
    await arrived(second, peer);
    assert.equal(peer.publishes.length, 2, `${name}: one connection before, one after`);
    assertExact(first.sent, peer.publishes[0].messages, { throughout: false, label: `${name} before` });
    assertExact(second.sent, peer.publishes[1].messages, { label: `${name} after` });
  }
  const session = await sessionOf(user, station.id);
  assert.equal(session.sessionId, sessionId, 'the same session goes on');
  assert.equal(session.status, 'live');
  const restarted = session.events.find(({ kind }) => kind === 'server_restarted');
  assert.match(restarted?.message ?? '', /restart/i);
  const kinds = session.events.map(({ kind }) => kind);
  assert.ok(kinds.lastIndexOf('encoder_connected') > kinds.indexOf('server_restarted'), kinds.join());

  await user.post('/api/live/stop', { sessionId });
  await waitFor('the end at the destinations', () => receivers.every(({ peer }) => peer.last.ended));
  const { sessions } = await user.get(`/api/multistream/sessions?stationId=${station.id}`);
  assert.equal(sessions[0].sessionId, sessionId);
  assert.equal(sessions[0].status, 'ended');
  await Promise.all(receivers.map(({ peer }) => peer.close()));
});

test('SIGTERM gives platforms a proper end of stream, and the server exits within ten seconds', async () => {
  const station = await makeStation(user, 'Drain');
  const { peer, id } = await makeReceiver(user, { name: 'drained' });
  const { sessionId } = await user.post('/api/live/start', { streamKey: station.streamKey, title: 'Going down', stationId: station.id, selectedEndpoints: [id] });
  const encoder = await new ScriptedPublisher({ url: server.rtmpUrl }).publish(station.streamKey);
  const playing = encoder.play(show({ seconds: 20 }));
  await endpointReaches(user, sessionId, id, ({ status }) => status === 'connected');
  const began = performance.now();
  const { code } = await server.stop();
  assert.equal(code, 0, server.log.slice(-1500));
  assert.ok(performance.now() - began < 10_000);
  await playing;
  await waitFor('the end at the destination', () => peer.last.ended);
  assert.equal(peer.last.ended, 'unpublished');
  await server.launch();
  assert.equal((await sessionOf(user, station.id)).sessionId, sessionId, 'the broadcast is still wanted');
  await user.post('/api/live/stop', { sessionId });
  await peer.close();
});

test('what was made before a restart is there after it, and signed-in people stay signed in', async () => {
  const station = await makeStation(user, 'Kept');
  await server.restart();
  const { station: kept } = await user.get(`/api/stations/${station.id}`);
  assert.deepEqual(kept.streamKey, station.streamKey);
  assert.equal((await user.get('/api/auth/me')).user.id, user.user.id);
});
