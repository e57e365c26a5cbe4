// Secrets are planted everywhere they belong and then looked for everywhere they do not.
import assert from 'node:assert/strict';
import { readFileSync, readdirSync, statSync } from 'node:fs';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { endpointReaches, makeReceiver } from '../support/broadcast.mjs';
import { RtmpRefused, ScriptedPublisher } from '../support/rtmp/client-peer.mjs';
import { show } from '../support/rtmp/media.mjs';
import { Server, makeDestination, makeStation } from '../support/server.mjs';
import { freePort } from '../support/ports.mjs';
import { waitFor } from '../support/wait.mjs';

const CANARY = {
  goodKey: 'canary-good-destination-key-71c2f0',
  queryKey: 'canary-query?s_bl=1&a=canary-signature-90ab31',
  echoedKey: 'canary-echoed-destination-key-1d44e9',
  refusedKey: 'canary-refused-destination-key-b82e10',
  changedKey: 'canary-changed-destination-key-0e9d73',
  unknownStreamKey: 'deadbeefcafe0123deadbeefcafe0123',
  password: 'canary password of a user 5511',
  wrongPassword: 'canary wrong password 8822',
  newPassword: 'canary new password 3377',
  hookSecret: 'canary-hook-secret-44aa90f1',
  wrongHookSecret: 'canary-wrong-hook-secret-7f01',
  madeUpBearer: 'canary.made-up.bearer-2b2b2b',
};

let server;
let user;
// What was answered to whom, apart from the one answer each secret is meant for.
const answers = [];
const secrets = { ...CANARY };

before(async () => {
  server = await Server.start({ settings: { log_level: 'trace', hook_secret: CANARY.hookSecret } });
  await server.admin.post('/api/users', { email: 'canary@example.org', password: CANARY.password, name: 'Canary', role: 'broadcaster' });
  user = await server.signIn('canary@example.org', CANARY.password);
});
after(() => server?.kill());

const see = async (api, method, target, body) => {
  const answer = await api.call(method, target, { body });
  answers.push({ what: `${method} ${target}`, text: `${answer.text}\n${[...answer.headers].join('\n')}` });
  return answer;
};

const filesOf = (folder) => readdirSync(folder).flatMap((name) => {
  const file = path.join(folder, name);
  return statSync(file).isDirectory() ? filesOf(file) : [file];
});

const hide = (text) => text.replace(/[^\x20-\x7e]+/g, ' ').slice(0, 400);
const assertClean = (where, text) => {
  for (const [name, secret] of Object.entries(secrets)) {
    for (const form of [secret, encodeURIComponent(secret), Buffer.from(secret).toString('base64').replace(/=+$/, ''), Buffer.from(secret).toString('hex')]) {
      const at = text.indexOf(form);
      assert.equal(at, -1, `${name} is in ${where}: …${hide(text.slice(Math.max(0, at - 120), at + 40))}…`);
    }
  }
};

test('the search finds a secret, plain or dressed up', () => {
  for (const text of [CANARY.goodKey, encodeURIComponent(CANARY.queryKey), Buffer.from(CANARY.password).toString('base64')]) {
    assert.throws(() => assertClean('a text', `before ${text} after`));
  }
});

