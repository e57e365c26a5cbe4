// The checker itself: what is right passes, and whatever rule is broken is found.
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import http from 'node:http';
import os from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { endLater } from './cleanup.mjs';
import { checkMedia } from './hls/media.mjs';
import { readPlaylist } from './hls/playlist.mjs';
import { SampleOrigin } from './hls/sample_origin.mjs';
import { RULES, checkHls, describe, mustHoldHls } from './hls_checker.mjs';
import { run } from './process.mjs';

// Two renditions take turns at moving the sample's time: each may see it jump.
async function check(broken, reloads = 24) {
  const origin = new SampleOrigin(broken);
  return checkHls(origin.url, { fetch: origin.fetch, now: origin.now, wait: async () => origin.advance(), seconds: Infinity, reloads, slack: 4 });
}

// Changes of the video's playlist: always, or from its Nth version on, or in that one alone.
const text = (change) => ({ playlist: (playlist, at) => (at.name === 'video' ? change(playlist, at) : playlist) });
const put = (from, to) => text((playlist) => playlist.replaceAll(from, to));
const later = (from, to) => text((playlist, { count }) => (count > 3 ? playlist.replace(from, to) : playlist));
const once = (change) => text((playlist, at) => (at.count === 4 && at.sequence ? change(playlist, at) : playlist));
const ofAudio = (from, to) => ({ playlist: (playlist, { name }) => (name === 'audio' ? playlist.replaceAll(from, to) : playlist) });
const multivariant = (from, to) => ({ multivariant: (playlist) => playlist.replace(from, to) });
const bytes = (kind, change) => ({ bytes: (all, at) => (at.kind === kind && at.name === 'video' && change(all, at) !== false ? all : undefined) });
// The body of a box, wherever it is.
const body = (all, type) => all.indexOf(type, 0, 'latin1') + 4;
const rename = (type, to) => (all) => all.write(to, body(all, type) - 4, 'latin1');
const status = (code, when) => ({ status: (at) => (when(at) ? code : undefined) });
const header = (name, value, kinds) => ({ headers: (headers, { kind }) => kinds.includes(kind) && (value === undefined ? headers.delete(name) : headers.set(name, value)) });
const MEDIA = ['segment', 'part', 'init'];
const notSync = (all) => all.writeUInt32BE(0x1010000, body(all, 'trun') + 20);

