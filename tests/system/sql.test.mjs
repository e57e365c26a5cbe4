// SQL in every text that the API takes, on both databases: it is kept as text or refused, and other people's rows stay.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { Postgres, hasPostgres } from '../support/postgres.mjs';
import { RtmpRefused, ScriptedPublisher } from '../support/rtmp/client-peer.mjs';
import { Server } from '../support/server.mjs';
import { belongings, places, takeBack } from '../support/surface.mjs';

const FULL = process.env.EVERYCAST_FULL === '1';
// These go into every place, of the others so many; over all places of both databases nearly each of them is used.
const EVERYWHERE = ["'", "x' OR 1=1--", "x'; UPDATE users SET role='admin'; --"];
const PER_PLACE = 2;
// Far enough to the next text that its quotes are others.
const STRIDE = 53;
// Passwords are hashed with care, which takes its time.
const SLOW = /\/api\/auth\/(register|login|password|me) body|POST \/api\/users body/;
const PER_SLOW_PLACE = 1;
// A statement that sleeps, if it ran, would take 5 s.
const SOON_MS = 4_000;

// What ends a text, what follows, and what hides the rest of the statement.
const QUOTES = ["'", '"', '`', "\\'", "%27", "''", "')", "'))", '$$', "\u2019", "\u02bc", ';', ')', ''];
const TAILS = [
  ' OR 1=1', ' OR \'1\'=\'1', ' AND 1=2', ' UNION SELECT NULL,NULL,NULL', ' UNION ALL SELECT email, password_hash FROM users', '; DROP TABLE users', '; DELETE FROM stations', '; UPDATE users SET role=\'admin\'', '; INSERT INTO users DEFAULT VALUES',
  ' OR pg_sleep(5)', '; SELECT pg_sleep(5)', ' AND 1=(SELECT 1 FROM pg_sleep(5))', ' OR 1=randomblob(500000000)', ' AND 1=CAST((SELECT version()) AS int)', ' ORDER BY 99', ' LIMIT 0', ' HAVING 1=1', '||(SELECT sql FROM sqlite_master)', '; ATTACH DATABASE \'/tmp/x\' AS x', '; COPY users TO \'/tmp/x\'', '; PRAGMA writable_schema=1', ' COLLATE NOCASE', ' LIKE \'%', ' ESCAPE \'',
];
const ENDS = ['', '--', ' -- ', '#', '/*', ';', '\u0000--', '\n--'];
const PLAIN = [':id', ':owner_id', '$1', '?', '?1', '@id', '%s', '{0}', '\\', '\\\\', '%', '_', '\u0000', "x'00'", 'NULL', '0x41', '1e309', '-1', '9223372036854775808', "'||'", 'a'.repeat(90), '\ud83d\ude00', 'Robert\'); DROP TABLE students;--'];
const LIST = [...PLAIN, ...QUOTES.flatMap((quote, q) => TAILS.flatMap((tail, t) => [`1${quote}${tail}${ENDS[(q + t) % ENDS.length]}`, `${quote}${tail}${ENDS[(q + t + 3) % ENDS.length]}`]))];

