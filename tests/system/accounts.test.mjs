// Who gets in, how long, and who does not.
import assert from 'node:assert/strict';
import { createHmac, generateKeyPairSync, sign } from 'node:crypto';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { after, before, describe, test } from 'node:test';
import { Api, decodeJwt, encodePart } from '../support/api.mjs';
import { Server } from '../support/server.mjs';

const STRANGER = { email: 'stranger@example.org', password: 'a stranger with a password', name: 'Stranger' };
// How long two tabs that refresh together are believed (docs/operating.md).
const REUSE_LEEWAY_MS = 10_000;

const refused = async (call, status, code) => {
  const { status: got, body } = await call;
  assert.equal(got, status, JSON.stringify(body));
  if (code) assert.equal(body.error.code, code);
  return body;
};
const register = (api, account) => api.call('POST', '/api/auth/register', { body: account });
const login = (api, email, password) => api.call('POST', '/api/auth/login', { body: { email, password } });
const cookieOf = ({ headers }) => headers.getSetCookie?.()[0] ?? headers.get('set-cookie');
const pairOf = (header) => header.split(';')[0];

describe('a fresh server', () => {
  let server;
  let code;
  before(async () => {
    server = await Server.start({ admin: false });
    [, code] = await server.child.said(/Code\s+(\S{8,})\n/);
  });
  after(() => server?.kill());

  test('prints its setup code and a link with it', () => {
    assert.match(server.log, new RegExp(`https?://\\S+/setup#${code}`));
  });
  test('lets no stranger in', async () => {
    await refused(register(server.api, STRANGER), 403, 'registration_closed');
    await refused(register(server.api, { ...STRANGER, setupCode: 'WRONG-CODE-0000' }), 403, 'setup_code_wrong');
  });
  test('makes an admin with the code, once', async () => {
    const { status, body } = await register(server.api, { ...STRANGER, email: 'first@example.org', setupCode: code });
    assert.equal(status, 201);
    assert.equal(body.user.role, 'admin');
    const { user } = await server.api.as(body.accessToken).get('/api/auth/me');
    assert.equal(user.email, 'first@example.org');
    await refused(register(server.api, { ...STRANGER, setupCode: code }), 403);
  });
  test('prints no code once there is an admin', async () => {
    await server.restart();
    assert.doesNotMatch(server.child.output, /setup code/i);
  });
});

describe('open registration', () => {
  let server;
  before(async () => {
    server = await Server.start({ settings: { registration: 'open', default_role: 'viewer' } });
  });
  after(() => server?.kill());

  test('gives the default role, and no other on request', async () => {
    const { status, body } = await register(server.api, STRANGER);
    assert.equal(status, 201);
    assert.equal(body.user.role, 'viewer');
    assert.equal(body.user.passwordHash, undefined);
    await refused(register(server.api, { ...STRANGER, email: 'other@example.org', role: 'admin' }), 422);
  });
  test('takes an e-mail once, whatever its case', async () => {
    await refused(register(server.api, { ...STRANGER, email: STRANGER.email.toUpperCase() }), 409, 'email_taken');
  });
  test('says which field is wrong', async () => {
    for (const [field, value] of [['email', 'no address'], ['email', ''], ['password', 'short'], ['password', 'x'.repeat(2000)], ['name', 'x'.repeat(1000)]]) {
      const { error } = await refused(register(server.api, { ...STRANGER, email: 'third@example.org', [field]: value }), 422);
      assert.equal(error.details.field, field, JSON.stringify(error));
    }
  });
});

