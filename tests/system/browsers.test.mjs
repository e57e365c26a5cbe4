// What another site's page can make a browser do here: every route of the contract × the headers that browsers send.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { contract } from '../support/contract.mjs';
import { Server } from '../support/server.mjs';

const PAGES = 'https://pages.example.org';
const ALSO = 'http://localhost:3000';
// Near misses of the two origins that are let in.
const FOREIGN = [
  'https://evil.example', 'http://pages.example.org', 'https://pages.example.org:8443', 'https://pages.example.org.evil.example', 'https://evil-pages.example.org', 'https://pages.example.orgevil', 'https://PAGES.example.org',
  'https://pages.example.org/', 'https://pages.example.org, https://evil.example', `${PAGES} `, 'https://pages.example.org%60.evil.example', 'null', '*', 'file://', 'http://localhost:3001', 'http://localhost', 'http://127.0.0.1:3000', 'https://localhost:3000',
].filter((origin) => origin.trim() !== PAGES);

let open;
let closed;
before(async () => {
  const settings = { requests_per_second: 0, hook_secret: 'a-hook-secret-of-some-length' };
  [open, closed] = await Promise.all([Server.start({ settings: { ...settings, cors_origins: `${PAGES},${ALSO}` } }), Server.start({ settings })]);
});
after(() => Promise.all([open, closed].map((server) => server?.kill())));

// The API's; pages and what players load are tested by themselves.
const routes = contract().operations.filter(({ template }) => /^\/(api|healthz|readyz|metrics)\b/.test(template)).map(({ method, template }) => ({ method, template, path: template.replace(/\{[^}]+\}/g, 'xx_unknown') }));
const mutating = routes.filter(({ method }) => method !== 'GET');
const streams = ({ template }) => template === '/api/events';

// The status and headers of an answer; the body of an event stream is not waited for.
async function ask(server, { method, path }, headers = {}, body = undefined) {
  const controller = new AbortController();
  const sent = body === undefined ? { headers } : { headers: { 'content-type': 'application/json', ...headers }, body };
  const response = await fetch(`${server.url}${path}`, { method, redirect: 'manual', signal: controller.signal, ...sent });
  const { status } = response;
  const code = streams({ template: path }) || method === 'OPTIONS' || method === 'HEAD' ? undefined : (await response.json().catch(() => undefined))?.error?.code;
  controller.abort();
  return { status, code, headers: response.headers };
}

describe('sharing with other origins', () => {
  const sharing = (headers) => [...headers].filter(([name]) => name.startsWith('access-control-')).map(([name]) => name);

  test('without a setting no route shares anything with anybody', async () => {
    for (const route of routes) {
      for (const origin of [PAGES, closed.url, 'null']) {
        assert.deepEqual(sharing((await ask(closed, route, { origin })).headers), [], `${route.method} ${route.template} to ${origin}`);
        const preflight = await ask(closed, { ...route, method: 'OPTIONS' }, { origin, 'access-control-request-method': route.method, 'access-control-request-headers': 'authorization' });
        assert.deepEqual(sharing(preflight.headers), [], `preflight of ${route.method} ${route.template} for ${origin}`);
      }
    }
  });

  test('every route shares with the origins that were named, as they are written, and never with credentials', async () => {
    for (const route of routes) {
      const name = `${route.method} ${route.template}`;
      for (const origin of [PAGES, ALSO]) {
        for (const asked of [route, { ...route, method: 'OPTIONS' }]) {
          const { headers } = await ask(open, asked, { origin, 'access-control-request-method': route.method });
          assert.equal(headers.get('access-control-allow-origin'), origin, name);
          assert.equal(headers.get('access-control-allow-credentials'), null, name);
          assert.match(headers.get('vary') ?? '', /origin/i, name);
        }
      }
    }
  });

  test('no near miss of an origin is shared with, on any route', async () => {
    const all = process.env.EVERYCAST_FULL === '1';
    for (const [n, route] of routes.entries()) {
      const origins = all ? FOREIGN : FOREIGN.filter((_, k) => k % 3 === n % 3);
      for (const origin of origins) {
        for (const asked of [route, { ...route, method: 'OPTIONS' }]) {
          const { headers } = await ask(open, asked, { origin, 'access-control-request-method': route.method });
          assert.deepEqual(sharing(headers), [], `${asked.method} ${route.template} to ${origin}`);
          assert.match(headers.get('vary') ?? '', /origin/i, 'a cache must not give one origin\'s answer to another');
        }
      }
    }
  });

  test('pages and unknown paths share nothing', async () => {
    for (const path of ['/', '/setup', '/nothing', '/watch/x', '/embed/x']) assert.deepEqual(sharing((await ask(open, { method: 'GET', path }, { origin: PAGES })).headers), [], path);
    for (const origin of ['https://evil.example', 'null']) assert.deepEqual(sharing((await ask(open, { method: 'GET', path: '/api/nothing' }, { origin })).headers), [], origin);
  });

  test('media are for every page, and nobody\'s cookies come along', async () => {
    for (const path of ['/live/x/index.m3u8', '/live/x.flv', '/vod/as_x/index.m3u8', '/vod/as_x/video.mp4']) {
      const { headers } = await ask(open, { method: 'GET', path }, { origin: 'https://evil.example' });
      assert.equal(headers.get('access-control-allow-origin'), '*', path);
      assert.ok(!headers.has('access-control-allow-credentials') && !headers.has('set-cookie'), path);
    }
  });
});

