// How the API takes what it is given: strictly, and with words that help. Every answer is held against
// api/openapi.yaml by the client itself.
import assert from 'node:assert/strict';
import { Buffer } from 'node:buffer';
import { after, before, describe, test } from 'node:test';
import { contract } from '../support/contract.mjs';
import { Server, makeDestination, makeStation } from '../support/server.mjs';

let server;
let user;
let station;
let destination;
let livestream;
before(async () => {
  server = await Server.start();
  user = await server.user();
  station = await makeStation(user);
  destination = await makeDestination(user, { url: 'rtmp://127.0.0.1:9/app' });
  ({ livestream } = await user.post('/api/v1/livestreams', { title: 'L' }));
});
after(() => server?.kill());

const refused = async (call, status, { field, code } = {}) => {
  const answer = await call;
  assert.equal(answer.status, status, answer.text);
  assert.equal(answer.body.ok, false);
  assert.ok(answer.body.error.message.length > 8, answer.text);
  if (field) assert.equal(answer.body.error.details.field, field, answer.text);
  if (code) assert.equal(answer.body.error.code, code, answer.text);
  return answer;
};

// Bodies that are right as they stand, to be spoiled one field at a time.
const GOOD = [
  ['POST', '/api/stations', { name: 'Station' }],
  ['PUT', () => `/api/stations/${station.id}`, { description: 'D' }],
  ['POST', '/api/destinations', { platform: 'custom', name: 'D', rtmpUrl: 'rtmp://127.0.0.1/app', streamKey: 'k' }],
  ['POST', '/api/rtmp/endpoints', { platform: 'custom', name: 'D', rtmpUrl: 'rtmp://127.0.0.1/app', streamKey: 'k' }],
  ['PUT', () => `/api/destinations/${destination.id}`, { name: 'E' }],
  ['POST', '/api/v1/livestreams', { title: 'L' }],
  ['PUT', () => `/api/v1/livestreams/${livestream.id}`, { title: 'M' }],
  ['POST', '/api/multistream/profiles', { name: 'P' }],
  ['POST', '/api/tokens', { name: 'T', scopes: ['read'] }],
  ['PUT', '/api/auth/me', { name: 'N' }],
  ['POST', '/api/live/stop', { sessionId: 'se_x' }],
  ['POST', '/api/live/start', { streamKey: 'x' }],
  ['POST', () => `/api/simulcast/${station.id}/destinations`, { destinationId: 'de_x' }],
  ['POST', () => `/api/simulcast/${station.id}/start`, {}],
  ['POST', '/api/auth/login', { email: 'a@example.org', password: 'x' }],
];
const pathOf = (path) => (typeof path === 'function' ? path() : path);

