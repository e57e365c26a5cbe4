// GET /api/events: what changes reaches those it concerns, soon, and nobody else.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { makeLivestream, makeReceiver, sessionOf } from '../support/broadcast.mjs';
import { ScriptedPublisher } from '../support/rtmp/client-peer.mjs';
import { show } from '../support/rtmp/media.mjs';
import { Server, makeStation } from '../support/server.mjs';
import { waitFor } from '../support/wait.mjs';

const SOON_MS = 500;

let server;
let user;
let other;
before(async () => {
  server = await Server.start();
  [user, other] = [await server.user(), await server.user('broadcaster', 'other')];
});
after(() => server?.kill());

test('a destination that connects, fails and recovers is told within half a second; others hear nothing of it', async () => {
  const [mine, theirs, admins, visitors] = await Promise.all([user, other, server.admin, server.api].map((api) => api.events()));
  let mood = {};
  const station = await makeStation(user, 'Watched');
  const { peer, id, key } = await makeReceiver(user, { name: 'moody', script: () => mood });
  const about = (status, since = 0) => (event) => event.type === 'destination.changed' && event.data.destinationId === id && event.data.status === status && event.at >= since;
  const { sessionId } = await user.post('/api/live/start', { streamKey: station.streamKey, title: 'Watched', stationId: station.id, selectedEndpoints: [id] });
  const encoder = await new ScriptedPublisher({ url: server.rtmpUrl }).publish(station.streamKey);
  const playing = encoder.play(show({ seconds: 12 }));

  const connected = await mine.next(about('connected'));
  const { connection } = peer.last;
  await waitFor('the fault to be possible', () => peer.last.messages.length > 30);
  // While it hangs, nothing but the loss itself can be told.
  mood = { hangAt: 's0' };
  const broken = performance.now();
  connection.reset();
  const lost = await mine.next((event) => event.type === 'destination.changed' && event.data.destinationId === id && event.data.status !== 'connected' && event.at >= broken);
  assert.ok(lost.at - broken < SOON_MS, `told after ${Math.round(lost.at - broken)} ms`);
  assert.equal(lost.data.problem, 'connection_lost');
  mood = {};
  await waitFor('the retry', () => peer.publishes.length > 1, { timeoutMs: 15_000 });
  const back = await mine.next(about('connected', broken), 10_000);
  assert.ok(back.id > connected.id, 'ids rise');
  await playing;
  await user.post('/api/live/stop', { sessionId });
  await mine.next(({ type, data }) => type === 'session.ended' && data.sessionId === sessionId);
  await admins.next(({ type, data }) => type === 'session.ended' && data.sessionId === sessionId);
  await visitors.next(({ type }) => type === 'station.changed');

  for (const kind of ['session.started', 'ingest.started', 'destination.changed', 'session.ended']) {
    assert.ok(mine.events.some(({ type }) => type === kind), `the owner hears ${kind}`);
    assert.ok(admins.events.some(({ type }) => type === kind), `an admin hears ${kind}`);
  }
  for (const [name, listener] of [['another user', theirs], ['a visitor', visitors]]) {
    assert.ok(!listener.raw.includes(id), `${name} hears nothing of the destination`);
    for (const type of ['destination.changed', 'ingest.started', 'ingest.changed', 'ingest.lost', 'health.changed', 'metrics']) {
      assert.ok(!listener.events.some((event) => event.type === type), `${name} hears no ${type}`);
    }
  }
  for (const listener of [mine, theirs, admins, visitors]) {
    assert.ok(!listener.raw.includes(station.streamKey) && !listener.raw.includes(key), 'no key in any event');
    await listener.close();
  }
  await peer.close();
});

test('a listener that returns gets what it missed, after its last id', async () => {
  const listener = await user.events();
  const live = await makeLivestream(user, { receivers: 0 });
  const encoder = await new ScriptedPublisher({ url: server.rtmpUrl }).publish(live.key);
  await encoder.play(show({ seconds: 1 }), { speed: 0 });
  const seen = await listener.next(({ type }) => type === 'ingest.started');
  await listener.close();
  await encoder.unpublish(live.key);
  await waitFor('the encoder to be missed', async () => (await sessionOf(user, live.id)).status === 'interrupted');
  const again = await user.events({ lastEventId: seen.id });
  const lost = await again.next(({ type }) => type === 'ingest.lost');
  assert.ok(lost.id > seen.id);
  assert.ok(again.events.every(({ id }) => id === undefined || id > seen.id));
  await again.close();
  await user.post(`/api/v1/livestreams/${live.id}/stop`);
});

test('ending the sign-ins ends their listeners', async () => {
  const account = await server.user();
  const [mine, theirs] = [await account.events(), await other.events()];
  await account.delete('/api/auth/sessions');
  await waitFor('the ended sign-in\'s events to end', () => mine.ended, { timeoutMs: 3_000 });
  assert.ok(!theirs.ended);
  await theirs.close();
});
