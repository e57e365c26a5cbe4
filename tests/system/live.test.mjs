// Going live: stations, livestreams, simulcast, profiles, history, and other RTMP servers' callbacks.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { arrived, endpointReaches, makeLivestream, makeReceiver, sessionOf } from '../support/broadcast.mjs';
import { NginxRtmp } from '../support/nginx-rtmp.mjs';
import { freePort } from '../support/ports.mjs';
import { ScriptedPublisher } from '../support/rtmp/client-peer.mjs';
import { assertExact } from '../support/rtmp/compare.mjs';
import { show } from '../support/rtmp/media.mjs';
import { Server, makeDestination, makeStation } from '../support/server.mjs';
import { waitFor, within } from '../support/wait.mjs';

const HOOK_SECRET = 'a-hook-secret-of-some-length';

let server;
let user;
before(async () => {
  server = await Server.start({ settings: { hook_secret: HOOK_SECRET, grace_s: 5, uplink_kbps: 20_000 } });
  user = await server.user();
});
after(() => server?.kill());

const encoderFor = (key) => new ScriptedPublisher({ url: server.rtmpUrl }).publish(key);
const refused = async (call, status, code) => {
  const { status: got, body } = await call;
  assert.equal(got, status, JSON.stringify(body));
  if (code) assert.equal(body.error.code, code);
  return body.error;
};

describe('a station', { concurrency: 4 }, () => {
  test('starts before the encoder: waiting, then live', async () => {
    const station = await makeStation(user, 'Early bird');
    const receiver = await makeReceiver(user, { name: 'early' });
    const started = await user.post('/api/live/start', { streamKey: station.streamKey, title: 'Early', description: 'Too early', stationId: station.id, useMultistream: true, selectedEndpoints: [receiver.id], recordingEnabled: false });
    assert.equal(started.status, 'waiting');
    assert.equal(started.multistream.endpoints.length, 1);
    assert.equal(started.multistream.sessionId, started.sessionId);
    assert.ok(!JSON.stringify(started).includes(station.streamKey));
    assert.equal(started.ingestUrl, server.rtmpUrl.replace('127.0.0.1', new URL(started.ingestUrl).hostname));
    assert.equal((await server.api.get(`/api/live/status?stationId=${station.id}`)).isLive, false);

    const encoder = await encoderFor(station.streamKey);
    const playing = encoder.play(show({ seconds: 3 }));
    await waitFor('the station to be live', async () => (await server.api.get(`/api/live/status?stationId=${station.id}`)).isLive);
    const { sessions } = await server.api.get(`/api/live/status?stationId=${station.id}`);
    assert.deepEqual([sessions[0].sessionId, sessions[0].stationId, sessions[0].title], [started.sessionId, station.id, 'Early']);
    assert.equal((await server.api.get(`/api/stations/${station.slug}`)).station.isLive, true);
    assert.equal((await server.api.get(`/api/stations/${station.slug}`)).station.streamKey, undefined);
    const { sessions: mine, totalActive } = await user.get('/api/rtmp/status');
    assert.ok(mine.some(({ sessionId, isActive }) => sessionId === started.sessionId && isActive));
    assert.ok(totalActive >= 1);
    assert.equal((await server.api.get('/api/live/health')).ok, true);
    await playing;
    await arrived(encoder, receiver.peer);

    await user.post('/api/live/stop', { sessionId: started.sessionId });
    await waitFor('the end at the destination', () => receiver.peer.last.ended);
    assert.equal((await server.api.get(`/api/live/status?stationId=${station.id}`)).isLive, false);
    encoder.close();
    await refused(user.call('POST', '/api/live/stop', { body: { sessionId: 'se_unknown' } }), 404);
    await receiver.peer.close();
  });

  test('starts after the encoder: a preview first, fan-out from the next keyframe', async () => {
    const station = await makeStation(user, 'Late riser');
    const receiver = await makeReceiver(user, { name: 'late' });
    const encoder = await encoderFor(station.streamKey);
    const playing = encoder.play(show({ seconds: 5 }));
    await waitFor('the preview', async () => (await user.get(`/api/simulcast/${station.id}/status`)).ingest?.connected);
    assert.equal((await server.api.get(`/api/live/status?stationId=${station.id}`)).isLive, false, 'a preview is not live');
    assert.equal(receiver.peer.runs.length, 0);
    const started = await user.post('/api/live/start', { streamKey: station.streamKey, title: 'Late', stationId: station.id, selectedEndpoints: [receiver.id] });
    assert.equal(started.status, 'live');
    await refused(user.call('POST', '/api/live/start', { body: { streamKey: station.streamKey, title: 'Again', stationId: station.id } }), 409, 'already_live');
    await playing;
    await arrived(encoder, receiver.peer);
    assertExact(encoder.sent, receiver.peer.last.messages, { throughout: false });
    await user.post('/api/live/stop', { sessionId: started.sessionId });
    await receiver.peer.close();
    encoder.close();
  });

  test("goes live with nobody else's key, and with no unknown one", async () => {
    const other = await server.user('broadcaster', 'other');
    const station = await makeStation(other, 'Not yours');
    await refused(user.call('POST', '/api/live/start', { body: { streamKey: station.streamKey, title: 'x' } }), 404);
    await refused(user.call('POST', '/api/live/start', { body: { streamKey: '0'.repeat(32), title: 'x' } }), 404);
    const receiver = await makeDestination(other, { url: 'rtmp://127.0.0.1:9/app' });
    const mine = await makeStation(user, 'Mine');
    const { status } = await user.call('POST', '/api/live/start', { body: { streamKey: mine.streamKey, title: 'x', selectedEndpoints: [receiver.id] } });
    assert.ok([404, 422].includes(status), `another's destination: ${status}`);
  });

  test('skips a destination that cannot be tried, with the reason, and starts all the same', async () => {
    const station = await makeStation(user, 'Half ready');
    const good = await makeReceiver(user, { name: 'ready' });
    const { destination: keyless } = await user.post('/api/destinations', { platform: 'youtube', name: 'No key yet' });
    const started = await user.post('/api/live/start', { streamKey: station.streamKey, title: 'Half', stationId: station.id, selectedEndpoints: [good.id, keyless.id] });
    const skipped = started.multistream.endpoints.find(({ id }) => id === keyless.id);
    assert.match(`${skipped.detail} ${skipped.lastError}`, /key/i);
    assert.equal(started.multistream.endpoints.length, 2);
    await user.post('/api/live/stop', { sessionId: started.sessionId });
    await good.peer.close();
  });
});