describe('bodies', () => {
  test('an unknown field is refused by its name', async () => {
    for (const [method, path, body] of GOOD) await refused(user.call(method, pathOf(path), { body: { ...body, surprise: 1 } }), 422, { field: 'surprise' });
    await refused(user.call('POST', '/api/destinations', { body: { ...GOOD[2][2], settings: { mode: 'copy', surprise: 1 } } }), 422, { field: 'settings.surprise' });
  });

  test('a wrong type is refused with the field', async () => {
    const cases = [
      ['POST', '/api/stations', { name: 12 }, 'name'],
      ['POST', '/api/stations', { name: ['x'] }, 'name'],
      ['POST', '/api/destinations', { ...GOOD[2][2], isActive: 'yes' }, 'isActive'],
      ['POST', '/api/destinations', { ...GOOD[2][2], maxRetries: '3' }, 'maxRetries'],
      ['POST', '/api/destinations', { ...GOOD[2][2], maxRetries: 1.5 }, 'maxRetries'],
      ['POST', '/api/destinations', { ...GOOD[2][2], settings: 'copy' }, 'settings'],
      ['POST', '/api/v1/livestreams', { title: 'L', scheduled_at: 'tomorrow' }, 'scheduled_at'],
      ['POST', '/api/v1/livestreams', { title: 'L', destination_ids: 'de_x' }, 'destination_ids'],
      ['POST', '/api/v1/livestreams', { title: 'L', token_gate_amount: '7' }, 'token_gate_amount'],
      ['POST', '/api/tokens', { name: 'T', scopes: 'read' }, 'scopes'],
      ['POST', '/api/live/start', { streamKey: 'x', useMultistream: 1 }, 'useMultistream'],
      ['POST', '/api/multistream/profiles', { name: 'P', destinationIds: [1] }, 'destinationIds'],
    ];
    for (const [method, path, body, field] of cases) {
      const { body: { error } } = await refused(user.call(method, path, { body }), 422);
      assert.match(error.details.field, new RegExp(`^${field}`), JSON.stringify(error));
    }
  });

  test('a value out of its range is refused with the field', async () => {
    const cases = [
      ['POST', '/api/stations', { name: '' }, 'name'],
      ['POST', '/api/stations', { name: 'x'.repeat(101) }, 'name'],
      ['POST', '/api/stations', { name: 'S', slug: 'Not A Slug' }, 'slug'],
      ['POST', '/api/destinations', { ...GOOD[2][2], platform: 'nowhere' }, 'platform'],
      ['POST', '/api/destinations', { ...GOOD[2][2], rtmpUrl: 'http://example.org/app' }, 'rtmpUrl'],
      ['POST', '/api/destinations', { ...GOOD[2][2], rtmpUrl: 'file:///etc/passwd' }, 'rtmpUrl'],
      ['POST', '/api/destinations', { ...GOOD[2][2], rtmpUrl: 'rtmp://' }, 'rtmpUrl'],
      ['POST', '/api/destinations', { ...GOOD[2][2], maxRetries: -1 }, 'maxRetries'],
      ['POST', '/api/destinations', { ...GOOD[2][2], maxRetries: 1e12 }, 'maxRetries'],
      ['POST', '/api/destinations', { ...GOOD[2][2], settings: { mode: 'transcode', fps: 0 } }, 'settings.fps'],
      ['POST', '/api/destinations', { ...GOOD[2][2], settings: { mode: 'magic' } }, 'settings.mode'],
      ['POST', '/api/destinations', { platform: 'instagram', name: 'I', streamKey: 'k' }, undefined],
      ['POST', '/api/v1/livestreams', { title: '' }, 'title'],
      ['POST', '/api/v1/livestreams', { title: 'L', token_gate_amount: -1 }, 'token_gate_amount'],
      ['POST', '/api/tokens', { name: 'T', scopes: ['everything'] }, 'scopes'],
    ];
    for (const [method, path, body, field] of cases) {
      const { body: { error } } = await refused(user.call(method, path, { body }), 422);
      if (field) assert.match(error.details.field, new RegExp(`^${field.replace('.', '\\.')}`), JSON.stringify(error));
    }
  });

  test('a missing field is named', async () => {
    await refused(user.call('POST', '/api/stations', { body: {} }), 422, { field: 'name' });
    await refused(user.call('POST', '/api/destinations', { body: { name: 'x' } }), 422, { field: 'platform' });
    await refused(user.call('POST', '/api/v1/livestreams', { body: {} }), 422, { field: 'title' });
    await refused(user.call('POST', '/api/live/start', { body: { title: 'x' } }), 422, { field: 'streamKey' });
  });

  test('null counts as absent', async () => {
    const { station: made } = await user.post('/api/stations', { name: 'Nulls', description: null, slug: null, artworkUrl: null });
    assert.equal(made.description, '');
    await refused(user.call('POST', '/api/stations', { body: { name: null } }), 422, { field: 'name' });
    await user.post('/api/stations', { name: 'Unknown but null', surprise: null }).catch((error) => assert.equal(error.status, 422));
    assert.equal((await user.put(`/api/destinations/${destination.id}`, { name: null })).destination.name, destination.name);
  });

  test('camelCase is not understood under /api/v1, nor snake_case elsewhere', async () => {
    await refused(user.call('POST', '/api/v1/livestreams', { body: { title: 'L', scheduledAt: '2030-01-01T00:00:00Z' } }), 422, { field: 'scheduledAt' });
    await refused(user.call('POST', '/api/destinations', { body: { platform: 'custom', rtmp_url: 'rtmp://127.0.0.1/app' } }), 422, { field: 'rtmp_url' });
  });

  test('over 1 MiB is 413, just under it is read', async () => {
    const mebibyte = 1024 * 1024;
    const sized = (size) => `{"name":"${'x'.repeat(size - 11)}"}`;
    const headers = { 'content-type': 'application/json' };
    await refused(user.call('POST', '/api/stations', { raw: sized(mebibyte), headers }), 422, { field: 'name' });
    await refused(user.call('POST', '/api/stations', { raw: sized(mebibyte + 1), headers }), 413);
  });

  test('what is no JSON object is 400, in another type 415, compressed 415', async () => {
    const post = (raw, headers) => user.call('POST', '/api/stations', { raw, headers: { 'content-type': 'application/json', ...headers } });
    for (const raw of ['{', '{"name":"x"', 'name', '{"name":"x"} trailing', '[1]', '"x"', 'null', '{"name":"\\ud800"}', Buffer.from('7b226e616d65223a22ff227d', 'hex'), `${'['.repeat(100)}${']'.repeat(100)}`, '{"a":'.repeat(100) + '1' + '}'.repeat(100)]) {
      const { status } = await post(raw);
      assert.equal(status, 400, `${raw.slice(0, 40)}`);
    }
    const { status } = await post('{"name":"x","name":"y"}');
    assert.ok([400, 422].includes(status), `a field twice: ${status}`);
    await refused(post('name=x', { 'content-type': 'application/x-www-form-urlencoded' }), 415);
    await refused(post('{"name":"x"}', { 'content-type': 'text/plain' }), 415);
    await refused(post('{"name":"x"}', { 'content-encoding': 'gzip' }), 415);
    assert.equal((await post('{"name":"With a charset"}', { 'content-type': 'application/json; charset=utf-8' })).status, 201);
  });
});

