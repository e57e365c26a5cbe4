// Live HLS as players see it: shows that break off, change and come back, a server that is killed, readers that are slow, and
// what questions of every kind are answered with. The rules of the specification are held by ../support/hls_checker.mjs.
import assert from 'node:assert/strict';
import { request } from 'node:http';
import net from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { gunzipSync } from 'node:zlib';
import { after, before, describe, test } from 'node:test';
import { endLater } from '../support/cleanup.mjs';
import { slack } from '../support/extent.mjs';
import { Follower, mediaUrlOf, readMedia } from '../support/hls/follower.mjs';
import { checkHls, describe as told, mustHoldHls } from '../support/hls_checker.mjs';
import { playByFfmpeg } from '../support/players.mjs';
import { encodeShow, publishMessages } from '../support/real_media.mjs';
import { Server } from '../support/server.mjs';
import { waitFor } from '../support/wait.mjs';

const TARGET_S = 2;
// A media playlist and its files may be late on a busy machine by this.
const LATE_S = slack(0.5, 4);
// What an encoder that is away is the reason of.
const AWAY = ['segment-late', 'part-late', 'playlist-unavailable'];

let server;
let owner;
let plain;
const encoders = [];
before(async () => {
  [server, plain] = await Promise.all([Server.start({ settings: { requests_per_second: 0, grace_s: 20 } }), encodeShow({ seconds: 60 })]);
  owner = await server.user();
});
after(async () => {
  await Promise.all(encoders.map((encoder) => encoder.kill()));
  await server?.kill();
});

async function publish(key, messages, on = server) {
  const encoder = await publishMessages(on.rtmpUrl, key, messages);
  encoders.push(encoder);
  return encoder;
}
async function onAir(messages = plain, { on = server, api = owner } = {}) {
  const { livestream, stream_key: key } = await api.post('/api/v1/livestreams', { title: 'A show' });
  const base = `${on.url}/live/${livestream.playback_id}`;
  const show = { id: livestream.id, key, base, index: `${base}/index.m3u8`, encoder: await publish(key, messages, on) };
  await waitFor('the show to play', async () => (await fetch(show.index)).ok, { timeoutMs: 25_000 });
  return show;
}
// An answer as it is on the wire: fetch() would unpack it.
function rawGet(address, headers) {
  return new Promise((resolve, reject) => {
    request(address, { headers }, (response) => {
      const chunks = [];
      response.on('data', (chunk) => chunks.push(chunk)).on('end', () => resolve({ headers: response.headers, body: Buffer.concat(chunks) }));
    }).on('error', reject).end();
  });
}
const segmentsAre = (follower, what, accepts, timeoutMs = 25_000) => waitFor(what, () => accepts(follower.list), {
  timeoutMs, everyMs: 100, describe: () => [follower.list.map(({ msn, map, discontinuity }) => [msn, map, discontinuity]), follower.statuses, follower.complaints],
});
const behindBreak = (list) => list.slice(list.findLastIndex(({ discontinuity }) => discontinuity));
function assertClean({ violations, counts }, without = []) {
  const broken = violations.filter(({ level, rule }) => level !== 'SHOULD' && !without.includes(rule));
  assert.equal(told(broken), '');
  assert.ok(counts.segments > 2 && counts.parts > 2, JSON.stringify(counts));
}

