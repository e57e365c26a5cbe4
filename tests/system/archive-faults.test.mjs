// An object store that is not ours (s3rver) behind everything that can happen on the way to it: recordings come there late, and
// whole; until then they play from the disk, and nothing else of the server notices.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { Agent, createServer, request as ask } from 'node:http';
import path from 'node:path';
import { after, before, beforeEach, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { endLater } from '../support/cleanup.mjs';
import { startFaultProxy } from '../support/fault_proxy.mjs';
import { Child } from '../support/process.mjs';
import { becomes, startRecorded } from '../support/recorded.mjs';
import { Server, makeStation } from '../support/server.mjs';
import { waitFor } from '../support/wait.mjs';

const ARCHIVED_MS = 60_000;
// What a request that does not need the store may take, on a busy machine.
const PROMPT_MS = 2_000;

// Between the fault proxy and the store: notes what was asked, and refuses for a while.
class Front {
  log = [];
  refuses = 0;

  constructor(target) {
    const agent = new Agent({ keepAlive: true });
    this.server = createServer((request, response) => {
      const name = `${request.method} ${request.url.replace(/^\/shows\//, '')}`;
      if (this.refuses > 0) {
        this.refuses -= 1;
        this.log.push(`${name} 503`);
        request.resume();
        response.writeHead(503, { 'Retry-After': '1', Connection: 'close' });
        return void response.end('<Error><Code>SlowDown</Code><Message>Please reduce your request rate.</Message></Error>');
      }
      const { expect, ...headers } = request.headers;
      const inner = ask({ agent, port: target, method: request.method, path: request.url, headers }, (answer) => {
        this.log.push(`${name} ${answer.statusCode}`);
        response.writeHead(answer.statusCode, answer.headers);
        answer.pipe(response);
      });
      // Whichever end breaks, so does the other: half a body is no body.
      inner.on('error', () => response.destroy());
      request.on('close', () => request.complete || inner.destroy());
      response.on('error', () => inner.destroy());
      request.pipe(inner);
    });
    endLater(() => this.close());
  }
  async listen() {
    await new Promise((resolve) => { this.server.listen(0, '127.0.0.1', resolve); });
    return this.server.address().port;
  }
  close() {
    this.server.closeAllConnections();
    this.server.close();
  }
  parts(key, number) {
    return this.log.filter((line) => line.startsWith(`PUT ${key}?`) && line.includes(`partNumber=${number}&`) && line.endsWith(' 200'));
  }
}

let store;
let front;
let proxy;
let door;
let server;
let owner;
before(async () => {
  store = new Child(process.execPath, [fileURLToPath(new URL('../support/s3rver.mjs', import.meta.url)), 'shows', 'lists'], { input: null });
  const [port] = await store.said(/^\d+(?=\n)/m, 20_000);
  front = new Front(Number(port));
  proxy = startFaultProxy();
  door = await proxy.open(await front.listen());
  server = await Server.start({
    settings: { requests_per_second: 0, s3_bucket: 'shows', s3_endpoint: `http://127.0.0.1:${door.port}`, s3_access_key: 'S3RVER', s3_secret_key: 'S3RVER' },
  });
  owner = await server.user();
});
after(async () => {
  await server?.kill();
  await proxy?.stop();
  front?.close();
  await store?.kill();
});
beforeEach(async () => {
  await door.set();
  front.refuses = 0;
  front.log.length = 0;
});

const keyOf = (id) => `${id}/1.mp4`;
const fileOf = (id) => path.join(server.dataDir, 'recordings', id, '1.mp4');
const digest = (bytes) => createHash('sha256').update(bytes).digest('hex');
const local = (url) => url.replace(/^https?:\/\/[^/]+/, server.url);
const assetOf = async (id) => (await owner.get(`/api/vod/${id}`)).asset;
const leavesTheDisk = (id) => waitFor('the recording to leave the disk', () => !existsSync(fileOf(id)), { timeoutMs: ARCHIVED_MS, describe: () => [front.log, server.log.slice(-1500)] });
const metric = async (name) => {
  const text = await (await fetch(`${server.url}/metrics`)).text();
  return Number(new RegExp(`^${name} (\\S+)$`, 'm').exec(text)?.[1]);
};

// Ready, three parts long and not yet sent for: its bytes are mostly filler, so that they cost little to encode.
async function recorded(megabytes = 40) {
  const station = await makeStation(owner);
  const encoder = new Child('ffmpeg', ['-nostdin', '-v', 'error', '-re', '-f', 'lavfi', '-i', 'testsrc=size=320x180:rate=25', '-t', '120',
    '-c:v', 'libx264', '-preset', 'ultrafast', '-tune', 'zerolatency', '-g', '25', '-pix_fmt', 'yuv420p', '-b:v', '60M', '-maxrate', '60M', '-bufsize', '6M',
    '-x264-params', 'nal-hrd=cbr', '-f', 'flv', `${server.rtmpUrl}/${station.streamKey}`]);
  const { sessionId, id } = await startRecorded(owner, station);
  await waitFor('the recording to grow', async () => (await assetOf(id)).sizeBytes >= megabytes * 1e6, { timeoutMs: 60_000, everyMs: 200 });
  await owner.post('/api/live/stop', { sessionId });
  await encoder.kill();
  await becomes(owner, id, 'ready');
  return { id, sha256: digest(readFileSync(fileOf(id))) };
}
async function saved(id) {
  const answer = await fetch(local((await assetOf(id)).videoUrl));
  assert.equal(answer.status, 200);
  return digest(Buffer.from(await answer.arrayBuffer()));
}
async function isPrompt(what, promise) {
  const began = performance.now();
  const value = await promise;
  const took = performance.now() - began;
  assert.ok(took < PROMPT_MS, `${what} took ${Math.round(took)} ms`);
  return value;
}

describe('on the way to the store', () => {
  test('a trickle: nothing waits for it, the server ends in the middle of it, and the next goes on with what is missing', async () => {
    // The first part comes through, then it is as slow as a bad line.
    await door.set({ up: { rate: 6_000_000 } });
    const { id, sha256 } = await recorded();
    await waitFor('the first part to be there', () => front.parts(keyOf(id), 1).length === 1, { timeoutMs: ARCHIVED_MS, describe: () => front.log });
    await door.set({ up: { rate: 20_000 } });
    const { bytesUp } = await door.counters();
    await waitFor('the second part to trickle', async () => (await door.counters()).bytesUp > bytesUp + 20_000);

    const asset = await isPrompt('the API', assetOf(id));
    const range = await isPrompt('the replay from the disk', fetch(local(asset.videoUrl), { headers: { range: 'bytes=0-99' } }));
    assert.equal(range.status, 206);
    await range.arrayBuffer();
    assert.equal((await isPrompt('the playlist', fetch(local(asset.playlistUrl)))).status, 200);
    await waitFor('what waits to be counted', async () => await metric('everycast_archive_waiting') === 1 && await metric('everycast_archive_waiting_bytes') >= 40e6, { timeoutMs: 30_000, everyMs: 200 });

    const { code } = await isPrompt('the end of the server', server.stop());
    assert.equal(code, 0, server.log.slice(-2000));
    assert.match(server.log, /stopped/);
    await door.set();
    await server.launch();
    await leavesTheDisk(id);
    assert.equal(front.parts(keyOf(id), 1).length, 1, front.log.join('\n'));
    assert.equal(front.log.filter((line) => line.startsWith(`POST ${keyOf(id)}?uploads`)).length, 1);
    assert.equal(await saved(id), sha256);
  });

  test('resets in the middle of bodies, and refusals: it comes there whole', async () => {
    front.refuses = 3;
    await door.set({ up: { reset_at: 9_000_000 } });
    const { id, sha256 } = await recorded();
    await waitFor('a connection to be torn', async () => (await door.counters()).accepted >= 3 && front.refuses === 0, { timeoutMs: ARCHIVED_MS, describe: () => front.log });
    assert.ok(existsSync(fileOf(id)));
    await door.set();
    await leavesTheDisk(id);
    assert.equal(await saved(id), sha256);
  });

  test('silence: its owner and the operator are told, the server ends in the middle of it, and it is brought when the store is back', async () => {
    await door.set({ up: { stop_reading: true } });
    const { id, sha256 } = await recorded(20);
    await waitFor('the silence to be noticed', async () => await metric('everycast_archive_away_seconds') > 0, { timeoutMs: ARCHIVED_MS, everyMs: 500 });
    const { checks } = await server.api.get('/readyz');
    assert.deepEqual(checks, [{ name: 'database', ok: true }, { name: 'object store', ok: false }]);
    assert.equal((await isPrompt('the replay from the disk', fetch(local((await assetOf(id)).videoUrl), { headers: { range: 'bytes=0-99' } }))).status, 206);
    const { code } = await isPrompt('the end of the server', server.stop());
    assert.equal(code, 0, server.log.slice(-2000));
    await server.launch();
    await door.set();
    await door.reset();
    await leavesTheDisk(id);
    assert.equal(await saved(id), sha256);
    await waitFor('all to be well', async () => (await server.api.get('/readyz')).checks.every(({ ok }) => ok), { timeoutMs: 30_000, everyMs: 500 });
    await waitFor('nothing to wait', async () => await metric('everycast_archive_waiting') === 0, { timeoutMs: 30_000, everyMs: 200 });
  });
});

test('a replay from a store that is gone is refused at once with words, and the next are sent there when it is back', async () => {
  const { id, sha256 } = await recorded(1);
  await leavesTheDisk(id);
  const { videoUrl, playlistUrl } = await assetOf(id);
  const look = () => isPrompt('an answer', fetch(local(videoUrl), { redirect: 'manual' }));
  assert.equal((await look()).status, 302);
  await door.set({ admission: 'closed_port' });
  const refused = await waitFor('a refusal', async () => {
    const answer = await look();
    return answer.status === 503 && answer;
  }, { timeoutMs: ARCHIVED_MS, everyMs: 200 });
  assert.ok(Number(refused.headers.get('retry-after')) >= 5);
  const { error } = await refused.json();
  assert.equal(error.code, 'object_store_away');
  assert.match(error.message, /Nothing of it is lost/);
  assert.equal((await isPrompt('the playlist, which is here', fetch(local(playlistUrl)))).status, 200);
  await door.set();
  await waitFor('players to be sent there again', async () => (await look()).status === 302, { timeoutMs: ARCHIVED_MS, everyMs: 500 });
  assert.equal(await saved(id), sha256);
});