describe('paths', () => {
  test('an unknown id is 404, and so is another user\'s, with the same answer', async () => {
    const stranger = await server.user('broadcaster', 'stranger');
    const theirs = {
      destinations: [(await makeDestination(stranger, { url: 'rtmp://127.0.0.1:9/app' })).id, 'destination_not_found'],
      'rtmp/endpoints': [(await makeDestination(stranger, { url: 'rtmp://127.0.0.1:9/app' })).id, undefined],
      'multistream/profiles': [(await stranger.post('/api/multistream/profiles', { name: 'P' })).profile.id, 'profile_not_found'],
    };
    for (const [path, [id, code]] of Object.entries(theirs)) {
      const unknown = await refused(user.call('GET', `/api/${path}/xx_unknown`), 404, { code });
      const foreign = await refused(user.call('GET', `/api/${path}/${id}`), 404, { code });
      assert.equal(foreign.body.error.message, unknown.body.error.message);
      await refused(user.call('PUT', `/api/${path}/${id}`, { body: { name: 'mine now' } }), 404);
      await refused(user.call('DELETE', `/api/${path}/${id}`), 404);
      assert.ok(!(await user.call('GET', `/api/${path}`)).text.includes(id));
    }
    await refused(user.call('POST', '/api/v1/livestreams', { body: { title: 'L', destination_ids: [theirs.destinations[0]] } }), 422);
    await refused(user.call('POST', '/api/multistream/profiles', { body: { name: 'P', destinationIds: [theirs.destinations[0]] } }), 422);
  });

  test('an unknown path is 404 in the same shape, also for odd ones', async () => {
    for (const path of ['/api/nothing', '/api', '/api/', '/api/stations/x/y/z', '/api/v2/livestreams', '/api/destinations/%2e%2e%2fusers', '/api/stations/%00', `/api/stations/${'x'.repeat(3_000)}`]) {
      const { status, body } = await user.call('GET', path, { contract: false });
      assert.ok([400, 404].includes(status), `${path.slice(0, 40)}: ${status}`);
      assert.equal(body.ok, false);
      assert.equal(typeof body.error.code, 'string');
    }
  });

  test('a known path with another method is 405 and says which it takes', async () => {
    for (const [method, path] of [['PATCH', '/api/stations'], ['DELETE', '/api/stations'], ['PUT', '/api/auth/login'], ['POST', '/api/live/status'], ['GET', '/api/live/start'], ['DELETE', '/healthz']]) {
      const { status, headers, body } = await user.call(method, path, { contract: false });
      assert.equal(status, 405, `${method} ${path}`);
      assert.ok(headers.get('allow')?.length > 0);
      assert.equal(body.ok, false);
    }
  });
});

