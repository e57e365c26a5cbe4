// The player's own reasoning, without a browser: words, addresses, how long to wait, how fast to catch up.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ownAddress, pageOptions, shareAddresses, watchAddress, withQuery } from '../../web/player/src/address.js';
import { Backoff } from '../../web/player/src/backoff.js';
import { Cushion, rateFor } from '../../web/player/src/chase.js';
import { frameCode } from '../../web/player/src/share.js';
import { moment, playingTime, seconds, timeLeft } from '../../web/player/src/words.js';
import { clockBits } from '../support/clock_picture.mjs';

const HERE = 'https://live.example/embed/abc?token=t1&autoplay&muted=0&player=flv';

test('what is left to a show is told in its two largest units, and nothing once it is over', () => {
  const rows = [[0, ''], [-5, ''], [NaN, ''], [400, '1 s'], [59_000, '59 s'], [60_000, '1 min 00 s'], [249_000, '4 min 09 s'], [3_600_000, '1 h 00 min'], [7_980_000, '2 h 13 min'], [90_000_000, '1 d 1 h'], [864_000_000, '10 d 0 h']];
  for (const [left, text] of rows) assert.equal(timeLeft(left), text, `${left} ms`);
});

test('times of a recording, and delays', () => {
  for (const [value, text] of [[0, '0:00'], [65.9, '1:05'], [3_600, '1:00:00'], [3_723, '1:02:03'], [NaN, '0:00'], [Infinity, '0:00']]) assert.equal(playingTime(value), text);
  assert.deepEqual([seconds(0.184), seconds(1.44)], ['0.18 s', '1.4 s']);
  assert.equal(moment('no time'), '');
});

test('a page knows its stream from the server and everything else from its address', () => {
  const body = { dataset: { id: 'abc', kind: 'live' } };
  assert.deepEqual(pageOptions(body, new URL(HERE)), { id: 'abc', recording: false, token: 't1', autoplay: true, muted: false, engine: 'flv', plain: false });
  assert.equal(watchAddress(new URL(HERE)), '/watch/abc?token=t1&autoplay&muted=0&player=flv');
});

test('media are asked for where the page is, and nobody else is', () => {
  assert.equal(ownAddress('http://other.example:8000/live/x/index.m3u8?token=1', HERE), 'https://live.example/live/x/index.m3u8?token=1');
  assert.equal(ownAddress('/vod/as_1/index.m3u8', HERE), 'https://live.example/vod/as_1/index.m3u8');
  assert.equal(ownAddress('https://tracker.example/pixel.png', HERE), undefined);
  assert.equal(ownAddress('javascript:alert(1)', HERE), undefined);
  assert.equal(ownAddress(null, HERE), undefined);
});

test('a right in the address stays, and one that is missing is added', () => {
  assert.equal(withQuery('/live/x.flv', { token: 'a b', plain: '' }, HERE), 'https://live.example/live/x.flv?token=a+b');
  assert.equal(withQuery('https://live.example/live/x.flv?token=new', { token: 'old' }, HERE), 'https://live.example/live/x.flv?token=new');
});

test('tries grow rarer up to a bound, and are not everybody\'s at once', () => {
  const steady = new Backoff({ firstMs: 500, mostMs: 4_000, random: () => 0.5 });
  assert.deepEqual([1, 2, 3, 4, 5].map(() => steady.next()), [500, 1_000, 2_000, 4_000, 4_000]);
  steady.reset();
  assert.equal(steady.next(), 500);
  const spread = [0, 0.999].map((value) => new Backoff({ firstMs: 1_000, random: () => value }).next());
  assert.deepEqual(spread.map(Math.round), [750, 1250]);
});

test('the more has gathered the faster it plays, and slower where it would run dry', () => {
  assert.ok(rateFor(-0.08) < 1 && rateFor(0) === 1);
  const rates = [-0.1, 0, 0.05, 0.15, 0.3, 1.4].map(rateFor);
  assert.deepEqual(rates, [...rates].sort((one, other) => one - other));
  assert.ok(rates.at(-1) <= 1.25);
});

test('who runs dry keeps more, up to a bound, and less again when all is well', () => {
  const cushion = new Cushion(0);
  const least = cushion.at(100_000);
  cushion.ranDry(100_000);
  assert.ok(cushion.at(100_001) > least);
  for (let n = 0; n < 100; n += 1) cushion.ranDry(100_000);
  assert.ok(cushion.at(100_001) <= 0.6);
  for (let n = 1; n < 100; n += 1) cushion.at(100_000 + n * 31_000);
  assert.equal(cushion.at(100_001 + 100 * 31_000), least);
});

test('a clock in a picture is 40 bits with a check in them', () => {
  const bits = clockBits(2 ** 32 * 400 + 0x0f000001);
  assert.equal(bits.length, 40);
  assert.equal(bits.slice(0, 32).join(''), '00001111000000000000000000000001');
  assert.equal(parseInt(bits.slice(32).join(''), 2), 0xa5 ^ 0x0f ^ 0x01);
});

test('what is given away is the page and the frame around it, never the right to watch', () => {
  assert.deepEqual(shareAddresses(new URL(HERE)), { link: 'https://live.example/watch/abc', embed: 'https://live.example/embed/abc' });
  assert.match(frameCode('https://live.example/embed/abc?a=1&b="><script>'), /src="https:\/\/live\.example\/embed\/abc\?a=1&amp;b=&quot;><script>"/);
});