describe('signing in', { concurrency: 6 }, () => {
  let server;
  before(async () => {
    server = await Server.start();
  });
  after(() => server?.kill());
  const user = () => server.user();

  test('an unknown e-mail and a wrong password get the same answer', async () => {
    const known = await user();
    const wrong = await refused(login(server.api, known.email, 'not the password'), 401, 'login_failed');
    const unknown = await refused(login(server.api, 'nobody@example.org', 'not the password'), 401, 'login_failed');
    assert.equal(wrong.error.message, unknown.error.message);
  });

  test('too many wrong passwords make the account wait, also for the right one', async () => {
    const victim = await user();
    let answer;
    for (let n = 0; n < 12; n += 1) {
      answer = await login(server.api, victim.email, `guess ${n}`);
      if (answer.status === 429) break;
      assert.equal(answer.status, 401);
    }
    assert.equal(answer.status, 429);
    assert.ok(Number(answer.headers.get('retry-after')) > 0);
    assert.equal((await login(server.api, victim.email, victim.password)).status, 429);
    const other = await user();
    assert.equal((await login(server.api, other.email, other.password)).status, 200, 'others are not made to wait');
  });

  test('the refresh cookie is out of reach for scripts and other sites, and rotates', async () => {
    const account = await user();
    const signedIn = await login(server.api, account.email, account.password);
    const header = cookieOf(signedIn);
    assert.match(header, /HttpOnly/i);
    assert.match(header, /SameSite=Strict/i);
    const [header_, claims] = decodeJwt(signedIn.body.accessToken);
    assert.equal(header_.alg, 'HS256');
    assert.equal(claims.exp - claims.iat, 15 * 60);
    assert.ok(!signedIn.text.includes(pairOf(header).split('=')[1]), 'the refresh token is in the cookie only');

    const first = new Api(server.url, { cookie: pairOf(header) });
    const second = await first.call('POST', '/api/auth/refresh');
    assert.equal(second.status, 200);
    assert.notEqual(pairOf(cookieOf(second)), pairOf(header));
    await server.api.as(second.body.accessToken).get('/api/auth/me');
    const third = await new Api(server.url, { cookie: pairOf(cookieOf(second)) }).call('POST', '/api/auth/refresh');
    assert.equal(third.status, 200);

    // Late enough to be no second tab: whoever shows the old one has stolen it, or was stolen from.
    await wait(REUSE_LEEWAY_MS + 1_000);
    await refused(first.call('POST', '/api/auth/refresh'), 401, 'session_revoked');
    await refused(new Api(server.url, { cookie: pairOf(cookieOf(third)) }).call('POST', '/api/auth/refresh'), 401);
    await refused(server.api.as(third.body.accessToken).call('GET', '/api/auth/me'), 401);
    await account.get('/api/auth/me');
  });

  test('a refresh without a cookie, or with a made-up one, is refused', async () => {
    await refused(server.api.call('POST', '/api/auth/refresh'), 401);
    const account = await user();
    const name = pairOf(cookieOf(await login(server.api, account.email, account.password))).split('=')[0];
    await refused(new Api(server.url, { cookie: `${name}=${'A'.repeat(43)}` }).call('POST', '/api/auth/refresh'), 401);
  });

  test('signing out ends the sign-in at once', async () => {
    const account = await user();
    const answer = await login(server.api, account.email, account.password);
    const browser = new Api(server.url, { token: answer.body.accessToken, cookie: pairOf(cookieOf(answer)) });
    await browser.get('/api/auth/me');
    await browser.post('/api/auth/logout');
    await refused(browser.call('GET', '/api/auth/me'), 401);
    await refused(new Api(server.url, { cookie: browser.cookie }).call('POST', '/api/auth/refresh'), 401);
    await account.get('/api/auth/me');
  });

  test('a disabled account is out at once, and the last admin stays', async () => {
    const account = await user();
    const { token } = await account.post('/api/tokens', { name: 'script', scopes: ['read'] });
    await server.admin.put(`/api/users/${account.user.id}`, { disabled: true });
    await refused(account.call('GET', '/api/auth/me'), 401);
    await refused(server.api.as(token).call('GET', '/api/destinations'), 401);
    await refused(login(server.api, account.email, account.password), 401, 'login_failed');
    await refused(server.admin.call('PUT', `/api/users/${server.admin.user.id}`, { body: { role: 'viewer' } }), 409, 'last_admin');
  });

  test('people change their name and password; a new password ends their other sign-ins', async () => {
    const account = await user();
    assert.equal((await account.put('/api/auth/me', { name: 'New name' })).user.name, 'New name');
    const another = await server.signIn(account.email, account.password);
    await refused(account.call('POST', '/api/auth/password', { body: { currentPassword: 'wrong', newPassword: 'quite another password' } }), 403, 'password_wrong');
    await account.post('/api/auth/password', { currentPassword: account.password, newPassword: 'quite another password' });
    await refused(another.call('GET', '/api/auth/me'), 401);
    await account.get('/api/auth/me');
    await refused(login(server.api, account.email, account.password), 401);
    await server.signIn(account.email, 'quite another password');
  });

  test('people end all their sign-ins at once, and nobody else\'s', async () => {
    const [account, bystander] = [await user(), await user()];
    const elsewhere = await server.signIn(account.email, account.password);
    await account.delete('/api/auth/sessions');
    for (const api of [account, elsewhere]) await refused(api.call('GET', '/api/auth/me'), 401);
    await bystander.get('/api/auth/me');
  });
});