function suite(name, start, skip) {
  describe(name, { skip }, () => {
    let postgres;
    let server;
    let user;
    let bystander;
    let own;
    before(async () => {
      ({ postgres, server } = await start());
      [user, bystander] = [await server.user('broadcaster', 'attacker'), await server.user('broadcaster', 'bystander')];
      own = await belongings(user);
      await belongings(bystander);
      await bystander.post('/api/tokens', { name: 'mine', scopes: ['read'] });
    });
    after(async () => {
      await server?.kill();
      await postgres?.stop();
    });

    // Everything that anybody but the attacker has, as its owner and an admin see it.
    const whatOthersHave = async () => {
      const seen = [];
      for (const path of ['/api/auth/me', '/api/tokens', '/api/destinations', '/api/multistream/profiles', '/api/stations?mine=true', '/api/v1/livestreams?mine=true', '/api/multistream/sessions']) seen.push((await bystander.call('GET', path)).text);
      const { users } = await server.admin.get('/api/users?limit=100');
      seen.push(users.filter(({ id }) => id !== user.user.id).map(({ id, email, role, disabled, tokenBalance }) => [id, email, role, disabled, tokenBalance]).sort());
      if (postgres) seen.push(await postgres.query('SELECT relname FROM pg_class WHERE relkind = \'r\' AND relnamespace = \'public\'::regnamespace ORDER BY 1'));
      return seen;
    };
    let address = 0;
    // From another address each time, so that no guard against guessing answers in the database's place.
    const ask = async (place, text) => {
      address += 1;
      const { path, body } = place.request(text, own.ids);
      const headers = { 'x-forwarded-for': `198.18.${(address >> 8) & 255}.${address & 255}` };
      if (/\/api\/auth\/(register|login)$/.test(path) && body.email) body.email = body.email.replace('somebody', `somebody${address}`);
      const began = performance.now();
      const answer = await user.call(place.method, path, { body, headers });
      const took = performance.now() - began;
      // 501: a form of answer that oEmbed names and nobody here speaks.
      assert.ok(answer.status < 500 || answer.status === 501, `${place.name} ${JSON.stringify(text)} → ${answer.status} ${answer.text}`);
      assert.ok(took < SOON_MS, `${place.name} ${JSON.stringify(text)} took ${Math.round(took)} ms`);
      // Errors repeat no value, so that whatever speaks of SQL in one is the database's own word.
      if (answer.status >= 400) assert.doesNotMatch(JSON.stringify(answer.body?.error ?? 'a page'), /syntax error|SQLSTATE|sqlite|near \\?"|relation \\?"|unterminated|argon2/i, place.name);
      return answer;
    };

    test('no text anywhere is read as SQL', async () => {
      const before = await whatOthersHave();
      const first = postgres ? LIST.length / 2 : 0;
      let n = Math.floor(first);
      let answered = 0;
      for (const place of places().filter(({ template }) => template !== '/api/events')) {
        const many = SLOW.test(place.name) ? PER_SLOW_PLACE : FULL ? LIST.length : PER_PLACE;
        const others = Array.from({ length: many }, () => LIST[((n += 1) * STRIDE) % LIST.length]);
        for (const text of SLOW.test(place.name) ? others : [...EVERYWHERE, ...others]) {
          const answer = await ask(place, text);
          answered += answer.status < 300 ? 1 : 0;
          await takeBack(user, place.template, answer);
        }
      }
      assert.ok(LIST.length % STRIDE !== 0 && n - first > 300, `${n - first} of ${LIST.length} texts`);
      assert.ok(answered > 100, `${answered} texts were taken and kept`);
      const after = await whatOthersHave();
      assert.deepEqual(after.slice(0, 7), before.slice(0, 7), 'what the bystander has');
      const known = new Set(before[7].map(([id]) => id));
      assert.deepEqual(after[7].filter(([id]) => known.has(id)), before[7], 'accounts');
      assert.ok(after[7].filter(([id]) => !known.has(id)).every(([, , role]) => role !== 'admin'), 'nobody became admin');
      assert.deepEqual(after[8], before[8], 'tables');
    });

    test('what is kept is kept as it was written, also when it is used in the next statement', async () => {
      const kept = LIST.filter((text) => !/[\u0000-\u001f]/.test(text) && text.trim() === text && text.length > 0 && text.length < 100).filter((_, n) => FULL || n % 12 === 0);
      for (const text of kept) {
        const { station } = await user.put(`/api/stations/${own.station.id}`, { name: text, description: text });
        assert.deepEqual([station.name, station.description], [text, text]);
        const { profile } = await user.put(`/api/multistream/profiles/${own.profile.id}`, { name: text });
        assert.equal(profile.name, text);
        const { destination } = await user.put(`/api/destinations/${own.destination.id}`, { name: text, platformStreamId: text, streamKey: text });
        assert.deepEqual([destination.name, destination.platformStreamId], [text, text]);
      }
      assert.equal((await user.get(`/api/stations/${own.station.id}`)).station.name, kept.at(-1));
      assert.equal((await user.get('/api/multistream/profiles')).profiles[0].name, kept.at(-1));
    });

    test('stream keys and playback ids over RTMP', async () => {
      const texts = LIST.filter((text) => text.length > 0 && !text.includes('\u0000')).filter((_, n) => FULL || n % 40 === 0);
      for (const [n, text] of texts.entries()) {
        const publisher = new ScriptedPublisher({ url: server.rtmpUrl, localAddress: `127.0.3.${1 + (Math.floor(n / 8) % 250)}` });
        await assert.rejects(publisher.publish(text), RtmpRefused, text);
        publisher.kill();
      }
    });
  });
}

const settings = { requests_per_second: 0, trusted_proxies: '127.0.0.1', hook_secret: 'a-hook-secret-of-some-length', registration: 'open' };
suite('SQLite', async () => ({ server: await Server.start({ settings }) }));
suite('PostgreSQL', async () => {
  const postgres = await Postgres.start();
  return { postgres, server: await Server.start({ settings: { ...settings, database: postgres.url } }) };
}, hasPostgres ? false : 'skipped: PostgreSQL 15 is not installed');