describe('lists', () => {
  test('come in pages by limit and cursor, each thing once', async () => {
    const owner = await server.user('broadcaster', 'lists');
    for (let n = 0; n < 7; n += 1) await makeDestination(owner, { name: `D${n}`, url: 'rtmp://127.0.0.1:9/app' });
    const seen = [];
    let cursor;
    let pages = 0;
    do {
      const page = await owner.get(`/api/destinations?limit=3${cursor ? `&cursor=${encodeURIComponent(cursor)}` : ''}`);
      assert.ok(page.destinations.length <= 3);
      seen.push(...page.destinations.map(({ id }) => id));
      cursor = page.nextCursor;
      pages += 1;
    } while (cursor && pages < 10);
    assert.equal(seen.length, 7);
    assert.equal(new Set(seen).size, 7);
    assert.equal(pages, 3);
    const { endpoints } = await owner.get('/api/rtmp/endpoints?limit=100');
    assert.deepEqual(new Set(endpoints.map(({ id }) => id)), new Set(seen), 'the other name has the same things');
    for (let n = 0; n < 3; n += 1) await owner.post('/api/v1/livestreams', { title: `L${n}` });
    const first = await owner.get('/api/v1/livestreams?mine=true&limit=2');
    assert.equal(first.livestreams.length, 2);
    assert.equal((await owner.get(`/api/v1/livestreams?mine=true&limit=2&cursor=${encodeURIComponent(first.next_cursor)}`)).livestreams.length, 1);
  });

  test('refuse bad limits, cursors, and unknown parameters', async () => {
    for (const query of ['limit=0', 'limit=-1', 'limit=x', 'limit=100000', 'cursor=not-a-cursor', 'surprise=1']) {
      const { status } = await user.call('GET', `/api/destinations?${query}`);
      assert.ok([400, 422].includes(status), `${query}: ${status}`);
    }
  });

  test('are filtered by platform and station', async () => {
    const owner = await server.user('broadcaster', 'filters');
    const own = await makeStation(owner);
    const mine = await makeDestination(owner, { url: 'rtmp://127.0.0.1:9/app', stationId: own.id });
    await owner.post('/api/destinations', { platform: 'twitch', streamKey: 'k' });
    assert.deepEqual((await owner.get(`/api/destinations?stationId=${own.id}`)).destinations.map(({ id }) => id), [mine.id]);
    assert.deepEqual((await owner.get('/api/destinations?platform=twitch')).destinations.map(({ platform }) => platform), ['twitch']);
  });
});