describe('API tokens', { concurrency: 4 }, () => {
  let server;
  let user;
  before(async () => {
    server = await Server.start();
    user = await server.user();
  });
  after(() => server?.kill());
  const token = async (...scopes) => server.api.as((await user.post('/api/tokens', { name: scopes.join(), scopes })).token);

  test('are shown once, work, and end when they are deleted', async () => {
    const made = await user.post('/api/tokens', { name: 'nightly', scopes: ['read', 'write'] });
    const script = server.api.as(made.token);
    await script.post('/api/stations', { name: 'From a script' });
    const list = await user.call('GET', '/api/tokens');
    const shown = list.body.tokens.find(({ name }) => name === 'nightly');
    assert.ok(!list.text.includes(made.token));
    assert.ok(made.token.endsWith(shown.tail));
    await user.delete(`/api/tokens/${shown.id}`);
    await refused(script.call('GET', '/api/destinations'), 401, 'token_invalid');
  });

  test('can do what their scopes say and nothing else', async () => {
    const [read, write, live] = [await token('read'), await token('read', 'write'), await token('live')];
    await read.get('/api/destinations');
    await refused(read.call('POST', '/api/stations', { body: { name: 'no' } }), 403);
    const { station } = await write.post('/api/stations', { name: 'yes' });
    const show = { streamKey: station.streamKey, title: 'x', stationId: station.id, useMultistream: false };
    await refused(write.call('POST', '/api/live/start', { body: show }), 403);
    const { sessionId } = await live.post('/api/live/start', show);
    await live.post('/api/live/stop', { sessionId });
    for (const script of [read, write, live]) {
      await refused(script.call('POST', '/api/tokens', { body: { name: 'child', scopes: ['read'] } }), 403);
      await refused(script.call('DELETE', '/api/auth/sessions'), 403);
    }
  });

  test('expire when they are told to', async () => {
    await refused(user.call('POST', '/api/tokens', { body: { name: 'late', scopes: ['read'], expiresAt: '2020-01-01T00:00:00Z' } }), 422);
    const { token: secret } = await user.post('/api/tokens', { name: 'soon', scopes: ['read'], expiresAt: new Date(Date.now() + 1_500).toISOString() });
    const script = server.api.as(secret);
    await script.get('/api/destinations');
    await wait(2_600);
    await refused(script.call('GET', '/api/destinations'), 401);
  });

  test('with an unknown scope, or none, are not made', async () => {
    for (const scopes of [[], ['all'], ['account']]) await refused(user.call('POST', '/api/tokens', { body: { name: 'x', scopes } }), 422);
  });
});

describe('keys that sign tokens', () => {
  test('are drawn at each first start: no token of one server opens another, and neither does a secret that others ship', async () => {
    const [one, other] = await Promise.all([Server.start(), Server.start()]);
    try {
      const keys = [one, other].map(({ dataDir }) => readFileSync(path.join(dataDir, 'encryption.key'), 'utf8').trim());
      assert.notEqual(keys[0], keys[1]);
      assert.ok(keys.every((key) => key.length >= 32));
      for (const [mine, foreign] of [[one, other], [other, one]]) {
        await mine.admin.get('/api/auth/me');
        await refused(mine.api.as(foreign.admin.token).call('GET', '/api/auth/me'), 401, 'token_invalid');
        // The same header and claims, signed by what stands in the key file, or by what other products came with.
        const [head, claims] = mine.admin.token.split('.');
        for (const secret of [...keys, keys[0].slice(0, 16), '035c73f7-bb6b-4889-a715-d9eb2d1925cc', 'secret', 'changeme', 'your-256-bit-secret', '']) {
          const forged = `${head}.${claims}.${createHmac('sha256', secret).update(`${head}.${claims}`).digest('base64url')}`;
          await refused(mine.api.as(forged).call('GET', '/api/auth/me'), 401);
        }
      }
    } finally {
      await Promise.all([one, other].map((server) => server.kill()));
    }
  });
});

