// Rights that end: what they opened is closed within two seconds, by the stopwatch, also what was open already. A machine
// that is busy with other tests gets more time, and still an end.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { Api } from '../support/api.mjs';
import { makeLivestream } from '../support/broadcast.mjs';
import { RtmpRefused, ScriptedPublisher } from '../support/rtmp/client-peer.mjs';
import { show } from '../support/rtmp/media.mjs';
import { Server, makeStation } from '../support/server.mjs';
import { waitFor, within } from '../support/wait.mjs';

const BOUND_MS = process.env.EVERYCAST_FULL === '1' ? 2_000 : 8_000;
const NEW_PASSWORD = 'quite another password';

let server;
before(async () => {
  server = await Server.start({ settings: { requests_per_second: 0 } });
});
after(() => server?.kill());

const cookieOf = ({ headers }) => (headers.getSetCookie?.()[0] ?? headers.get('set-cookie')).split(';')[0];

// Everything that a person may hold: two sign-ins with their cookies, an API token, and an event stream of each.
async function person() {
  const first = await server.user();
  const login = await server.api.call('POST', '/api/auth/login', { body: { email: first.email, password: first.password } });
  const second = Object.assign(new Api(server.url, { token: login.body.accessToken, cookie: cookieOf(login) }), { name: 'another sign-in' });
  const made = await first.post('/api/tokens', { name: 'script', scopes: ['read', 'write', 'live'] });
  const script = Object.assign(server.api.as(made.token), { name: 'an API token' });
  const holders = { first, second, script };
  for (const holder of Object.values(holders)) holder.listener = await holder.events();
  return { ...holders, tokenId: made.apiToken.id };
}
const CLOSED = 401;
const status = async (api) => (await api.call('GET', '/api/destinations')).status;

async function assertOut(holders, began) {
  for (const api of holders) {
    await waitFor('the request to be refused', async () => (await status(api)) === CLOSED, { timeoutMs: BOUND_MS });
    await within(Math.max(1, BOUND_MS - (performance.now() - began)), 'the event stream to be closed', api.listener.finished);
    assert.ok(api.listener.ended, 'the server closed it, in good order');
  }
  assert.ok(performance.now() - began < BOUND_MS, `${Math.round(performance.now() - began)} ms`);
}
async function assertIn(holders) {
  for (const api of holders) {
    assert.equal(await status(api), 200);
    assert.ok(!api.listener.ended, 'its event stream goes on');
  }
}

describe('access to the API', { concurrency: 4 }, () => {
  test('an API token that is deleted', async () => {
    const { first, second, script, tokenId } = await person();
    const began = performance.now();
    await first.delete(`/api/tokens/${tokenId}`);
    await assertOut([script], began);
    await assertIn([first, second]);
  });

  test('a password that is changed: every other sign-in, and every event stream', async () => {
    const { first, second, script } = await person();
    await first.post('/api/auth/password', { currentPassword: first.password, newPassword: NEW_PASSWORD });
    // From here: hashing two passwords takes its own time.
    const began = performance.now();
    await assertOut([second], began);
    assert.equal((await new Api(server.url, { cookie: second.cookie }).call('POST', '/api/auth/refresh')).status, CLOSED);
    assert.equal(await status(first), 200);
    for (const { listener } of [first, script]) await within(BOUND_MS, 'the event stream to be closed', listener.finished);
  });

  test('an account that is disabled: all of it', async () => {
    const { first, second, script } = await person();
    const began = performance.now();
    await server.admin.put(`/api/users/${first.user.id}`, { disabled: true });
    await assertOut([first, second, script], began);
    assert.equal((await new Api(server.url, { cookie: second.cookie }).call('POST', '/api/auth/refresh')).status, CLOSED);
  });

  test('a sign-in that is ended: it alone', async () => {
    const { first, second, script } = await person();
    const began = performance.now();
    await second.post('/api/auth/logout');
    await assertOut([second], began);
    await assertIn([first, script]);
  });

  test('all sign-ins that are ended: every browser', async () => {
    const { first, second, script } = await person();
    const began = performance.now();
    await first.delete('/api/auth/sessions');
    await assertOut([first, second], began);
    assert.equal(await status(script), 200, 'scripts are no sign-ins; their tokens are deleted one by one');
    await within(BOUND_MS, 'the event stream to be closed', script.listener.finished);
  });

  test('a role that is taken: what it opened is forbidden at once', async () => {
    const { first, second, script } = await person();
    const began = performance.now();
    await server.admin.put(`/api/users/${first.user.id}`, { role: 'viewer' });
    for (const api of [first, second, script]) {
      assert.equal((await api.call('POST', '/api/stations', { body: { name: 'no' } })).status, 403);
      await within(BOUND_MS, 'the event stream to be closed', api.listener.finished);
    }
    assert.ok(performance.now() - began < BOUND_MS);
  });

  test('an admin who is one no more hears nothing of others', async () => {
    const admin = await server.user('admin');
    const listener = await admin.events();
    const began = performance.now();
    await server.admin.put(`/api/users/${admin.user.id}`, { role: 'broadcaster' });
    await within(BOUND_MS, 'the event stream to be closed', listener.finished);
    assert.equal((await admin.call('GET', '/api/users')).status, 403);
    assert.ok(performance.now() - began < BOUND_MS);
  });
});

