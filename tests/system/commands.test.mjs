// The command line beside `serve`: what an operator types, and what it answers when something is wrong.
import assert from 'node:assert/strict';
import { readFileSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { endpointReaches, makeLivestream, sessionOf } from '../support/broadcast.mjs';
import { freePort } from '../support/ports.mjs';
import { Child, run, temporaryFolder } from '../support/process.mjs';
import { ScriptedPublisher } from '../support/rtmp/client-peer.mjs';
import { show } from '../support/rtmp/media.mjs';
import { BINARY, Server } from '../support/server.mjs';
import { waitFor } from '../support/wait.mjs';

// Runs to the end, whatever it comes to: {code, output}.
async function attempt(args, options) {
  const child = new Child(BINARY, args, options);
  const { code } = await child.exit(15_000);
  return { code, output: child.output };
}

test('--version and keygen', async () => {
  assert.match(await run(BINARY, ['--version']), /^everycast \d+\.\d+\.\d+\n$/);
  const keys = [await run(BINARY, ['keygen']), await run(BINARY, ['keygen'])];
  for (const key of keys) assert.match(key.trim(), /^\S{32,}$/);
  assert.notEqual(keys[0], keys[1]);
});

test('mistakes on the command line are answered with what would be right', async () => {
  for (const args of [[], ['sreve'], ['serve', '--no-such-setting', 'x'], ['serve', '--http', 'nonsense'], ['serve', '--grace-s', '-1'], ['user', 'add', 'a@example.org', '--role', 'king']]) {
    const { code, output } = await attempt(args, { env: { EVERYCAST_DATA_DIR: path.join(temporaryFolder('mistake'), 'data') }, input: '' });
    assert.notEqual(code, 0, args.join(' '));
    assert.ok(output.length > 20, args.join(' '));
  }
  const { code, output } = await attempt(['serve'], { env: { EVERYCAST_LOG_LEVEL: 'loud', EVERYCAST_HTTP: 'here' } });
  assert.notEqual(code, 0);
  assert.match(output, /EVERYCAST_LOG_LEVEL/);
  assert.match(output, /EVERYCAST_HTTP/, 'all mistakes at once');
});

test('a configuration file is read, under the environment; its mistakes are told by line', async () => {
  const folder = temporaryFolder('configuration');
  const [http, rtmp] = [await freePort(), await freePort()];
  const file = path.join(folder, 'everycast.toml');
  writeFileSync(file, `http = "127.0.0.1:1"\nrtmp = "127.0.0.1:${rtmp}"\nrtmps = "off"\ndata_dir = "${folder}/data"\n`);
  const { output } = await attempt(['check', '--config', file], { env: { EVERYCAST_HTTP: `127.0.0.1:${http}` } });
  assert.match(output, new RegExp(`127\\.0\\.0\\.1:${http} is free`));
  assert.match(output, new RegExp(`127\\.0\\.0\\.1:${rtmp} is free`));
  writeFileSync(file, 'htpt = "127.0.0.1:1"\n');
  const wrong = await attempt(['check', '--config', file]);
  assert.notEqual(wrong.code, 0);
  assert.match(wrong.output, /everycast\.toml:1: .*did you mean "http"/);
});

describe('with a server that ran', () => {
  let server;
  before(async () => {
    server = await Server.start();
  });
  after(() => server?.kill());

  test('check knows the server that runs, and a port that another program has', async () => {
    const { code, output } = await attempt(['check'], { env: server.environment });
    assert.equal(code, 0, output);
    assert.match(output, new RegExp(`${server.httpPort} is in use, by the running server`));
    assert.match(output, /ok\s+database/);
    const stranger = await attempt(['check'], { env: { ...server.environment, EVERYCAST_DATA_DIR: path.join(temporaryFolder('stranger'), 'data') } });
    assert.notEqual(stranger.code, 0);
    assert.match(stranger.output, new RegExp(`${server.httpPort}.*in use`));
  });

  test('a second server on the same data or ports does not start, and says why', async () => {
    const { code, output } = await attempt(['serve'], { env: server.environment });
    assert.notEqual(code, 0);
    assert.match(output, /another server uses the data directory/);
    const elsewhere = await attempt(['serve'], { env: { ...server.environment, EVERYCAST_DATA_DIR: path.join(temporaryFolder('elsewhere'), 'data') } });
    assert.notEqual(elsewhere.code, 0);
    assert.match(elsewhere.output, /cannot listen on 127\.0\.0\.1:\d+: Address already in use/);
    assert.equal((await server.api.call('GET', '/healthz')).status, 200, 'the first goes on');
  });

  test('user add refuses a taken e-mail, a bad one and a short password', async () => {
    for (const [email, password] of [['admin@example.org', 'long enough, surely'], ['no address', 'long enough, surely'], ['new@example.org', 'short']]) {
      const { code, output } = await attempt(['user', 'add', email, '--role', 'viewer'], { env: server.environment, input: `${password}\n` });
      assert.notEqual(code, 0, email);
      assert.ok(!output.includes(password));
    }
    assert.match(await server.addUser('new@example.org', 'viewer', 'long enough, surely'), /new@example\.org/);
    assert.equal((await server.signIn('new@example.org', 'long enough, surely')).user.role, 'viewer');
  });

  test('top shows a running broadcast, with no key in it', async () => {
    const user = await server.user();
    const live = await makeLivestream(user, { title: 'Seen in top' });
    const encoder = await new ScriptedPublisher({ url: server.rtmpUrl }).publish(live.key);
    const playing = encoder.play(show({ seconds: 6 }));
    const { sessionId } = await waitFor('the session', () => sessionOf(user, live.id));
    await endpointReaches(user, sessionId, live.receivers[0].id, ({ status, metrics }) => status === 'connected' && metrics.fps > 0);
    const { token } = await user.post('/api/tokens', { name: 'top', scopes: ['read'] });
    const { code, output } = await attempt(['top', '--server', server.url, '--once'], { env: { EVERYCAST_TOKEN: token } });
    assert.equal(code, 0, output);
    assert.match(output, /Seen in top/);
    assert.match(output, /receiver-0/);
    assert.match(output, /connected/);
    assert.ok(!output.includes(live.key) && !output.includes(token));
    const wrong = await attempt(['top', '--server', server.url, '--once'], { env: { EVERYCAST_TOKEN: 'ect_wrong' } });
    assert.notEqual(wrong.code, 0);
    await playing;
    await encoder.unpublish(live.key);
  });

  test('files are their owner\'s alone, the key above all', () => {
    for (const name of readdirSync(server.dataDir)) {
      const file = path.join(server.dataDir, name);
      if (statSync(file).isFile()) assert.equal(statSync(file).mode & 0o077, 0, name);
    }
  });

  test('a wrong encryption key, or a broken database, refuses to start and says what to do', async () => {
    await server.stop();
    const wrong = await attempt(['serve'], { env: { ...server.environment, EVERYCAST_ENCRYPTION_KEY: (await run(BINARY, ['keygen'])).trim() } });
    assert.notEqual(wrong.code, 0);
    assert.match(wrong.output, /encryption key|ENCRYPTION_KEY/i);

    const name = readdirSync(server.dataDir).find((one) => /\.(db|sqlite3?)$/.test(one));
    const database = path.join(server.dataDir, name);
    const good = readFileSync(database);
    writeFileSync(database, Buffer.concat([good.subarray(0, 512), Buffer.alloc(good.length - 512, 0x5a)]));
    const broken = await attempt(['serve'], { env: server.environment });
    assert.notEqual(broken.code, 0);
    assert.match(broken.output, /database/i);
    writeFileSync(database, good);
    await server.launch();
    await server.admin.get('/api/auth/me');
  });
});