describe('a livestream', { concurrency: 4 }, () => {
  test('goes from scheduled to live to ended to archived, and no other way', async () => {
    const live = await makeLivestream(user, { receivers: 1, title: 'A life', description: 'of a show', scheduled_at: new Date(Date.now() + 3_600_000).toISOString() });
    const at = `/api/v1/livestreams/${live.id}`;
    assert.equal(live.livestream.status, 'scheduled');
    assert.match(live.key, /^[0-9a-f]{32}$/);
    assert.ok((await server.api.get('/api/v1/livestreams?upcoming=true')).livestreams.some(({ id }) => id === live.id));
    assert.equal((await server.api.get(at)).livestream.stream_key, undefined, 'visitors see no key');
    await refused(user.call('POST', `${at}/archive`), 409);
    assert.equal((await user.post(`${at}/start`)).livestream.status, 'scheduled', 'ready, and live when the encoder comes');

    const encoder = await encoderFor(live.key);
    const playing = encoder.play(show({ seconds: 2 }));
    await waitFor('live', async () => (await server.api.get(`${at}/status`)).status === 'live');
    assert.equal((await server.api.get(`${at}/status`)).live, true);
    assert.ok((await server.api.get('/api/v1/livestreams?active=true')).livestreams.some(({ id }) => id === live.id));
    await refused(user.call('POST', `${at}/cancel`), 409);
    await refused(user.call('POST', `${at}/archive`), 409);
    assert.equal((await user.put(at, { title: 'A new title' })).livestream.title, 'A new title');
    await playing;
    await arrived(encoder, live.peers[0]);

    const closed = encoder.whenClosed();
    assert.equal((await user.post(`${at}/stop`)).livestream.status, 'ended');
    await within(2_000, 'the encoder to be disconnected', closed);
    const { message } = await refused(user.call('POST', `${at}/start`), 409);
    assert.match(message, /ended|over/i, 'it says why');
    await refused(user.call('POST', `${at}/rotate-key`), 409);
    assert.equal((await user.post(`${at}/archive`)).livestream.status, 'archived');
    await refused(user.call('POST', `${at}/cancel`), 409);
    await live.close();
  });

  test('that is cancelled stays so', async () => {
    const live = await makeLivestream(user, { receivers: 0 });
    assert.equal((await user.post(`/api/v1/livestreams/${live.id}/cancel`)).livestream.status, 'cancelled');
    for (const way of ['start', 'archive', 'stop']) await refused(user.call('POST', `/api/v1/livestreams/${live.id}/${way}`), 409);
  });

  test('of a profile goes to what the profile names', async () => {
    const receivers = await Promise.all(['one', 'two'].map((name) => makeReceiver(user, { name: `profile-${name}` })));
    const { profile } = await user.post('/api/multistream/profiles', { name: 'Both', destinationIds: receivers.map(({ id }) => id) });
    assert.equal((await user.put(`/api/multistream/profiles/${profile.id}`, { description: 'for Fridays' })).profile.description, 'for Fridays');
    assert.equal((await user.get(`/api/multistream/profiles/${profile.id}`)).profile.name, 'Both');
    assert.ok((await user.get('/api/multistream/profiles')).profiles.some(({ id }) => id === profile.id));
    const { livestream, stream_key: key } = await user.post('/api/v1/livestreams', { title: 'By profile', profile_id: profile.id });
    const encoder = await encoderFor(key);
    const playing = encoder.play(show({ seconds: 3 }));
    for (const { peer } of receivers) await waitFor('media at both', () => peer.last?.messages.length > 30);
    await playing;
    await user.post(`/api/v1/livestreams/${livestream.id}/stop`);
    await user.delete(`/api/multistream/profiles/${profile.id}`);
    await refused(user.call('GET', `/api/multistream/profiles/${profile.id}`), 404);
    await Promise.all(receivers.map(({ peer }) => peer.close()));
  });
});