describe('what is kept', () => {
  test('a destination keeps what it was given, and never shows its key', async () => {
    const given = {
      platform: 'facebook', name: 'My page', rtmpUrl: 'rtmps://live-api-s.facebook.com:443/rtmp/', streamKey: 'FB-1?s_bl=1&a=b%2Fc/d=e', isActive: false, maxRetries: 5,
      settings: { mode: 'transcode', videoBitrateKbps: 4000, audioBitrateKbps: 128, width: 1280, height: 720, fps: 30, preset: 'veryfast', keyframeIntervalS: 2 },
      playbackUrl: 'https://example.org/watch', platformStreamId: '123', stationId: station.id,
    };
    const { destination: made } = await user.post('/api/destinations', given);
    const { streamKey, ...kept } = given;
    const { destination: read } = await user.get(`/api/destinations/${made.id}`);
    for (const [name, value] of Object.entries(kept)) assert.deepEqual(read[name], value, name);
    assert.equal(read.streamKey, undefined);
    assert.equal(read.streamKeyMasked, `••••••••${streamKey.slice(-4)}`);
    assert.equal((await user.get(`/api/rtmp/endpoints/${made.id}`)).endpoint.id, made.id);
    await user.get(`/api/rtmp/endpoints/${made.id}/status`);
    await user.put(`/api/rtmp/endpoints/${made.id}`, { name: 'Renamed' });
    assert.equal((await user.get(`/api/destinations/${made.id}`)).destination.name, 'Renamed');
    const { endpoint } = await user.post('/api/rtmp/endpoints', { platform: 'custom', rtmpUrl: 'rtmp://127.0.0.1/app', streamKey: 'k' });
    await user.delete(`/api/rtmp/endpoints/${endpoint.id}`);
    await user.delete(`/api/destinations/${made.id}`);
    await refused(user.call('GET', `/api/destinations/${made.id}`), 404);
  });

  test('a station has a slug of its own, found by it, with a new key when asked', async () => {
    const { station: made } = await user.post('/api/stations', { name: 'Jazz & Blues', slug: 'jazz-blues', description: 'All night' });
    assert.equal((await server.api.get('/api/stations/jazz-blues')).station.id, made.id);
    await refused(user.call('POST', '/api/stations', { body: { name: 'x', slug: 'jazz-blues' } }), 409);
    const { station: rotated } = await user.post(`/api/stations/${made.id}/rotate-key`);
    assert.match(rotated.streamKey, /^[0-9a-f]{32}$/);
    assert.notEqual(rotated.streamKey, made.streamKey);
    await user.delete(`/api/stations/${made.id}`);
    await refused(server.api.call('GET', '/api/stations/jazz-blues'), 404);
  });

  test('the catalogue of platforms knows them all', async () => {
    const { platforms } = await server.api.get('/api/platforms');
    const ids = platforms.map(({ id }) => id);
    for (const id of ['youtube', 'twitch', 'facebook', 'kick', 'linkedin', 'instagram', 'tiktok', 'x', 'trovo', 'cloudflare', 'custom']) assert.ok(ids.includes(id), id);
  });

  test('times are RFC 3339 in UTC, and answers are not cached', async () => {
    const { body, headers } = await user.call('GET', `/api/stations/${station.id}`);
    assert.match(body.station.createdAt, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/);
    assert.match(headers.get('cache-control') ?? '', /no-store|no-cache|private/);
    assert.equal(headers.get('x-content-type-options'), 'nosniff');
    assert.ok(headers.get('x-request-id')?.length > 4);
  });

  test('an admin grants tokens, and takes no more than there are', async () => {
    const viewer = await server.user('viewer');
    const path = `/api/users/${viewer.user.id}/tokens`;
    assert.equal((await server.admin.post(path, { amount: 5 })).user.tokenBalance, 5);
    await refused(server.admin.call('POST', path, { body: { amount: -6 } }), 409);
    assert.equal((await server.admin.get(`/api/users/${viewer.user.id}`)).user.tokenBalance, 5);
    assert.ok((await server.admin.get('/api/users?limit=100')).users.some(({ id }) => id === viewer.user.id));
  });

  test('health, readiness and metrics', async () => {
    await server.api.get('/healthz');
    await server.api.get('/readyz');
    const { text } = await server.api.call('GET', '/metrics');
    assert.match(text, /^everycast_\w+/m);
  });
});

test('cross-site pages are let in only where the operator said so', async () => {
  const { headers } = await server.api.call('GET', '/api/live/status', { headers: { origin: 'https://evil.example' } });
  assert.notEqual(headers.get('access-control-allow-origin'), '*');
  assert.notEqual(headers.get('access-control-allow-origin'), 'https://evil.example');
});

test('the contract is a sound OpenAPI document: every operation has a success and a failure', () => {
  for (const { method, template, definition } of contract().operations) {
    const codes = Object.keys(definition.responses);
    assert.ok(codes.some((code) => code.startsWith('2')), `${method} ${template}`);
    assert.ok(definition.operationId, `${method} ${template} has an operationId`);
  }
});