describe('forged access tokens', () => {
  let server;
  let user;
  before(async () => {
    server = await Server.start();
    user = await server.user();
  });
  after(() => server?.kill());

  const hs = (algorithm, key, input) => createHmac(algorithm, key).update(input).digest('base64url');

  test('are all refused with the same status', async () => {
    const [header, claims] = decodeJwt(user.token);
    const [head64, claims64, signature] = user.token.split('.');
    const admin = { ...claims, sub: server.admin.user.id, role: 'admin' };
    const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
    const forged = [];
    for (const alg of ['none', 'None', 'NONE', 'nOnE', '', null]) {
      for (const tail of ['', signature]) forged.push(`${encodePart({ ...header, alg })}.${encodePart(admin)}.${tail}`);
    }
    for (const key of ['', 'secret', 'everycast', 'changeme', 'jwt', '\0', '0'.repeat(64)]) {
      const input = `${encodePart(header)}.${encodePart(admin)}`;
      forged.push(`${input}.${hs('sha256', key, input)}`);
    }
    for (const [alg, algorithm] of [['HS384', 'sha384'], ['HS512', 'sha512'], ['HS1', 'sha1']]) {
      const input = `${encodePart({ ...header, alg })}.${claims64}`;
      forged.push(`${input}.${hs(algorithm, 'secret', input)}`);
    }
    const asymmetric = `${encodePart({ ...header, alg: 'RS256' })}.${encodePart(admin)}`;
    forged.push(`${asymmetric}.${sign('sha256', Buffer.from(asymmetric), privateKey).toString('base64url')}`);
    for (const extra of [{ kid: '../../../../dev/null' }, { kid: "' UNION SELECT 'k" }, { jku: 'http://127.0.0.1/keys' }, { jwk: { kty: 'oct', k: '' } }, { x5u: 'http://127.0.0.1/' }, { crit: ['exp'] }]) {
      const input = `${encodePart({ ...header, ...extra })}.${encodePart(admin)}`;
      forged.push(`${input}.${hs('sha256', '', input)}`, `${input}.${signature}`, `${encodePart({ ...header, ...extra })}.${claims64}.${signature}`);
    }
    for (const change of [{ sub: server.admin.user.id }, { exp: claims.exp + 3600 }, { role: 'admin' }, { nbf: 4_000_000_000 }, { aud: 'elsewhere' }, { iss: 'elsewhere' }]) {
      forged.push(`${head64}.${encodePart({ ...claims, ...change })}.${signature}`);
    }
    forged.push(`${head64}.${claims64}.`, `${head64}.${claims64}`, `${head64}.${claims64}.${signature.slice(0, -2)}`, `${head64}.${claims64}.${signature}A`, `${user.token}.${signature}`,
      `.${claims64}.${signature}`, '..', '.', '', 'null', 'undefined', `ect_${'A'.repeat(43)}`, 'A'.repeat(5_000), `${head64}.${encodePart('{"sub":')}.${signature}`);
    assert.ok(forged.length >= 60, `${forged.length} forgeries`);
    for (const token of forged) {
      const { status, body } = await server.api.call('GET', '/api/auth/me', { headers: { authorization: `Bearer ${token}` } });
      assert.equal(status, 401, `${token.slice(0, 120)} → ${JSON.stringify(body)}`);
    }
    for (const authorization of [user.token, `Basic ${user.token}`, `Bearer  ${user.token} x`, `bearer`]) {
      assert.equal((await server.api.call('GET', '/api/auth/me', { headers: { authorization } })).status, 401, authorization.slice(0, 20));
    }
    await user.get('/api/auth/me');
  });
});