// What players are given when the first encoder goes and `second` comes: the checker's word, and what was decoded on both sides.
async function changeOver(first, second, most) {
  const show = await onAir(first);
  const follower = await Follower.start(show.index);
  await segmentsAre(follower, 'two segments', (list) => list.length >= 2);
  const checked = checkHls(show.index, { seconds: 10, slack: LATE_S });
  await pause(1_000);
  await show.encoder.kill();
  await pause(1_500);
  show.encoder = await publish(show.key, second);
  await segmentsAre(follower, 'segments behind the break', (list) => follower.discontinuities > 0 && behindBreak(list).length >= 2 && (most === 1 || behindBreak(list)[0].map !== list[0].map));
  assertClean(await checked, AWAY);
  await follower.stop();
  await show.encoder.kill();
  assert.deepEqual(follower.complaints, []);
  // Until it is clear what the new encoder sends, its sound may stand by itself.
  assert.ok(follower.discontinuities <= most, JSON.stringify(follower.list.map(({ msn, map, discontinuity, duration }) => [msn, map, discontinuity, duration])));
  const numbers = follower.list.map(({ msn }) => msn);
  assert.deepEqual(numbers, numbers.map((_, n) => numbers[0] + n), 'no number is left out');
  const runs = await follower.decoded();
  for (const { map, errors } of runs) assert.equal(errors, '', map);
  return { runs, list: follower.list };
}
const tracksOf = ({ streams }) => streams.map(({ codec_name: codec, width }) => `${codec}${width ?? ''}`);