test("simulcast's seven routes", async () => {
  const station = await makeStation(user, 'Seven');
  const [one, two] = await Promise.all(['seven-1', 'seven-2'].map((name) => makeReceiver(user, { name })));
  const at = `/api/simulcast/${station.id}`;
  await refused(user.call('GET', `${at}/health`), 409, 'not_live');
  const encoder = await encoderFor(station.streamKey);
  const playing = encoder.play(show({ seconds: 14 }));

  const started = await user.post(`${at}/start`, { destinationIds: [one.id] });
  await endpointReaches(user, started.sessionId, one.id, ({ status }) => status === 'connected');
  const status = await user.get(`${at}/status`);
  assert.equal(status.session.sessionId, started.sessionId);
  assert.equal(status.ingest.connected, true);
  assert.ok(status.bandwidth.recommendedKbps >= 2 * status.bandwidth.totalKbps - 1);
  let seen;
  const health = await waitFor('good health', async () => {
    const answer = await user.get(`${at}/health`);
    seen = answer.health;
    return seen.status === 'healthy' && seen;
  }, { describe: () => seen });
  assert.ok(health.score > 80);

  await user.post(`${at}/destinations`, { destinationId: two.id });
  await endpointReaches(user, started.sessionId, two.id, ({ status: state }) => state === 'connected');
  const figures = await waitFor('figures of both', async () => {
    const { metrics } = await user.get(`${at}/metrics`);
    return metrics.length === 2 && metrics.every(({ bytesSent, fps }) => bytesSent > 10_000 && fps > 20) && metrics;
  });
  for (const { framesSent, framesDropped, bitrateKbps, queueMs, rttMs, uptimeS, reconnects } of figures) {
    assert.ok(framesSent > 30 && bitrateKbps > 100 && queueMs >= 0 && rttMs >= 0 && uptimeS >= 0);
    assert.deepEqual([framesDropped, reconnects], [0, 0]);
  }
  await user.delete(`${at}/destinations/${two.id}`);
  await waitFor('the second to leave', () => two.peer.last.ended);
  await refused(user.call('POST', `${at}/destinations`, { body: { destinationId: 'de_unknown' } }), 404);

  // One that dies makes the health worse, and says so at once.
  one.peer.script = { closeAt: 'accept' };
  one.peer.last.connection.reset();
  await waitFor('worse health', async () => {
    const answer = await user.get(`${at}/health`);
    return answer.health.status !== 'healthy' && answer.health.issues.some(({ destinationId }) => destinationId === one.id);
  });
  await user.post(`${at}/stop`);
  await refused(user.call('POST', `${at}/stop`), 409, 'not_live');
  await playing;
  encoder.close();

  const { sessions } = await user.get(`/api/multistream/sessions?stationId=${station.id}&limit=5`);
  const [last] = sessions;
  assert.equal(last.sessionId, started.sessionId);
  const outcome = last.endpoints.find(({ id }) => id === one.id);
  assert.ok(outcome.metrics.bytesSent > 10_000, JSON.stringify(outcome));
  assert.ok(outcome.lastError.length > 10 && outcome.lastErrorAt);
  await Promise.all([one, two].map(({ peer }) => peer.close()));
});