describe('forged requests', () => {
  const isHook = ({ template }) => template.startsWith('/api/v1/streaming/');
  // What a browser says when a page of another site, another port or a sandbox sends a form or calls fetch.
  const FORGED = [
    { 'sec-fetch-site': 'cross-site', origin: 'https://evil.example' },
    { 'sec-fetch-site': 'cross-site' },
    { 'sec-fetch-site': 'same-site', origin: 'https://other.example.org' },
    { 'sec-fetch-site': 'cross-site', origin: 'null' },
    { origin: 'https://evil.example' },
    { origin: 'null' },
    { origin: 'file://' },
  ];

  test('every route that changes something refuses them, with a bearer, with a cookie, and with neither', async () => {
    const login = await open.api.call('POST', '/api/auth/login', { body: { email: open.admin.email, password: open.admin.password } });
    const cookie = (login.headers.getSetCookie?.()[0] ?? login.headers.get('set-cookie')).split(';')[0];
    for (const route of mutating.filter((one) => !isHook(one))) {
      for (const forged of FORGED) {
        for (const rights of [{}, { cookie }, { authorization: `Bearer ${open.admin.token}` }]) {
          const { status, code, headers } = await ask(open, route, { ...forged, ...rights }, '{}');
          assert.equal(status, 403, `${route.method} ${route.template} ${JSON.stringify(forged)}`);
          assert.equal(code, 'cross_site_request', `${route.method} ${route.template}`);
          assert.equal(headers.get('set-cookie'), null, 'a forged request moves no cookie');
        }
      }
    }
    const again = await fetch(`${open.url}/api/auth/refresh`, { method: 'POST', headers: { cookie } });
    assert.equal(again.status, 200, 'the sign-in was not touched by any of them');
  });

  test('the host is what counts: the same name on another port or scheme is another site', async () => {
    const { host } = new URL(open.url);
    const own = { method: 'POST', path: '/api/auth/logout' };
    for (const origin of [`http://${host}`, `https://${host}`]) assert.equal((await ask(open, own, { origin })).status, 200, origin);
    for (const origin of ['http://127.0.0.1', 'http://127.0.0.1:1', `http://user@${host}`, `http://${host}.evil.example`, `http://evil.example/${host}`]) assert.equal((await ask(open, own, { origin })).status, 403, origin);
  });

  test('what is no page of another site is let in: own pages, typed addresses, scripts, and the origins that were named', async () => {
    const { host } = new URL(open.url);
    for (const headers of [{ 'sec-fetch-site': 'same-origin', origin: `http://${host}` }, { 'sec-fetch-site': 'none' }, {}, { 'sec-fetch-site': 'cross-site', origin: PAGES }]) {
      assert.equal((await ask(open, { method: 'POST', path: '/api/auth/logout' }, headers)).status, 200, JSON.stringify(headers));
    }
  });

  test('reading is open to links from elsewhere, and changes nothing: no route that changes something takes GET', async () => {
    for (const { path, template } of mutating.filter((one) => !routes.some(({ method, template: same }) => method === 'GET' && same === one.template))) {
      for (const method of ['GET', 'HEAD']) assert.equal((await ask(open, { method, path }, { authorization: `Bearer ${open.admin.token}` })).status, 405, `${method} ${template}`);
    }
  });

  test('no header makes one method count as another', async () => {
    const { station } = await open.admin.post('/api/stations', { name: 'Stays' });
    for (const name of ['x-http-method-override', 'x-http-method', 'x-method-override']) {
      await ask(open, { method: 'GET', path: `/api/stations/${station.id}?_method=DELETE` }, { [name]: 'DELETE', authorization: `Bearer ${open.admin.token}` });
      await ask(open, { method: 'POST', path: `/api/stations/${station.id}/rotate-key` }, { [name]: 'DELETE' }, '{}');
    }
    assert.equal((await open.admin.get(`/api/stations/${station.id}`)).station.streamKey, station.streamKey);
  });
});

