// Every route of the contract × {nobody, another user, a viewer, the owner, an admin, API tokens of the owner's with one
// scope each, an admin's that reads}: the status is what authorization.json says. A route that is missing there, or here,
// fails.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { contract } from '../support/contract.mjs';
import { Server } from '../support/server.mjs';

const TABLE = JSON.parse(readFileSync(new URL('./authorization.json', import.meta.url), 'utf8'));
const ACTORS = ['nobody', 'other', 'viewer', 'owner', 'admin', 'readToken', 'writeToken', 'liveToken', 'adminReadToken'];

let server;
let actors;
let owner;
before(async () => {
  server = await Server.start({ settings: { hook_secret: 'a-hook-secret-of-some-length', requests_per_second: 0 } });
  owner = await server.user('broadcaster', 'owner');
  const token = async (of, scope) => server.api.as((await of.post('/api/tokens', { name: scope, scopes: [scope] })).token);
  actors = {
    nobody: server.api, other: await server.user('broadcaster', 'other'), viewer: await server.user('viewer'), owner, admin: server.admin,
    readToken: await token(owner, 'read'), writeToken: await token(owner, 'write'), liveToken: await token(owner, 'live'), adminReadToken: await token(server.admin, 'read'),
  };
});
after(() => server?.kill());

const ask = (api, method, path, options) => api.call(method, path, options);
const must = async (...request) => {
  const { status, body } = await ask(...request);
  assert.ok(status < 300, `${request[1]} ${request[2]} → ${status} ${JSON.stringify(body)}`);
  return body;
};
const make = (path, body) => must(owner, 'POST', path, { body });

// What belongs to the owner, made anew for each request that needs it, so that none sees another's doing.
let serial = 0;
const fresh = {
  station: async () => (await make('/api/stations', { name: `Station ${serial += 1}` })).station,
  destination: async () => (await make('/api/destinations', { platform: 'custom', name: 'D', rtmpUrl: 'rtmp://127.0.0.1:9/app', streamKey: 'k' })).destination,
  livestream: async () => (await make('/api/v1/livestreams', { title: 'L' })).livestream,
  hidden: async () => (await make('/api/v1/livestreams', { title: 'L', visibility: 'private' })).livestream,
  // What a station is played by; told with a show that runs there.
  playbackId: async () => (await fresh.session()).playback.playbackId,
  profile: async () => (await make('/api/multistream/profiles', { name: `Profile ${serial += 1}` })).profile,
  session: async () => {
    const [station, destination] = [await fresh.station(), await fresh.destination()];
    const started = await make('/api/live/start', { streamKey: station.streamKey, title: 'T', stationId: station.id, selectedEndpoints: [destination.id] });
    return { ...started, station, destination };
  },
};
// An owner may have so many of each; what one route made is gone before the next.
const cleanUp = async () => {
  const { sessions } = await must(owner, 'GET', '/api/rtmp/status');
  for (const { sessionId } of sessions) await ask(owner, 'POST', '/api/live/stop', { body: { sessionId } });
  for (const [name, list] of [['stations', '/api/stations?mine=true&limit=100'], ['destinations', '/api/destinations?limit=100']]) {
    for (const { id } of (await must(owner, 'GET', list))[name]) await ask(owner, 'DELETE', `/api/${name}/${id}`);
  }
};

const at = (template, id) => async () => ({ path: template.replace(/\{[^}]+\}/, typeof id === 'function' ? (await id()).id : id) });
const withBody = (request, body) => async (actor) => ({ ...(await request(actor)), body });

const destinationsUnder = (base) => ({
  [`GET ${base}`]: {},
  [`POST ${base}`]: { body: { platform: 'custom', name: 'D', rtmpUrl: 'rtmp://127.0.0.1:9/app', streamKey: 'k' } },
  [`GET ${base}/{id}`]: at(`${base}/{id}`, fresh.destination),
  [`PUT ${base}/{id}`]: withBody(at(`${base}/{id}`, fresh.destination), { name: 'E' }),
  [`DELETE ${base}/{id}`]: at(`${base}/{id}`, fresh.destination),
  [`GET ${base}/{id}/status`]: at(`${base}/{id}/status`, fresh.destination),
  [`POST ${base}/{id}/test-connection`]: withBody(at(`${base}/{id}/test-connection`, fresh.destination), {}),
});
const livestream = (action, body = {}) => withBody(at(`/api/v1/livestreams/{id}/${action}`, fresh.livestream), body);
const simulcast = (action) => async () => ({ path: `/api/simulcast/${(await fresh.session()).station.id}/${action}` });
const simulcastDestination = async () => {
  const { station, destination } = await fresh.session();
  return { path: `/api/simulcast/${station.id}/destinations/${destination.id}` };
};
const account = () => ({ email: `somebody${serial += 1}@example.org`, password: 'somebody has a password', name: 'Somebody' });

