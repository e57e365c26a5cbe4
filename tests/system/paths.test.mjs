// Two thousand ways to write "somewhere else", in every path and every text that the server takes: it opens nothing
// outside its folder, and what lies beside that folder stays as it is.
import assert from 'node:assert/strict';
import { Buffer } from 'node:buffer';
import { createHash } from 'node:crypto';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readFileSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import net from 'node:net';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { endLater } from '../support/cleanup.mjs';
import { temporaryFolder } from '../support/process.mjs';
import { ScriptedPublisher } from '../support/rtmp/client-peer.mjs';
import { Server } from '../support/server.mjs';
import { belongings, places, takeBack } from '../support/surface.mjs';
import { waitFor } from '../support/wait.mjs';

const FULL = process.env.EVERYCAST_FULL === '1';
// Far enough to the next text that it is of another kind.
const STRIDE = 211;
const CANARY = 'sentinel-canary-5d1f0c';

const DOTS = ['..', '%2e%2e', '.%2e', '%2E.', '%252e%252e', '%c0%ae%c0%ae', '%e0%40%ae%e0%40%ae', '..%00', '..;', '....', '．．', '%uff0e%uff0e'];
const SLASHES = ['/', '\\', '%2f', '%5c', '%252f', '%255c', '%c0%af', '%e0%80%af', '／', '//', '/./', '\\/', '%u2215'];
const DEPTHS = [1, 2, 4, 9];
const TARGETS = ['sentinel/secret.txt', 'etc/passwd', 'encryption.key', 'everycast.db'];
const WHOLE = [
  '/etc/passwd', 'file:///etc/passwd', 'file://localhost/etc/passwd', '/proc/self/environ', '/proc/self/cmdline', '/proc/self/fd/3', '/dev/zero', '~/.ssh/id_rsa', 'C:\\Windows\\win.ini', '\\\\host\\share\\x', '//etc/passwd', '/./etc/./passwd', 'encryption.key',
  './encryption.key', 'everycast.db', 'everycast.db-wal', '.', '..', '/', '', '...', 'nul', 'con', '/var/run/secrets', '`cat /etc/passwd`', '$(cat /etc/passwd)', '|cat /etc/passwd', '%00/etc/passwd', '/etc/passwd%00.png', 'a'.repeat(300), '/a'.repeat(200), 'php://filter/resource=/etc/passwd', 'zip://x#y', 'data:text/plain,x', 'jar:file:///x!/y', 'concat:/etc/passwd|', 'subfile,,start,0,end,9,,:/etc/passwd',
];

let folder;
let server;
let user;
let own;
let list;
let secrets;
before(async () => {
  folder = temporaryFolder('paths');
  const sentinel = path.join(folder, 'sentinel');
  for (const part of ['', 'deep/er', 'static', 'live']) {
    mkdirSync(path.join(sentinel, part), { recursive: true });
    writeFileSync(path.join(sentinel, part, 'secret.txt'), `${CANARY} ${part}\n`);
  }
  server = await Server.start({ dataDir: path.join(folder, 'data'), settings: { requests_per_second: 0, trusted_proxies: '127.0.0.1', hook_secret: 'a-hook-secret-of-some-length', registration: 'open' } });
  user = await server.user();
  own = await belongings(user);
  list = [...new Set([
    ...WHOLE, path.join(sentinel, 'secret.txt'), ...DOTS.flatMap((dots) => SLASHES.flatMap((slash) => DEPTHS.flatMap((depth) => TARGETS.map((target) => `${`${dots}${slash}`.repeat(depth)}${target.replaceAll('/', slash)}`)))),
  ])];
  assert.ok(list.length >= 2_000, `${list.length} strings`);
  // Each kind of dots, slashes, depths and targets is among every third of them, too.
  if (!FULL) list = list.filter((_, n) => n < WHOLE.length || n % 3 === 0);
  secrets = [CANARY, 'root:x:0:0', readFileSync(path.join(server.dataDir, 'encryption.key'), 'latin1').trim(), 'SQLite format 3'];
});
after(() => server?.kill());

// Names, bytes and times of all that lies beside the server's folder.
function fingerprint(root) {
  return readdirSync(root, { recursive: true }).map(String).sort().map((name) => {
    const file = path.join(root, name);
    const { mtimeMs, ctimeMs, mode, size } = statSync(file);
    return [name, mode, size, mtimeMs, ctimeMs, statSync(file).isFile() && createHash('sha256').update(readFileSync(file)).digest('hex')];
  });
}

// What the server opens from now on, one line a call; undefined where nobody may look.
async function watchOpens() {
  if (!existsSync('/usr/bin/strace')) return undefined;
  const file = path.join(folder, 'opens.txt');
  const strace = spawn('strace', ['-f', '-qq', '-y', '-s', '4096', '-e', 'trace=open,openat,openat2,creat,mkdir,mkdirat,unlink,unlinkat,rename,renameat,renameat2,link,linkat,symlink,symlinkat,execve', '-o', file, '-p', String(server.child.pid)], { stdio: 'ignore' });
  const ended = endLater(() => strace.kill('SIGKILL'));
  const over = once(strace, 'exit');
  const attached = await waitFor('strace to hold the server', () => strace.exitCode !== null || readdirSync(`/proc/${server.child.pid}/task`).every((task) => !/TracerPid:\s+0$/m.test(readFileSync(`/proc/${server.child.pid}/task/${task}/status`, 'utf8'))), { timeoutMs: 5_000 }).then(() => strace.exitCode === null, () => false);
  return { attached, lines: async () => {
    strace.kill('SIGINT');
    await over;
    ended();
    return existsSync(file) ? readFileSync(file, 'utf8').split('\n').filter(Boolean) : [];
  } };
}