describe('encoders', { concurrency: 4 }, () => {
  const publisher = () => new ScriptedPublisher({ url: server.rtmpUrl });
  const publish = async (key) => {
    const encoder = await publisher().publish(key);
    await encoder.play(show({ seconds: 1 }), { speed: 0 });
    return encoder;
  };
  const onAir = (live) => waitFor('the platform to be sent to', () => live.peers[0].last?.messages.length > 0, { timeoutMs: 5_000 });
  // Each case: what is live (its key and encoder), and what ends its right.
  const assertCut = async (key, encoder, end, next) => {
    const began = performance.now();
    await end();
    await within(BOUND_MS, 'the encoder to be disconnected', encoder.whenClosed());
    const cut = performance.now() - began;
    await assert.rejects(publisher().publish(key), RtmpRefused, 'the old key');
    assert.ok(cut < BOUND_MS, `cut after ${Math.round(cut)} ms`);
    if (next) await (await publisher().publish(await next())).unpublish(await next());
  };

  test('a station key that is replaced', async () => {
    const user = await server.user();
    const station = await makeStation(user);
    let fresh;
    await assertCut(station.streamKey, await publish(station.streamKey), async () => {
      ({ station: { streamKey: fresh } } = await user.post(`/api/stations/${station.id}/rotate-key`));
    }, () => fresh);
  });

  test('a livestream key that is replaced', async () => {
    const user = await server.user();
    const live = await makeLivestream(user);
    let fresh;
    const encoder = await publish(live.key);
    await onAir(live);
    await assertCut(live.key, encoder, async () => {
      ({ livestream: { stream_key: fresh } } = await user.post(`/api/v1/livestreams/${live.id}/rotate-key`));
    }, () => fresh);
  });

  test('a livestream that is stopped', async () => {
    const user = await server.user();
    const live = await makeLivestream(user);
    const encoder = await publish(live.key);
    await onAir(live);
    await assertCut(live.key, encoder, () => user.post(`/api/v1/livestreams/${live.id}/stop`));
    await waitFor('the platform to be left', () => live.peers[0].last?.ended, { timeoutMs: 5_000 });
  });

  test('a station that is deleted', async () => {
    const user = await server.user();
    const station = await makeStation(user);
    await assertCut(station.streamKey, await publish(station.streamKey), () => user.delete(`/api/stations/${station.id}`));
  });

  test('an account that is disabled', async () => {
    const user = await server.user();
    const live = await makeLivestream(user);
    const encoder = await publish(live.key);
    await onAir(live);
    await assertCut(live.key, encoder, () => server.admin.put(`/api/users/${user.user.id}`, { disabled: true }));
    await waitFor('the platform to be left', () => live.peers[0].last?.ended, { timeoutMs: 5_000 });
  });

  test('a person who may only watch from now on', async () => {
    const user = await server.user();
    const live = await makeLivestream(user);
    const encoder = await publish(live.key);
    await onAir(live);
    await assertCut(live.key, encoder, () => server.admin.put(`/api/users/${user.user.id}`, { role: 'viewer' }));
    await waitFor('the platform to be left', () => live.peers[0].last?.ended, { timeoutMs: 5_000 });
  });
});