// [rule, what breaks it]
const BROKEN = [
  ['encoding', text((playlist) => `\ufeff${playlist}`)],
  ['encoding', put('#EXTINF:2,', '#EXTINF:2,a\u0085title')],
  ['whitespace', put('DURATION:2\n', 'DURATION:2 \n')],
  ['first-line', put('#EXTM3U\n', '')],
  ['tag-value', put('TARGETDURATION:2', 'TARGETDURATION:2.0')],
  ['tag-value', put('TARGETDURATION:2', 'TARGETDURATION:0')],
  ['attribute-list', put('RELOAD=YES,', 'RELOAD=YES, ')],
  ['attribute-list', put('RELOAD=YES,', 'RELOAD=YES,CAN-BLOCK-RELOAD=YES,')],
  ['attribute-list', put('HOLD-BACK=6', 'HOLD-BACK=6,')],
  ['attribute-value', put('INDEPENDENT=YES', 'INDEPENDENT=NO')],
  ['attribute-value', put('DURATION=0.5,', 'DURATION="0.5",')],
  ['attribute-missing', put('DURATION=0.5,', '')],
  ['tag-twice', put('#EXT-X-TARGETDURATION:2\n', '#EXT-X-TARGETDURATION:2\n#EXT-X-TARGETDURATION:2\n')],
  ['tags-mixed', text((playlist) => `${playlist}#EXT-X-STREAM-INF:BANDWIDTH=1\nx.m3u8\n`)],
  ['version', put('VERSION:6', 'VERSION:5')],
  ['version', put('#EXT-X-VERSION:6\n', '')],
  ['version-high', put('VERSION:6', 'VERSION:7')],
  ['target-duration-missing', put('#EXT-X-TARGETDURATION:2\n', '')],
  ['target-duration', put('#EXTINF:2,', '#EXTINF:2.5,')],
  ['extinf-missing', put('#EXTINF:2,\nvideo-14', 'video-14')],
  ['segment-uri-missing', text((playlist) => `${playlist}#EXTINF:2,\n`)],
  ['sequence-order', text((playlist) => playlist.replace(/(#EXT-X-MEDIA-SEQUENCE:\d+\n)([^]*)/, '$2$1'))],
  ['discontinuity-sequence-order', text((playlist) => playlist.replace(/(#EXT-X-DISCONTINUITY-SEQUENCE:\d+\n)([^]*)/, '$2$1'))],
  ['byte-range-offset', put('#EXTINF:2,\nvideo-14', '#EXT-X-BYTERANGE:500\n#EXTINF:2,\nvideo-14')],
  ['part-inf-missing', put('#EXT-X-PART-INF:PART-TARGET=0.5\n', '')],
  ['part-hold-back-missing', put('PART-HOLD-BACK=1.5,', '')],
  ['part-hold-back', put('PART-HOLD-BACK=1.5,', 'PART-HOLD-BACK=0.999,')],
  ['part-hold-back-short', put('PART-HOLD-BACK=1.5,', 'PART-HOLD-BACK=1.499,')],
  ['hold-back', put(',HOLD-BACK=6', ',HOLD-BACK=5.999')],
  ['skip-boundary', put('UNTIL=12', 'UNTIL=11.999')],
  ['skip-dateranges', put('CAN-SKIP-UNTIL=12', 'CAN-SKIP-DATERANGES=YES')],
  ['part-long', put('PART-TARGET=0.5', 'PART-TARGET=0.499')],
  ['part-short', put('PART-TARGET=0.5', 'PART-TARGET=0.589')],
  ['part-order', text((playlist) => playlist.replace(/#EXT-X-PART:.*\n/, '$&#EXT-X-MAP:URI="video-init2.mp4"\n'))],
  ['part-sum', put('#EXTINF:2,', '#EXTINF:1.98,')],
  ['part-old', { partTargets: 4 }],
  ['hint-after-end', text((playlist) => `${playlist}#EXT-X-ENDLIST\n`)],
  ['hint-twice', text((playlist) => playlist.replace(/#EXT-X-PRELOAD-HINT.*\n/, '$&$&'))],
  ['report-uri', put('URI="audio.m3u8"', 'URI="http://sample.invalid/show/audio.m3u8"')],
  ['daterange-undated', text((playlist) => `${playlist.replace(/#EXT-X-PROGRAM.*\n/g, '')}#EXT-X-DATERANGE:ID="a",START-DATE="2026-01-31T12:00:00Z"\n`)],
  ['date-time', put('12:00:28.000Z', '12:00:28.102Z')],
  ['date-time', put('12:00:24.000Z', '12:00:22.999Z')],
  ['date-time-discontinuity', text((playlist) => playlist.replace(/(DISCONTINUITY\n.*\n)#EXT-X-PROGRAM.*\n/, '$1'))],

  ['variant-uri-missing', multivariant('video.m3u8', '')],
  ['group-missing', multivariant('AUDIO="aac"', 'AUDIO="ac3"')],
  ['group-names', multivariant(/#EXT-X-MEDIA.*\n/, '$&#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="aac",NAME="English"\n')],
  ['group-default', multivariant(/#EXT-X-MEDIA.*\n/, '$&#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="aac",NAME="Deutsch",DEFAULT=YES\n')],
  ['autoselect', multivariant('AUTOSELECT=YES', 'AUTOSELECT=NO')],
  ['channels', multivariant('CHANNELS="2",', '')],
  ['codecs-missing', multivariant('CODECS="avc1.640028,mp4a.40.2",', '')],
  ['codecs', multivariant('avc1.640028,', 'hvc1.1.6.L93.B0,')],
  ['codecs', multivariant(',mp4a.40.2', '')],
  ['target-durations-differ', ofAudio('TARGETDURATION:2', 'TARGETDURATION:3')],
  ['server-control-differs', ofAudio('PART-HOLD-BACK=1.5', 'PART-HOLD-BACK=1.6')],
  ['playlist-type-differs', ofAudio('#EXT-X-PART-INF', '#EXT-X-PLAYLIST-TYPE:EVENT\n#EXT-X-PART-INF')],
  ['date-time-missing', ofAudio(/#EXT-X-PROGRAM.*\n/g, '')],

  ['media-sequence-back', once((playlist) => playlist.replace(/(MEDIA-SEQUENCE:)\d+/, '$14'))],
  ['discontinuity-sequence-back', once((playlist) => playlist.replace('DISCONTINUITY-SEQUENCE:7', 'DISCONTINUITY-SEQUENCE:6'))],
  ['discontinuity-number', later('DISCONTINUITY-SEQUENCE:7', 'DISCONTINUITY-SEQUENCE:8')],
  ['segment-changed', later('video-13.m4s', 'video-13.m4s?again')],
  ['segment-changed', later('12:00:26.000Z', '12:00:26.001Z')],
  ['segment-removed', once((playlist, { origin }) => origin.playlist('video', { edge: origin.edge - 8 }))],
  ['removed-too-much', { window: 2 }],
  ['part-changed', later('video-14.2.m4s', 'video-14.2.m4s?again')],
  ['part-changed', text((playlist, { count }) => (count > 3 ? playlist : playlist.replace(/#EXT-X-PART:.*-14\.3.*\n/, '')))],
  ['part-removed', later(/#EXT-X-PART:.*-14\.3.*\n/, '')],
  ['part-removed', later(/(#EXT-X-PART:.*-14\..*\n)+/, '')],
  ['target-duration-changed', later('TARGETDURATION:2', 'TARGETDURATION:3')],
  ['header-changed', later('PART-HOLD-BACK=1.5', 'PART-HOLD-BACK=1.6')],
  ['type-live', put('#EXT-X-PART-INF', '#EXT-X-PLAYLIST-TYPE:EVENT\n#EXT-X-PART-INF')],
  ['vod-changed', put('#EXT-X-PART-INF', '#EXT-X-PLAYLIST-TYPE:VOD\n#EXT-X-PART-INF')],
  ['ended-changed', text((playlist, { origin }) => { origin.advance(); return `${origin.playlist('video')}#EXT-X-ENDLIST\n`; })],
  ['hint-broken', text((playlist) => playlist.replace(/(PRELOAD.*)-(.*)/, '$1-0$2'))],
  ['segment-late', once((playlist, { origin }) => { origin.clock += 8; return playlist; })],
  ['part-late', once((playlist, { origin }) => { origin.clock += 8; return playlist; })],

  ['playlist-unavailable', status(503, ({ kind, count }) => kind === 'playlist' && count === 4)],
  ['blocking-early', { never: { blocks: true } }],
  ['blocking-part-alone', { never: { refuses: true } }],
  ['blocking-far', { never: { refuses: true } }],
  ['delta-missing', { never: { skips: true } }],
  ['delta-unasked', once((playlist, { origin }) => origin.playlist('video', { skips: true }))],
  ['delta-boundary', { skipUntil: 8 }],
  ['delta-differs', text((playlist, { skips }) => (skips ? playlist.replace('#EXTINF:2,', '#EXTINF:2.001,') : playlist))],
  ['delta-differs', text((playlist, { skips }) => (skips ? playlist.replace('#EXT-X-DISCONTINUITY\n', '') : playlist))],
  ['delta-differs', text((playlist, { skips }) => playlist.replace(/(SKIPPED-SEGMENTS=)(\d+)/, (_, key, count) => `${key}${skips ? count - 1 : count}`))],
  ['report-false', text((playlist) => playlist.replace(/LAST-PART=(\d)/, (_, index) => `LAST-PART=${Number(index) + 3}`))],
  ['report-false', text((playlist) => playlist.replace(/LAST-MSN=(\d+)/, (_, msn) => `LAST-MSN=${msn - 1}`))],
  ['report-false', text((playlist) => playlist.replace(/,LAST-MSN=.*/, ',LAST-MSN=1'))],
  ['playlist-type', { extension: '', ...header('content-type', 'text/plain', ['playlist']) }],
  ['gzip', header('content-encoding', undefined, ['playlist'])],
  ['playlist-cache', header('cache-control', 'max-age=60', ['playlist'])],
  ['playlist-cache', header('cache-control', undefined, ['playlist'])],
  ['segment-cache', header('cache-control', 'max-age=11', ['segment'])],
  ['segment-cache', header('cache-control', 'no-cache', ['init'])],
  ['segment-type', header('content-type', 'application/octet-stream', MEDIA)],

  ['segment-unavailable', status(404, ({ file }) => file === 'video-13.m4s')],
  ['segment-unavailable', status(404, ({ file, early }) => file === 'video-15.1.m4s' && !early)],
  ['hint-unavailable', status(404, ({ early }) => early)],
  ['segment-gone', status(410, ({ kind, msn, origin }) => kind === 'segment' && msn < Math.floor(origin.edge / 4) - 10)],
  ['part-gone', status(404, ({ kind, msn, origin }) => kind === 'part' && msn < Math.floor(origin.edge / 4) - 3)],
  ['range', put('#EXTINF:2,\nvideo-14.m4s', '#EXT-X-BYTERANGE:99999@0\n#EXTINF:2,\nvideo-14.m4s')],
  ['map-missing', put(/#EXT-X-MAP.*\n/g, '')],
  ['init', bytes('init', rename('mvex', 'free'))],
  ['init', bytes('init', (all) => { all.write('iso5', 8, 'latin1'); all.write('iso5iso5', 16, 'latin1'); })],
  ['init', bytes('init', (all) => all.writeUInt32BE(1, body(all, 'mvhd') + 16))],
  ['init', bytes('init', (all) => all.writeUInt32BE(1, body(all, 'tkhd') + 20))],
  ['init', bytes('init', (all) => all.writeUInt32BE(1, body(all, 'stsz') + 8))],
  ['init', bytes('init', (all) => all.writeUInt32BE(0, body(all, 'url ')))],
  ['init', bytes('init', (all) => all.writeUInt32BE(1, 0))],
  ['boxes', bytes('segment', rename('mdat', 'mdta'))],
  ['boxes', bytes('segment', (all) => all.writeUInt32BE(1e6, all.length - 158))],
  ['boxes', bytes('part', rename('moof', 'free'))],
  ['tfdt', bytes('segment', rename('tfdt', 'free'))],
  ['moof-relative', bytes('segment', (all) => all.writeUInt32BE(0, body(all, 'tfhd')))],
  ['track', bytes('segment', (all) => all.writeUInt32BE(9, body(all, 'tfhd') + 4))],
  ['continuity', bytes('segment', (all, { msn }) => (msn === 14 ? all.writeUInt32BE(all.readUInt32BE(body(all, 'tfdt') + 8) + 1, body(all, 'tfdt') + 8) : false))],
  ['continuity', bytes('part', (all, { msn, part }) => (msn === 15 && part === 1 ? all.writeUInt32BE(1, body(all, 'tfdt') + 8) : false))],
  ['duration', put('#EXTINF:2,', '#EXTINF:1.96,')],
  ['part-duration', put('DURATION=0.5,', 'DURATION=0.46,')],
  ['part-samples', bytes('part', (all, { msn, part }) => (msn === 14 && part === 2 ? all.writeUInt32BE(11, body(all, 'trun') + 16) : false))],
  ['independent', bytes('part', notSync)],
  ['independent-unsaid', put(',INDEPENDENT=YES', '')],
  ['independent-segments', bytes('segment', notSync)],
];

test('a right Low-Latency show passes', async () => {
  const { violations, counts } = await check({}, 40);
  assert.deepEqual(violations, [], describe(violations));
  // Each of its parts was looked at, and all that is asked for now and then was asked for.
  assert.ok(counts.parts > 60 && counts.segments > 30 && counts.hints > 50 && counts.deltas > 10 && counts.reports > 10, JSON.stringify(counts));
});

test('every rule is broken below', () => {
  const covered = new Set(BROKEN.map(([rule]) => rule));
  assert.deepEqual(Object.keys(RULES).filter((rule) => !covered.has(rule)), []);
});

for (const [index, [rule, broken]] of BROKEN.entries()) {
  test(`${rule} is found (${index})`, async () => {
    const { violations } = await check(broken);
    const found = violations.find((violation) => violation.rule === rule);
    assert.ok(found, `not found among:\n${describe(violations)}`);
    assert.match(found.section, /^(\d+(\.\d+)*|B\.1)$/);
  });
}

test('a violation says where it is', async () => {
  const { violations } = await check(put('TARGETDURATION:2', 'TARGETDURATION:2.0'));
  const { section, level, line, number, url, count } = violations.find(({ rule }) => rule === 'tag-value');
  assert.deepEqual({ section, level, line, number, url }, { section: '4.4.3.1', level: 'MUST', line: '#EXT-X-TARGETDURATION:2.0', number: 3, url: 'http://sample.invalid/show/video.m3u8' });
  assert.ok(count > 10);
});

test('what must hold throws with all that is broken', async () => {
  const origin = new SampleOrigin({ ...put('HOLD-BACK=6', 'HOLD-BACK=5'), ...header('content-encoding', undefined, ['playlist']) });
  const options = { fetch: origin.fetch, now: origin.now, reloads: 3, slack: 4 };
  await assert.rejects(mustHoldHls(origin.url, options), (error) => /MUST 4\.4\.3\.8 hold-back/.test(error.message) && !/gzip/.test(error.message));
});

// After section 9.11: long parts, a segment that ends early for a break, and the break in the making.
test('a playlist as the specification shows one passes', () => {
  const lines = ['#EXTM3U', '#EXT-X-VERSION:3', '#EXT-X-TARGETDURATION:4', '#EXT-X-SERVER-CONTROL:CAN-BLOCK-RELOAD=YES,PART-HOLD-BACK=6.3', '#EXT-X-PART-INF:PART-TARGET=2.1', '#EXT-X-MEDIA-SEQUENCE:90',
    ...[90, 91, 92].flatMap((msn) => ['#EXTINF:4.00008,', `show${msn}.ts`]),
    '#EXT-X-PART:DURATION=2.00004,INDEPENDENT=YES,URI="show93.0.ts"', '#EXT-X-PART:DURATION=2.00004,URI="show93.1.ts"', '#EXTINF:4.00008,', 'show93.ts',
    '#EXT-X-PART:DURATION=2.00004,INDEPENDENT=YES,URI="show94.0.ts"', '#EXT-X-PART:DURATION=0.50001,URI="show94.1.ts"', '#EXTINF:2.50005,', 'show94.ts',
    '#EXT-X-DISCONTINUITY', '#EXT-X-PART:DURATION=2.00004,INDEPENDENT=YES,URI="break95.0.ts"', '#EXT-X-PART:DURATION=2.00004,URI="break95.1.ts"', '#EXTINF:4.00008,', 'break95.ts',
    '#EXT-X-PART:DURATION=2.00004,INDEPENDENT=YES,URI="break96.0.ts"', '#EXT-X-PRELOAD-HINT:TYPE=PART,URI="break96.1.ts"', '#EXT-X-RENDITION-REPORT:URI="/low/index.m3u8",LAST-MSN=96,LAST-PART=1', ''];
  const found = [];
  const say = (...violation) => found.push(violation);
  const playlist = readPlaylist(Buffer.from(lines.join('\r\n')), say);
  checkMedia(playlist, say, { dateTolerance: 0 });
  assert.deepEqual(found, []);
  assert.deepEqual([playlist.nextMsn, playlist.open.discontinuities, playlist.open.parts.length], [96, 1, 1]);
});

// By HTTP: what `answer` makes of a request, {status, headers, bytes}.
async function listen(answer) {
  const server = http.createServer(async (request, response) => {
    const gone = new AbortController();
    response.on('close', () => gone.abort(new Error('gone')));
    const { status, headers, bytes } = await answer(request, gone.signal).catch(() => ({ status: 500, headers: {} }));
    response.writeHead(status, headers);
    response.end(headers['content-encoding'] === 'gzip' ? gzipSync(bytes) : bytes);
  });
  endLater(() => new Promise((resolve) => { server.close(resolve); server.closeAllConnections(); }));
  await new Promise((resolve) => { server.listen(0, '127.0.0.1', resolve); });
  return `http://127.0.0.1:${server.address().port}`;
}

test('a show by HTTP passes', async () => {
  const origin = new SampleOrigin();
  const address = await listen(async ({ url }, signal) => {
    const response = await origin.fetch(new URL(url, origin.url), { signal });
    return { status: response.status, headers: Object.fromEntries(response.headers), bytes: Buffer.from(await response.arrayBuffer()) };
  });
  const { violations, counts } = await checkHls(`${address}/show/index.m3u8?token=secret`, { reloads: 12 });
  assert.deepEqual(violations, [], describe(violations));
  assert.ok(counts.parts > 30 && counts.hints > 15, JSON.stringify(counts));
});

test('who is not there is told of', async () => {
  const { violations } = await checkHls('http://127.0.0.1:1/index.m3u8');
  assert.deepEqual(violations.map(({ rule }) => rule), ['playlist-unavailable']);
});

test('a recording that ffmpeg made passes', async () => {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'everycast-hls-'));
  endLater(() => rmSync(folder, { recursive: true, force: true }));
  await run('ffmpeg', ['-hide_banner', '-nostdin', '-loglevel', 'error', '-f', 'lavfi', '-i', 'testsrc2=size=160x90:rate=25:duration=5', '-f', 'lavfi', '-i', 'sine=frequency=440:sample_rate=48000:duration=5',
    '-c:v', 'libx264', '-preset', 'ultrafast', '-g', '25', '-sc_threshold', '0', '-pix_fmt', 'yuv420p', '-c:a', 'aac', '-b:a', '64k',
    '-f', 'hls', '-hls_time', '2', '-hls_playlist_type', 'vod', '-hls_segment_type', 'fmp4', '-hls_flags', 'independent_segments', '-master_pl_name', 'index.m3u8', path.join(folder, 'video.m3u8')]);
  const address = await listen(async ({ url }) => {
    const file = path.basename(new URL(url, 'http://localhost').pathname);
    const playlist = file.endsWith('.m3u8');
    return {
      status: 200, bytes: readFileSync(path.join(folder, file)),
      headers: playlist ? { 'content-type': 'application/vnd.apple.mpegurl', 'cache-control': 'max-age=1', 'content-encoding': 'gzip' } : { 'content-type': 'video/mp4', 'cache-control': 'max-age=31536000, immutable' },
    };
  });
  const { violations, counts } = await checkHls(`${address}/index.m3u8`);
  // It says version 7 where 6 would do.
  assert.deepEqual(violations.filter(({ rule }) => rule !== 'version-high'), [], describe(violations));
  assert.deepEqual(counts, { reloads: 2, segments: 3, parts: 0, hints: 0, deltas: 0, reports: 0 });
});