// One request with exactly this target, which no HTTP library would send.
async function raw(target) {
  const socket = net.connect(server.httpPort, '127.0.0.1');
  const chunks = [];
  socket.on('data', (bytes) => chunks.push(bytes)).on('error', () => {});
  socket.write(Buffer.from(`GET ${target} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n`, 'utf8'));
  await once(socket, 'close');
  return Buffer.concat(chunks).toString('latin1');
}
const assertNothingLeaked = (what, text) => {
  for (const secret of secrets) assert.ok(!text.includes(secret), `${what} gives away ${secret.slice(0, 12)}…`);
};

test('whatever is asked for or stored, the server opens nothing outside its folder', async (t) => {
  const sentinel = path.join(folder, 'sentinel');
  const before = fingerprint(sentinel);
  const besides = readdirSync(folder).sort();
  const opens = await watchOpens();
  // It looks into /proc for this, which shows that the watch works.
  await server.api.call('GET', '/metrics');

  const PREFIXES = ['/', '/live/', '/api/stations/', '/setup/', '/assets/', '/api/'];
  let inFlight = [];
  for (const [n, text] of list.entries()) {
    for (const prefix of FULL ? PREFIXES : [PREFIXES[n % PREFIXES.length]]) {
      const target = `${prefix}${text.replace(/^\//, '')}`.replaceAll(' ', '%20');
      inFlight.push(raw(target).then((answer) => {
        assertNothingLeaked(target, answer);
        assert.match(answer, /^HTTP\/1\.1 (200|30[0-9]|4\d\d) |^$/, target);
      }));
    }
    if (inFlight.length >= 16) inFlight = (await Promise.all(inFlight)).slice(0, 0);
  }
  await Promise.all(inFlight);

  // Passwords are hashed, not looked at: a few of them do.
  const slow = /\/api\/auth\/(register|login|password|me) body|POST \/api\/users body/;
  const all = places().filter(({ template }) => template !== '/api/events');
  const each = FULL ? 400 : Math.ceil(list.length / all.length);
  let n = 0;
  for (const place of all) {
    for (let k = 0; k < (slow.test(place.name) ? 2 : each); k += 1) {
      const text = list[((n += 1) * STRIDE) % list.length];
      const { path: target, body } = place.request(text, own.ids);
      // Nothing where an id belongs is the path of the list.
      if (text === '' && target.endsWith('/')) continue;
      const answer = await user.call(place.method, target, { body, headers: { 'x-forwarded-for': `198.18.${(n >> 8) & 255}.${n & 255}` } });
      // 501: a form of answer that oEmbed names and nobody here speaks.
      assert.ok(answer.status < 500 || answer.status === 501, `${place.name} ${text} → ${answer.status}`);
      if (!answer.text.includes(text) || !text.includes('sentinel')) assertNothingLeaked(`${place.name} ${text}`, answer.text);
      await takeBack(user, place.template, answer);
    }
  }

  for (const [k, text] of list.filter((_, index) => index % (FULL ? 20 : 50) === 0 && list[index].length > 0).entries()) {
    const publisher = new ScriptedPublisher({ url: `${server.rtmpUrl}/x`, localAddress: `127.0.4.${1 + (k % 250)}` });
    await assert.rejects(publisher.publish(text));
    publisher.kill();
  }

  assert.deepEqual(fingerprint(sentinel), before, 'the tree beside the server is byte for byte what it was');
  assert.deepEqual(readdirSync(folder).filter((name) => name !== 'opens.txt').sort(), besides);
  if (!opens?.attached) return void t.diagnostic('skipped: no strace here, or it may not look at the server');
  const lines = await opens.lines();
  assert.ok(lines.some((line) => line.includes('/proc/self/')), 'strace sees what the server opens');
  // What libraries read for themselves: names, clocks, random numbers, facts of the process, and (the allocator) of memory.
  const harmless = /^(\/etc\/(resolv\.conf|hosts|nsswitch\.conf|host\.conf|gai\.conf|localtime|ssl\/)|\/usr\/(share|lib)\/|\/lib|\/dev\/u?random|\/proc\/(self|\d+)\/(stat|status|statm|task|maps|fd$|net)|\/proc\/sys\/vm\/overcommit_memory$|\/sys\/|\/var\/tmp\/etilqs_|\/tmp\/etilqs_)/;
  for (const line of lines) {
    assert.doesNotMatch(line, /execve\(/, 'it starts no other program');
    const [, name] = /\((?:AT_FDCWD<[^>]*>, |\d+<[^>]*>, )?"((?:[^"\\]|\\.)*)"/.exec(line) ?? [];
    if (name === undefined) continue;
    const whole = path.resolve(server.dataDir, name);
    assert.ok(whole.startsWith(`${server.dataDir}/`) || whole === server.dataDir || harmless.test(whole), line);
  }
  t.diagnostic(`${lines.length} calls looked at`);
});