describe('callbacks of other servers', () => {
  const hooks = routes.filter(({ template }) => template.startsWith('/api/v1/streaming/'));
  const SECRET = 'a-hook-secret-of-some-length';
  const SHOWN = ['', 'x', SECRET.slice(0, -1), `${SECRET}x`, SECRET.toUpperCase(), SECRET.slice(1), 'null', 'undefined', '[object Object]', '*'];

  test('without the secret none of them is there, not even for this machine; nothing internal answers', async () => {
    const { livestream, stream_key: key } = await closed.admin.post('/api/v1/livestreams', { title: 'Forged' });
    const none = await Server.start({ settings: { requests_per_second: 0 } });
    try {
      for (const { path } of hooks) {
        for (const headers of [{}, { authorization: 'Bearer x' }, { 'x-real-ip': '127.0.0.1' }, { 'x-forwarded-for': '127.0.0.1' }]) {
          const { status } = await none.api.call('POST', path, { body: { stream_key: key }, headers });
          assert.equal(status, 404, path);
        }
      }
    } finally {
      await none.kill();
    }
    for (const path of ['/api/hooks', '/api/internal', '/api/internal/publish', '/api/rtmp/on_publish', '/api/on_publish', '/on_publish', '/on_publish_done', '/api/v1/callbacks', '/index/api/getServerConfig', '/control/drop/publisher', '/debug/pprof', '/debug/vars', '/admin/users', '/status', '/stat', '/api/v1/streaming', '/api/v1/streaming/', '/api/v1/streaming/publish_done']) {
      for (const method of ['GET', 'POST']) {
        const { status } = await ask(closed, { method, path }, {}, method === 'POST' ? '{}' : undefined);
        assert.ok([401, 404, 405].includes(status), `${method} ${path} → ${status}`);
      }
    }
    assert.equal((await closed.admin.get(`/api/v1/livestreams/${livestream.id}`)).livestream.status, 'scheduled');
  });

  test('with another secret each of them is 401, right key or not, and nothing happens', async () => {
    const { livestream, stream_key: key } = await closed.admin.post('/api/v1/livestreams', { title: 'Forged' });
    for (const { path } of hooks) {
      for (const shown of SHOWN) {
        for (const stream_key of [key, '0'.repeat(32)]) {
          const inQuery = await closed.api.call('POST', `${path}?secret=${encodeURIComponent(shown)}`, { body: { stream_key } });
          assert.equal(inQuery.status, 401, `${path} ${shown}`);
          if (!/^[\x21-\x7e]+$/.test(shown)) continue;
          const asBearer = await closed.api.call('POST', path, { body: { stream_key }, headers: { authorization: `Bearer ${shown}` } });
          assert.deepEqual([asBearer.status, asBearer.body.error.code], [401, inQuery.body.error.code], `${path} ${shown}`);
        }
      }
      const asAdmin = await closed.admin.call('POST', path, { body: { stream_key: key } });
      assert.equal(asAdmin.status, 401, 'an admin\'s sign-in is no hook secret');
    }
    assert.equal((await closed.admin.get(`/api/v1/livestreams/${livestream.id}`)).livestream.status, 'scheduled');
  });

  test('who guesses through a relay is made to wait, and nobody else behind it', async () => {
    const { stream_key: key } = await closed.admin.post('/api/v1/livestreams', { title: 'Relayed' });
    const relayed = (name, addr) => closed.api.call('POST', `/api/v1/streaming/validate?secret=${SECRET}`, { raw: new URLSearchParams({ call: 'publish', name, addr }).toString(), headers: { 'content-type': 'application/x-www-form-urlencoded' } });
    for (let n = 0; n < 10; n += 1) assert.equal((await relayed(`${n}`.repeat(32), '198.51.100.66')).status, 403);
    assert.equal((await relayed(key, '198.51.100.66')).status, 429);
    for (const addr of ['198.51.100.67', '2001:db8::1', 'unix:', '']) assert.equal((await relayed(key, addr)).status, 200, addr);
  });

  test('a replay of a good one changes nothing more, and none brings back what is over', async () => {
    const { livestream, stream_key: key } = await closed.admin.post('/api/v1/livestreams', { title: 'Replayed' });
    const hook = (name) => closed.api.call('POST', `/api/v1/streaming/${name}`, { body: { stream_key: key }, headers: { authorization: `Bearer ${SECRET}` } });
    const status = async () => (await closed.admin.get(`/api/v1/livestreams/${livestream.id}`)).livestream;
    assert.equal((await hook('stream_started')).status, 200);
    const { started_at: began } = await status();
    assert.equal((await hook('stream_started')).status, 200);
    assert.equal((await status()).started_at, began);
    assert.equal((await hook('stream_ended')).status, 200);
    for (const name of ['stream_started', 'validate', 'stream_ended']) assert.ok((await hook(name)).status >= 400, name);
    assert.equal((await status()).status, 'ended');
  });
});