test('a connection test says which step failed, and publishes nothing', async () => {
  const good = await makeReceiver(user, { name: 'tested' });
  const { test: fine } = await user.post(`/api/destinations/${good.id}/test-connection`);
  assert.equal(fine.ok, true, JSON.stringify(fine));
  assert.equal(good.peer.last?.messages.length ?? 0, 0);
  const cases = {
    tcp: { url: `rtmp://127.0.0.1:${await freePort()}/app` },
    settings: { url: 'rtmp://127.0.0.1:9/app' },
    dns: { url: 'rtmp://no-such-host.invalid/app' },
    publish: { script: { publishError: { code: 'NetStream.Publish.BadName', description: 'no' } } },
    connect: { script: { connectError: { code: 'NetConnection.Connect.Rejected', description: 'no such app' } } },
    handshake: { script: { hangAt: 's0' } },
  };
  await Promise.all(Object.entries(cases).map(async ([step, { url, script }]) => {
    const id = url ? (await makeDestination(user, { url, name: step })).id : (await makeReceiver(user, { name: step, script })).id;
    const { test: tried } = await user.post(`/api/destinations/${id}/test-connection`);
    assert.equal(tried.ok, false);
    assert.equal(tried.failedStep, step, JSON.stringify(tried));
    assert.ok(tried.message.length > 10);
  }));
  await good.peer.close();
});

test('a destination changed in the middle of a broadcast reconnects, and the others notice nothing', async () => {
  const live = await makeLivestream(user, { receivers: 2 });
  const encoder = await encoderFor(live.key);
  const playing = encoder.play(show({ seconds: 6 }));
  const [stays, moves] = live.receivers;
  await waitFor('media', () => live.peers.every((peer) => peer.last?.messages.length > 60));
  await user.put(`/api/destinations/${moves.id}`, { streamKey: 'another-key' });
  await waitFor('the new key', () => moves.peer.publishes.length === 2);
  assert.equal(moves.peer.last.key, 'another-key');
  await playing;
  await arrived(encoder, stays.peer);
  assert.equal(stays.peer.runs.length, 1);
  assertExact(encoder.sent, stays.peer.last.messages);
  await user.delete(`/api/destinations/${moves.id}`);
  await waitFor('the deleted one to be left', () => moves.peer.last.ended);
  await user.post(`/api/v1/livestreams/${live.id}/stop`);
  await live.close();
});