test('no planted secret shows up anywhere but in the one answer it is meant for', async () => {
  const events = await user.events();
  const adminEvents = await server.admin.events();

  const station = await makeStation(user, 'Canaries');
  secrets.stationKey = station.streamKey;
  const { livestream, stream_key: livestreamKey } = await user.post('/api/v1/livestreams', { title: 'Canary' });
  secrets.livestreamKey = livestreamKey;
  const login = await user.call('POST', '/api/auth/login', { body: { email: 'canary@example.org', password: CANARY.password } });
  secrets.accessToken = login.body.accessToken;
  secrets.refreshToken = (login.headers.getSetCookie?.()[0] ?? login.headers.get('set-cookie')).split(';')[0].split('=')[1];
  const made = await user.post('/api/tokens', { name: 'canary', scopes: ['read', 'write'] });
  secrets.apiToken = made.token;

  const good = await makeReceiver(user, { name: 'good', key: CANARY.goodKey });
  const query = await makeReceiver(user, { name: 'query', key: CANARY.queryKey });
  // It sends the key back, as some platforms do in their refusals.
  const refusing = await makeReceiver(user, { name: 'refusing', key: CANARY.echoedKey, script: { publishError: { code: 'NetStream.Publish.BadName', description: `no stream ${CANARY.echoedKey} here` } } });
  const closed = await makeDestination(user, { name: 'closed', url: `rtmp://127.0.0.1:${await freePort()}/app`, key: CANARY.refusedKey });
  await see(user, 'PUT', `/api/destinations/${closed.id}`, { streamKey: CANARY.changedKey });
  for (const field of ['rtmpUrl', 'name', 'platform']) await see(user, 'PUT', `/api/destinations/${closed.id}`, { [field]: 12, streamKey: CANARY.changedKey });
  await see(user, 'PUT', `/api/destinations/${closed.id}`, { streamKey: CANARY.changedKey, noSuchField: CANARY.changedKey });

  const { sessionId } = await user.post('/api/live/start', {
    streamKey: station.streamKey, title: 'Canaries', stationId: station.id, selectedEndpoints: [good.id, query.id, refusing.id, closed.id],
  });
  const encoder = await new ScriptedPublisher({ url: server.rtmpUrl }).publish(station.streamKey);
  const playing = encoder.play(show({ seconds: 4 }));
  await endpointReaches(user, sessionId, good.id, ({ status }) => status === 'connected');
  await endpointReaches(user, sessionId, refusing.id, ({ problem }) => problem === 'key_refused');
  await endpointReaches(user, sessionId, closed.id, ({ problem }) => problem === 'connection_refused');
  assert.equal(query.peer.last.key, CANARY.queryKey, 'the key is sent as given');

  // Wrong ways in, each with a secret in its hands.
  const said = [];
  for (const [url, key] of [[server.rtmpUrl, CANARY.unknownStreamKey], [`${server.rtmpUrl}/${CANARY.unknownStreamKey}`, 'x'], [server.rtmpUrl, livestreamKey.toUpperCase()]]) {
    const intruder = new ScriptedPublisher({ url });
    await assert.rejects(intruder.publish(key), (refusal) => refusal instanceof RtmpRefused && said.push(refusal.message) > 0);
    said.push(...intruder.statuses.map(({ code, description, details }) => `${code} ${description} ${details}`));
  }
  await see(server.api, 'POST', '/api/auth/login', { email: 'canary@example.org', password: CANARY.wrongPassword });
  await see(server.api.as(CANARY.madeUpBearer), 'GET', '/api/auth/me');
  await see(server.api, 'POST', `/api/v1/streaming/validate?secret=${CANARY.wrongHookSecret}`, { stream_key: CANARY.unknownStreamKey });
  await see(server.api, 'POST', `/api/v1/streaming/validate?secret=${encodeURIComponent(CANARY.hookSecret)}`, { stream_key: livestreamKey });
  await see(server.api, 'POST', `/api/v1/streaming/validate?secret=${encodeURIComponent(CANARY.hookSecret)}`, { stream_key: CANARY.unknownStreamKey });
  await see(user, 'POST', '/api/auth/password', { currentPassword: CANARY.wrongPassword, newPassword: CANARY.newPassword });
  await see(user, 'POST', '/api/live/start', { streamKey: CANARY.unknownStreamKey, title: 'x', stationId: station.id });
  await see(server.api, 'GET', `/live/${station.streamKey}/index.m3u8`);
  await see(server.api, 'GET', `/api/stations/${station.streamKey}`);
  await user.call('POST', `/api/destinations/${closed.id}/test-connection`);
  const { peer } = good;
  peer.last.connection.reset();
  await waitFor('the reset destination to be back', () => peer.publishes.length > 1, { timeoutMs: 10_000 });
  await playing;
  await user.post('/api/auth/refresh', {}, { headers: { cookie: login.headers.get('set-cookie').split(';')[0] } }).catch(() => {});

  // Everything that can be read, by those who may read most. Owners see their own stream keys in three places only.
  const reads = ['/api/destinations', `/api/destinations/${good.id}`, `/api/destinations/${good.id}/status`, '/api/rtmp/endpoints', '/api/rtmp/status', '/api/multistream/sessions',
    '/api/multistream/profiles', `/api/simulcast/${station.id}/status`, `/api/simulcast/${station.id}/health`, `/api/simulcast/${station.id}/metrics`, '/api/live/status', '/api/live/health',
    '/api/tokens', '/api/auth/me', '/api/auth/registration', '/api/platforms', '/healthz', '/readyz', '/metrics', `/api/v1/livestreams/${livestream.id}/status`];
  for (const target of reads) {
    for (const api of [user, server.admin]) await see(api, 'GET', target);
  }
  for (const target of ['/api/stations', `/api/stations/${station.id}`, '/api/v1/livestreams', `/api/v1/livestreams/${livestream.id}`, '/api/live/status', '/metrics']) await see(server.api, 'GET', target);
  await user.post('/api/live/stop', { sessionId });
  await see(user, 'GET', `/api/multistream/sessions?stationId=${station.id}`);
  await see(server.admin, 'GET', '/api/users');

  said.push(...encoder.statuses.map((status) => JSON.stringify(status)));
  assert.ok(said.length > 4);
  assertClean('the RTMP answers', said.join('\n'));
  const process = `/proc/${server.child.pid}`;
  assertClean('the command line', readFileSync(`${process}/cmdline`, 'latin1'));
  for (const { what, text } of answers) assertClean(`the answer to ${what}`, text);
  await events.close();
  await adminEvents.close();
  assert.ok(events.events.length > 5);
  assertClean('the events', events.raw);
  assertClean("an admin's events", adminEvents.raw);

  // The database before and after its log is folded in.
  const look = () => {
    const files = filesOf(server.dataDir);
    assert.ok(files.length > 0);
    for (const file of files) {
      assertClean('a file name', file);
      assertClean(path.basename(file), readFileSync(file, 'latin1'));
    }
    return files;
  };
  look();
  await server.stop();
  const files = look();
  for (const file of files.filter((name) => /key/.test(path.basename(name)))) assert.equal(statSync(file).mode & 0o077, 0, `${file} is its owner's alone`);
  assert.ok(server.log.length > 2_000, 'the log was kept at trace level');
  assertClean('the log', server.log);
  await Promise.all([good, query, refusing].map(({ peer: one }) => one.close()));
});