// Beside each other: most of their time is media at its own pace.
describe('live HLS', { concurrency: true }, () => {
  describe('a show', { concurrency: true }, () => {
    test('keeps every rule', async () => {
      const show = await onAir();
      const { counts } = await mustHoldHls(show.index, { seconds: 9, slack: LATE_S });
      assert.ok(counts.segments >= 4 && counts.parts >= 20 && counts.hints >= 10 && counts.deltas > 0, JSON.stringify(counts));
      const shown = await playByFfmpeg(show.index, { seconds: 4 });
      assert.deepEqual(shown.complaints, []);
      await show.encoder.kill();
    });

    test('goes on behind one discontinuity when its encoder returns', async () => {
      const { runs } = await changeOver(plain, plain, 1);
      for (const run of runs) assert.deepEqual(tracksOf(run), ['h264320', 'aac']);
    });

    test('goes on with a new map in another size', async () => {
      const { runs } = await changeOver(plain, await encodeShow({ size: '1280x720', kbps: 1500 }), 2);
      assert.deepEqual(runs.map(tracksOf), [['h264320', 'aac'], ['h2641280', 'aac']]);
    });

    test('goes on with a new map without pictures', async () => {
      const { runs } = await changeOver(plain, await encodeShow({ seconds: 40, video: false }), 2);
      assert.deepEqual(runs.map(tracksOf), [['h264320', 'aac'], ['aac']]);
    });

    test('gets its sound when that comes late', async () => {
      const show = await onAir(await encodeShow({ seconds: 30, audioFrom: 6 }));
      const follower = await Follower.start(show.index);
      const checked = checkHls(show.index, { seconds: 9, slack: LATE_S });
      await segmentsAre(follower, 'segments with sound', (list) => follower.discontinuities > 0 && behindBreak(list).length >= 2);
      // Who asked before the sound came was told of none.
      assertClean(await checked, ['segment-late', 'part-late', 'codecs']);
      assert.match(await (await fetch(show.index)).text(), /CODECS="avc1\.[^"]+,mp4a\.40\.2"/);
      await follower.stop();
      await show.encoder.kill();
      const runs = await follower.decoded();
      assert.deepEqual(runs.map(({ errors }) => errors).filter(Boolean), []);
      assert.deepEqual(runs.map(tracksOf), [['h264320'], ['h264320', 'aac']]);
    });
  });

  describe('a show without keyframes', () => {
    test('stays playable, in segments of one length', async () => {
      const show = await onAir(await encodeShow({ seconds: 45, gop: 1_350 }));
      const follower = await Follower.start(show.index);
      await segmentsAre(follower, 'two segments', (list) => list.length >= 2, 40_000);
      await follower.stop();
      await show.encoder.kill();
      for (const { duration } of follower.list) assert.ok(Math.round(duration) <= follower.last.targetDuration / 1e6, `${duration} s`);
      assert.deepEqual(follower.complaints, []);
      assert.equal(follower.discontinuities, 0);
      assert.deepEqual((await follower.decoded()).map(({ errors }) => errors), ['']);
    });
  });

  describe('questions', { concurrency: true }, () => {
    let show;
    let media;
    let names;
    before(async () => {
      show = await onAir();
      media = await mediaUrlOf(show.index);
      await waitFor('a segment', async () => (await readMedia(media)).playlist.segments.length > 0, { timeoutMs: 15_000 });
      const { playlist } = await readMedia(media);
      const segment = playlist.segments.at(-1);
      names = { segment: segment.uri, part: segment.parts[0].uri, init: segment.map.uri };
    });
    after(() => show?.encoder.kill());
    const file = (name, options) => fetch(`${show.base}/${name}`, options);

    test('about the future are refused, and those about a show that stops are answered', async () => {
      const own = await onAir();
      const address = await mediaUrlOf(own.index);
      const ask = (query) => readMedia(`${address}&${query}`);
      const { playlist } = await waitFor('a segment', async () => {
        const answer = await readMedia(address);
        return answer.playlist.segments.length > 0 && answer;
      }, { timeoutMs: 15_000 });
      for (const query of [`_HLS_msn=${playlist.nextMsn + 3}`, `_HLS_msn=${playlist.nextMsn + 100}&_HLS_part=0`, '_HLS_msn=99999999999999999999', '_HLS_msn=-1', '_HLS_msn=x', '_HLS_part=0', `_HLS_msn=${playlist.nextMsn}&_HLS_part=1e3`]) {
        assert.equal((await ask(query)).status, 400, query);
      }
      await own.encoder.kill();
      await waitFor('the last part', async () => {
        const before = (await readMedia(address)).playlist;
        await pause(700);
        const now = (await readMedia(address)).playlist;
        return before.nextMsn === now.nextMsn && before.open.parts.length === now.open.parts.length;
      });
      const { nextMsn } = (await readMedia(address)).playlist;
      const began = performance.now();
      const answer = await ask(`_HLS_msn=${nextMsn + 1}`);
      const seconds = (performance.now() - began) / 1000;
      assert.ok(answer.status === 503 || answer.playlist?.ended, `${answer.status}`);
      assert.ok(seconds <= 3 * TARGET_S + LATE_S, `${seconds} s`);

      // Its owner ends it: whoever waits is told so at once.
      const waiting = ask(`_HLS_msn=${nextMsn + 1}`);
      await pause(200);
      await owner.post(`/api/v1/livestreams/${own.id}/stop`);
      const last = await waiting;
      assert.ok(last.playlist?.ended || last.status === 404, `${last.status}`);
    });

    test('by names that there are not find nothing', async () => {
      const url = new URL(show.base);
      const ask = (path) => new Promise((resolve, reject) => {
        const socket = net.connect(Number(url.port), url.hostname, () => socket.end(`GET ${path} HTTP/1.1\r\nHost: ${url.host}\r\nConnection: close\r\n\r\n`));
        let text = '';
        socket.setEncoding('latin1').on('data', (data) => { text += data; }).on('end', () => resolve(Number(text.split(' ')[1]))).on('error', reject);
      });
      const number = names.segment.split('.')[0];
      for (const name of ['../../etc/passwd', '%2e%2e/%2e%2e/etc/passwd', '..%2f..%2fetc%2fpasswd', `0${names.segment}`, `+${names.segment}`, `-${names.segment}`, `${number}.m4s.mp4`, `${number}.-1.m4s`, `${number}.00.m4s`,
        `${number}.m4s/`, `${number}.M4S`, `${number}.ts`, '18446744073709551616.m4s', '0.m4s', '0.mp4', '.m4s', 'm4s', '', '%00.m4s', `${names.segment}%00`, 'media.m3u8%2f..', 'index.m3u8.bak', '\\..\\x', 'a'.repeat(4000)]) {
        const status = await ask(`${url.pathname}/${name}`);
        assert.ok([400, 404, 414].includes(status) || (name.length > 1000 && status === 431), `${name.slice(0, 60)}: ${status}`);
      }
      assert.equal((await fetch(`${server.url}/live/NoSuchStream0000000000/index.m3u8`)).status, 404);
    });

    test('are answered with what any page and any cache needs to know', async () => {
      const kinds = {
        'index.m3u8': { status: 200, type: 'application/vnd.apple.mpegurl', cache: /^private, no-cache$/ },
        'media.m3u8': { status: 200, type: 'application/vnd.apple.mpegurl', cache: /^public, max-age=1$/ },
        'plain.m3u8': { status: 200, type: 'application/vnd.apple.mpegurl', cache: /^public, max-age=1$/ },
        [names.segment]: { status: 200, type: 'video/mp4', cache: /^public, max-age=31536000, immutable$/ },
        [names.part]: { status: 200, type: 'video/mp4', cache: /^public, max-age=31536000, immutable$/ },
        [names.init]: { status: 200, type: 'video/mp4', cache: /^public, max-age=31536000, immutable$/ },
        '1.m4s': { status: 404 },
      };
      for (const [name, { status, type, cache }] of Object.entries(kinds)) {
        for (const method of ['GET', 'HEAD']) {
          const response = await file(name, { method, headers: { origin: 'https://elsewhere.example' } });
          const body = await response.arrayBuffer();
          const told = (header) => response.headers.get(header) ?? '';
          assert.equal(response.status, status, name);
          assert.equal(told('access-control-allow-origin'), '*', name);
          assert.match(told('access-control-expose-headers'), /Content-Range/, name);
          assert.equal(told('x-content-type-options'), 'nosniff', name);
          if (method === 'HEAD') assert.equal(body.byteLength, 0, name);
          if (type) assert.equal(told('content-type'), type, name);
          if (cache) assert.match(told('cache-control'), cache, name);
          else assert.doesNotMatch(told('cache-control'), /immutable|max-age=[1-9]\d\d/, name);
        }
        const asked = await file(name, { method: 'OPTIONS', headers: { origin: 'https://elsewhere.example', 'access-control-request-method': 'GET', 'access-control-request-headers': 'range' } });
        assert.ok(asked.ok, `${name}: ${asked.status}`);
        assert.match(asked.headers.get('access-control-allow-headers') ?? '', /range/i, name);
      }
    });

    test('for a compressed playlist, a range, or what is new get just that', async () => {
      // One that is so short that it fits a packet is not worth it.
      const zipped = await waitFor('a compressed playlist', async () => {
        const answer = await rawGet(media, { 'accept-encoding': 'gzip' });
        return answer.headers['content-encoding'] === 'gzip' && answer;
      });
      assert.match(zipped.headers.vary ?? '', /accept-encoding/i);
      assert.match(gunzipSync(zipped.body).toString(), /^#EXTM3U\n/);
      const flat = await rawGet(media, {});
      assert.equal(flat.headers['content-encoding'], undefined);
      assert.match(flat.body.toString(), /^#EXTM3U\n/);

      const whole = Buffer.from(await (await file(names.segment)).arrayBuffer());
      for (const [range, from, to] of [['bytes=0-99', 0, 100], ['bytes=100-', 100, whole.length], ['bytes=-10', whole.length - 10, whole.length]]) {
        const part = await file(names.segment, { headers: { range } });
        assert.equal(part.status, 206, range);
        assert.equal(part.headers.get('content-range'), `bytes ${from}-${to - 1}/${whole.length}`);
        assert.ok(Buffer.from(await part.arrayBuffer()).equals(whole.subarray(from, to)), range);
      }
      assert.equal((await file(names.segment, { headers: { range: `bytes=${whole.length}-` } })).status, 416);

      for (const name of [names.segment, names.part, names.init]) {
        const etag = (await file(name)).headers.get('etag');
        const again = await file(name, { headers: { 'if-none-match': etag } });
        assert.equal(again.status, 304, name);
        assert.equal((await again.arrayBuffer()).byteLength, 0);
        assert.equal((await file(name, { headers: { 'if-none-match': '"other"' } })).status, 200);
      }
    });
  });

  describe('players', { concurrency: true }, () => {
    test('that take a byte a second cost the others nothing', async () => {
      const show = await onAir();
      const media = await mediaUrlOf(show.index);
      const { playlist } = await waitFor('a segment', async () => {
        const answer = await readMedia(media);
        return answer.playlist.segments.length > 0 && answer;
      }, { timeoutMs: 15_000 });
      const url = new URL(playlist.segments.at(-1).uri, media);
      // Each asks for more than the sockets between hold.
      const slow = Array.from({ length: 20 }, () => {
        const socket = net.connect(Number(url.port), url.hostname);
        const ended = endLater(() => socket.destroy());
        socket.on('error', () => {}).on('close', ended).on('readable', () => {});
        socket.write(`GET ${url.pathname} HTTP/1.1\r\nHost: ${url.host}\r\n\r\n`.repeat(60));
        const timer = setInterval(() => socket.read(1), 1_000);
        return { socket, end: () => { clearInterval(timer); socket.destroy(); } };
      });
      const { counts } = await mustHoldHls(show.index, { seconds: 7, slack: LATE_S });
      assert.ok(counts.segments >= 3, JSON.stringify(counts));
      for (const one of slow) one.end();
      await show.encoder.kill();
    });

    test('are counted within ten seconds, and no longer when they leave', async () => {
      const show = await onAir();
      const begin = async () => {
        const media = await mediaUrlOf(show.index);
        const timer = setInterval(() => fetch(media).then((answer) => answer.arrayBuffer()).catch(() => {}), 1_000);
        const ended = endLater(() => clearInterval(timer));
        return () => { clearInterval(timer); ended(); };
      };
      const counted = (wanted) => waitFor(`${wanted} viewers`, async () => (await server.api.get(`/api/v1/livestreams/${show.id}/status`)).viewer_count === wanted, {
        timeoutMs: 10_000 + slack(1_000, 5_000), everyMs: 200, describe: async () => (await server.api.get(`/api/v1/livestreams/${show.id}/status`)).viewer_count,
      });
      const ends = [await begin(), await begin()];
      await counted(2);
      ends[0]();
      await counted(1);
      ends[1]();
      await counted(0);
      await show.encoder.kill();
    });

    test('see the end when the owner ends the show', async () => {
      const show = await onAir();
      const media = await mediaUrlOf(show.index);
      const { playlist } = await readMedia(media);
      const waiting = readMedia(`${media}&_HLS_msn=${playlist.nextMsn}`);
      await pause(200);
      await owner.post(`/api/v1/livestreams/${show.id}/stop`);
      const last = await waiting;
      assert.equal(last.status, 200);
      await waitFor('the end', async () => (await readMedia(media)).playlist?.ended);
    });
  });

  describe('a server that is killed', () => {
    test('goes on with greater numbers when it is back', async () => {
      const own = await Server.start({ settings: { requests_per_second: 0, restart_grace_s: 60 } });
      const api = await own.user();
      const show = await onAir(plain, { on: own, api });
      const follower = await Follower.start(show.index);
      await segmentsAre(follower, 'two segments', (list) => list.length >= 2);
      const before = follower.last;
      await own.kill();
      await own.launch();
      await show.encoder.kill();
      await publish(show.key, plain, own);
      await segmentsAre(follower, 'segments of the second run', (list) => list.filter(({ msn }) => msn >= before.nextMsn).length >= 2);
      assert.ok(follower.last.mediaSequence > before.mediaSequence);
      await follower.stop();
      assert.deepEqual(follower.complaints, []);
      for (const { map, errors } of await follower.decoded()) assert.equal(errors, '', map);
      assertClean(await checkHls(show.index, { seconds: 4, slack: LATE_S }));
      await own.kill();
    });
  });
});