test("nginx-rtmp's on_publish uses these accounts", async () => {
  const nginx = await NginxRtmp.start({ onPublish: `${server.url}/api/v1/streaming/validate?secret=${HOOK_SECRET}` });
  const { livestream, stream_key: key } = await user.post('/api/v1/livestreams', { title: 'Elsewhere' });
  const good = await new ScriptedPublisher({ url: nginx.url }).publish(key);
  await good.play(show({ seconds: 1 }), { speed: 0 });
  await waitFor('nginx to have it', async () => (await nginx.stream(key))?.publishing);
  await assert.rejects(async () => {
    const bad = await new ScriptedPublisher({ url: nginx.url }).publish('0'.repeat(32));
    await bad.play(show({ seconds: 2 }));
    throw bad.closed ? new Error('closed') : new assert.AssertionError({ message: 'a wrong key got through nginx' });
  }, (error) => !(error instanceof assert.AssertionError));
  good.close();
  await nginx.stop();

  const hook = (route, body, secret = HOOK_SECRET) => server.api.call('POST', `/api/v1/streaming/${route}`, { body, headers: { authorization: `Bearer ${secret}` } });
  const { body } = await hook('validate', { stream_key: key });
  assert.deepEqual([body.valid, body.livestream_id], [true, livestream.id]);
  assert.equal((await hook('stream_started', { stream_key: key })).status, 200);
  await waitFor('live elsewhere', async () => (await server.api.get(`/api/v1/livestreams/${livestream.id}/status`)).status === 'live');
  assert.equal((await hook('stream_ended', { stream_key: key })).status, 200);
  await waitFor('the end', async () => (await server.api.get(`/api/v1/livestreams/${livestream.id}/status`)).status === 'ended', { timeoutMs: 12_000 });
  await refused(hook('validate', { stream_key: key }), 403);
  await refused(hook('validate', { stream_key: '1'.repeat(32) }), 403);
  await refused(hook('validate', { stream_key: key }, 'wrong'), 401);
  const form = await server.api.call('POST', `/api/v1/streaming/validate?secret=${HOOK_SECRET}`, { raw: `name=${'2'.repeat(32)}&addr=127.0.0.1`, headers: { 'content-type': 'application/x-www-form-urlencoded' } });
  assert.equal(form.status, 403);
});

test('the hooks are not there without a secret; private addresses are not reached without leave', async () => {
  const plain = await Server.start({ settings: { allow_private_addresses: false } });
  try {
    await refused(plain.api.call('POST', '/api/v1/streaming/validate', { body: { stream_key: '0'.repeat(32) } }), 404);
    const owner = await plain.user();
    const receiver = await makeReceiver(owner, { name: 'private' }).catch((error) => error);
    if (receiver instanceof Error) {
      assert.equal(receiver.status, 422, 'refused when it is made');
    } else {
      const { test: tried } = await owner.post(`/api/destinations/${receiver.id}/test-connection`);
      assert.equal(tried.ok, false);
      assert.match(tried.message, /private|not allowed|address/i);
      assert.equal(receiver.peer.runs.length, 0, 'not even a connection');
      await receiver.peer.close();
    }
  } finally {
    await plain.kill();
  }
});

test('the history keeps what each destination did', async () => {
  const live = await makeLivestream(user, { receivers: 1 });
  const encoder = await encoderFor(live.key);
  await encoder.play(show({ seconds: 2 }));
  await arrived(encoder, live.peers[0]);
  const running = await sessionOf(user, live.id);
  await user.post(`/api/v1/livestreams/${live.id}/stop`);
  const { session } = await user.get(`/api/multistream/sessions/${running.sessionId}`);
  assert.equal(session.status, 'ended');
  assert.ok(session.endReason.length > 0);
  for (const kind of ['session_started', 'encoder_connected', 'destination_connected', 'session_ended']) {
    assert.ok(session.events.some((event) => event.kind === kind), `${kind} among ${session.events.map((event) => event.kind)}`);
  }
  await live.close();
});

test('bandwidth is advised on before going live', async () => {
  const made = [];
  for (const platform of ['twitch', 'youtube']) made.push((await user.post('/api/destinations', { platform, name: platform, streamKey: 'a-key' })).destination.id);
  const { bandwidth } = await user.post('/api/live/bandwidth', { destinationIds: made });
  assert.ok(bandwidth.totalKbps > 6_000);
  assert.equal(bandwidth.recommendedKbps, 2 * bandwidth.totalKbps);
  assert.equal(bandwidth.uplinkKbps, 20_000);
  assert.equal(bandwidth.enough, bandwidth.recommendedKbps <= 20_000);
  assert.ok(bandwidth.message.length > 20);
});