// How each route is asked: {path, body}, or what makes them.
const REQUESTS = {
  'GET /healthz': {},
  'GET /readyz': {},
  'GET /metrics': {},
  'GET /api/events': { stream: true },
  'GET /api/platforms': {},
  'POST /api/auth/register': () => ({ body: account() }),
  'GET /api/auth/registration': {},
  'POST /api/auth/login': () => ({ body: { email: owner.email, password: owner.password } }),
  'POST /api/auth/refresh': { body: {} },
  'POST /api/auth/logout': { body: {} },
  'DELETE /api/auth/sessions': { own: true },
  'GET /api/auth/me': {},
  'PUT /api/auth/me': { body: { name: 'Another name' } },
  'POST /api/auth/password': (actor) => ({ body: { currentPassword: actor.password ?? 'x', newPassword: actor.password ?? 'yyyyyyyyyyyy' }, own: true }),
  'GET /api/tokens': {},
  'POST /api/tokens': { body: { name: 'T', scopes: ['read'] } },
  'DELETE /api/tokens/{id}': async () => ({ path: `/api/tokens/${(await make('/api/tokens', { name: 'T', scopes: ['read'] })).apiToken.id}` }),
  'GET /api/users': {},
  'POST /api/users': () => ({ body: { ...account(), role: 'viewer' } }),
  'GET /api/users/{id}': () => ({ path: `/api/users/${owner.user.id}` }),
  'PUT /api/users/{id}': () => ({ path: `/api/users/${owner.user.id}`, body: { name: 'owner' } }),
  'POST /api/users/{id}/tokens': () => ({ path: `/api/users/${owner.user.id}/tokens`, body: { amount: 5 } }),
  'GET /api/stations': {},
  'POST /api/stations': () => ({ body: { name: `Station ${serial += 1}` } }),
  'GET /api/stations/{id}': at('/api/stations/{id}', fresh.station),
  'PUT /api/stations/{id}': withBody(at('/api/stations/{id}', fresh.station), { description: 'D' }),
  'DELETE /api/stations/{id}': at('/api/stations/{id}', fresh.station),
  'POST /api/stations/{id}/rotate-key': withBody(at('/api/stations/{id}/rotate-key', fresh.station), {}),
  ...destinationsUnder('/api/destinations'),
  ...destinationsUnder('/api/rtmp/endpoints'),
  'GET /api/v1/livestreams': {},
  'POST /api/v1/livestreams': { body: { title: 'L' } },
  'GET /api/v1/livestreams/{id}': at('/api/v1/livestreams/{id}', fresh.livestream),
  'PUT /api/v1/livestreams/{id}': withBody(at('/api/v1/livestreams/{id}', fresh.livestream), { title: 'M' }),
  'GET /api/v1/livestreams/{id}/status': at('/api/v1/livestreams/{id}/status', fresh.livestream),
  'POST /api/v1/livestreams/{id}/start': livestream('start'),
  'POST /api/v1/livestreams/{id}/stop': livestream('stop'),
  'POST /api/v1/livestreams/{id}/cancel': livestream('cancel'),
  'POST /api/v1/livestreams/{id}/archive': livestream('archive'),
  'POST /api/v1/livestreams/{id}/rotate-key': livestream('rotate-key'),
  'GET /api/playback/{playbackId}': async () => ({ path: `/api/playback/${await fresh.playbackId()}` }),
  'GET /api/v1/livestreams/{id} (private)': at('/api/v1/livestreams/{id}', () => fresh.hidden()),
  'PUT /api/v1/livestreams/{id} (private)': withBody(at('/api/v1/livestreams/{id}', () => fresh.hidden()), { title: 'M' }),
  'GET /api/v1/livestreams/{id}/status (private)': at('/api/v1/livestreams/{id}/status', () => fresh.hidden()),
  'POST /api/v1/livestreams/{id}/cancel (private)': withBody(at('/api/v1/livestreams/{id}/cancel', () => fresh.hidden()), {}),
  'GET /api/playback/{playbackId} (private)': async () => ({ path: `/api/playback/${(await fresh.hidden()).playback_id}` }),
  'GET /api/oembed (private)': async () => ({ path: `/api/oembed?url=${encodeURIComponent(`http://localhost:${server.httpPort}/livestreams/${(await fresh.hidden()).id}`)}` }),
  'GET /api/oembed': async () => ({ path: `/api/oembed?url=${encodeURIComponent(`http://localhost:${server.httpPort}/livestreams/${(await fresh.livestream()).id}`)}` }),
  'POST /api/v1/streaming/validate': { body: { stream_key: '0'.repeat(32) } },
  'POST /api/v1/streaming/stream_started': { body: { stream_key: '0'.repeat(32) } },
  'POST /api/v1/streaming/stream_ended': { body: { stream_key: '0'.repeat(32) } },
  'POST /api/live/start': async () => ({ body: { streamKey: (await fresh.station()).streamKey, title: 'T', useMultistream: false } }),
  'POST /api/live/stop': async () => ({ body: { sessionId: (await fresh.session()).sessionId } }),
  'POST /api/live/bandwidth': { body: { destinationIds: [] } },
  'GET /api/live/status': {},
  'GET /api/live/health': {},
  'GET /api/rtmp/status': {},
  'GET /api/multistream/profiles': {},
  'POST /api/multistream/profiles': () => ({ body: { name: `Profile ${serial += 1}` } }),
  'GET /api/multistream/profiles/{id}': at('/api/multistream/profiles/{id}', fresh.profile),
  'PUT /api/multistream/profiles/{id}': withBody(at('/api/multistream/profiles/{id}', fresh.profile), { description: 'D' }),
  'DELETE /api/multistream/profiles/{id}': at('/api/multistream/profiles/{id}', fresh.profile),
  'GET /api/multistream/sessions': {},
  'GET /api/multistream/sessions/{id}': async () => ({ path: `/api/multistream/sessions/${(await fresh.session()).sessionId}` }),
  'POST /api/multistream/sessions/{id}/destinations/{destinationId}/retry': async () => {
    const { sessionId, destination } = await fresh.session();
    return { path: `/api/multistream/sessions/${sessionId}/destinations/${destination.id}/retry`, body: {} };
  },
  'GET /api/vod': {},
  // Recordings come of media alone: replays.test.mjs asks for one that is there.
  'GET /api/vod/{id}': { path: '/api/vod/as_unknown' },
  'PUT /api/vod/{id}': { path: '/api/vod/as_unknown', body: { title: 'Mine' } },
  'DELETE /api/vod/{id}': { path: '/api/vod/as_unknown' },
  'POST /api/simulcast/{streamId}/start': async () => ({ path: `/api/simulcast/${(await fresh.station()).id}/start`, body: {} }),
  'POST /api/simulcast/{streamId}/stop': withBody(simulcast('stop'), {}),
  'GET /api/simulcast/{streamId}/status': simulcast('status'),
  'GET /api/simulcast/{streamId}/health': simulcast('health'),
  'GET /api/simulcast/{streamId}/metrics': simulcast('metrics'),
  'POST /api/simulcast/{streamId}/destinations': async () => ({ ...(await simulcast('destinations')()), body: { destinationId: (await fresh.destination()).id } }),
  'DELETE /api/simulcast/{streamId}/destinations/{id}': simulcastDestination,
};

// Media take no account: who may play what is visibility.test.mjs's, playback.test.mjs's and replays.test.mjs's to ask.
const routes = contract().operations.filter(({ definition }) => definition['x-access']).map(({ method, template }) => `${method} ${template}`);
// The same about a show that is private, which for most does not exist.
const rows = [...routes, ...Object.keys(REQUESTS).filter((row) => row.endsWith(' (private)'))];

test('the table and the requests speak of exactly the routes of the contract', () => {
  assert.deepEqual(rows.filter((route) => !TABLE[route]), [], 'missing in authorization.json');
  assert.deepEqual(routes.filter((route) => !REQUESTS[route]), [], 'no request for it here');
  assert.deepEqual(Object.keys(TABLE).filter((route) => !rows.includes(route)), [], 'in authorization.json, not in the contract');
});

// The status alone, of an answer that does not end.
async function statusOfStream(api) {
  const listener = await api.events();
  await listener.close();
  return 200;
}

for (const route of rows) {
  test(route, async () => {
    const [method, template] = route.split(' ');
    const got = {};
    for (const name of ACTORS) {
      const actor = actors[name];
      const request = typeof REQUESTS[route] === 'function' ? await REQUESTS[route](actor) : REQUESTS[route];
      // What would end the actor's own sign-in is asked by another sign-in of the same person.
      const asking = request.own && actor.email ? await server.signIn(actor.email, actor.password) : actor;
      got[name] = request.stream ? await statusOfStream(actor) : (await ask(asking, method, request.path ?? template, { body: request.body })).status;
      if (request.own && actor.email) Object.assign(actor, { token: (await server.signIn(actor.email, actor.password)).token });
    }
    await cleanUp();
    assert.deepEqual(got, TABLE[route]);
  });
}