test('a crash leaves nothing behind: no core, no secret in the log, the files as clean as before', async () => {
  const crashing = await Server.start({ settings: { log_level: 'trace', hook_secret: CANARY.hookSecret } });
  await crashing.admin.post('/api/users', { email: 'canary@example.org', password: CANARY.password, name: 'Canary', role: 'broadcaster' });
  const owner = await crashing.signIn('canary@example.org', CANARY.password);
  const station = await makeStation(owner, 'Canaries');
  secrets.crashedStationKey = station.streamKey;
  secrets.crashedToken = owner.token;
  const receiver = await makeReceiver(owner, { name: 'good', key: CANARY.goodKey });
  const { sessionId } = await owner.post('/api/live/start', { streamKey: station.streamKey, title: 'Crash', stationId: station.id, selectedEndpoints: [receiver.id] });
  const encoder = await new ScriptedPublisher({ url: crashing.rtmpUrl }).publish(station.streamKey);
  const playing = encoder.play(show({ seconds: 20 })).catch(() => {});
  await endpointReaches(owner, sessionId, receiver.id, ({ status }) => status === 'connected');

  const facts = readFileSync(`/proc/${crashing.child.pid}/limits`, 'utf8');
  assert.match(facts, /Max core file size\s+0\s+0\s/, 'no core is written');
  crashing.child.process.kill('SIGSEGV');
  const { signal } = await crashing.child.exit(10_000);
  assert.equal(signal, 'SIGSEGV');
  await playing;
  assert.ok(crashing.log.length > 2_000, 'the log was kept at trace level');
  assertClean('the log of a crash', crashing.log);
  for (const file of filesOf(crashing.dataDir)) {
    assert.doesNotMatch(path.basename(file), /^core/);
    assertClean(path.basename(file), readFileSync(file, 'latin1'));
  }
  await receiver.peer.close();
});
