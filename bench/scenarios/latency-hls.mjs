// From lens to eye in Chromium: the encoder draws the time into each picture, and the page that plays reads it back from
// what it shows.
import { setTimeout as pause } from 'node:timers/promises';
import { waitFor } from '../../tests/support/wait.mjs';
import { bound, median } from '../lib/judge.mjs';
import { watch } from '../lib/measure.mjs';
import { everycast } from '../lib/systems.mjs';

const LONG_S = 600;
const SHORT_S = 60;
const SETTLE_MS = 5_000;
const OPENED = 5;

const LL_HLS = 'LL-HLS, hls.js';
const FLV = 'HTTP-FLV, mpegts.js';
const WAYS = [
  { way: LL_HLS, query: 'player=hls', seconds: LONG_S },
  { way: FLV, query: 'player=flv', seconds: LONG_S },
  { way: 'WebSocket-FLV, mpegts.js', query: 'player=flv-ws', seconds: SHORT_S },
  { way: 'HLS without low latency, hls.js', query: 'player=hls&plain', seconds: SHORT_S },
];

// Runs in the page before anything else: when it was told to play, and when it first showed a picture.
function noteFirstPicture() {
  const noted = { played: undefined, shown: undefined };
  window.firstPicture = noted;
  document.addEventListener('play', ({ target }) => {
    noted.played ??= performance.now();
    target.requestVideoFrameCallback((now) => { noted.shown ??= now; });
  }, true);
}

async function open({ openPage, browser, url }) {
  const page = await openPage(browser);
  await page.addInitScript(noteFirstPicture);
  await page.goto(url);
  const { played, shown } = await waitFor('the first picture', async () => {
    const noted = await page.evaluate(() => window.firstPicture);
    return noted.shown !== undefined && noted;
  }, { timeoutMs: 20_000, everyMs: 100 });
  return { page, afterPlay: shown - played, afterOpening: shown };
}

const round = Math.round;

async function measureWay({ way, query, seconds, quick, browser, support, system, child }) {
  const { openPage, glassToGlass } = support;
  const url = `${system.server.url}/embed/${system.playbackId}?autoplay&muted&${query}`;
  const firsts = [];
  for (let n = 0; n < OPENED; n += 1) {
    const { page, afterPlay, afterOpening } = await open({ openPage, browser, url });
    firsts.push({ afterPlay, afterOpening });
    await page.context().close();
  }
  const { page } = await open({ openPage, browser, url });
  await pause(SETTLE_MS);
  const length = quick ? 15 : seconds;
  const [seen, watched] = await Promise.all([glassToGlass(page, length), watch({ server: system.pids, encoder: child.pid }, length)]);
  const { complaints } = page;
  await page.context().close();
  return { way, seconds: length, ...seen, firsts, complaints, cores: watched.cores, machineCores: watched.machineCores };
}

const row = ({ way, seconds, frames, p50, p95, max, waits, longestGapMs, firsts, cores, machineCores }) => ({
  way,
  seconds,
  'p50, ms': p50,
  'p95, ms': p95,
  'longest, ms': max,
  pictures: frames,
  stalls: waits,
  'longest time between pictures, ms': round(longestGapMs),
  'first picture after play, ms': firsts.map(({ afterPlay }) => round(afterPlay)).join(', '),
  'after the page was opened, median, ms': round(median(firsts.map(({ afterOpening }) => afterOpening))),
  'server, cores': Number(cores.server.toFixed(3)),
  'machine, cores': Number(machineCores.toFixed(2)),
});

export default [{
  name: 'latency-hls',
  title: 'From lens to eye in Chromium, by a clock in the picture',
  async run({ quick, log }) {
    const support = { ...await import('../../tests/support/browser.mjs'), ...await import('../../tests/support/clock_picture.mjs') };
    const system = await everycast({ places: 0 });
    const browser = await support.startBrowser();
    const child = support.publishClock(`${system.url}/${system.key}`);
    const runs = [];
    try {
      // The show runs, and nobody has asked for it yet: the first viewer finds nothing ready.
      await waitFor('the show to be live', async () => (await system.user.get('/api/live/status')).isLive, { everyMs: 250 });
      await pause(SETTLE_MS);
      for (const way of WAYS) {
        runs.push(await measureWay({ ...way, quick, browser, support, system, child }));
        log(JSON.stringify(row(runs.at(-1))));
      }
    } finally {
      await child.kill();
      await browser.close();
      await system.stop();
    }
    const [hls, flv, , plain] = runs;
    return {
      runs,
      bounds: [
        bound('LL-HLS p95, ms', hls.p95, '≤', 2_000),
        bound('HTTP-FLV p95, ms', flv.p95, '≤', 300),
        bound('first picture by LL-HLS after play, longest, ms', Math.max(...hls.firsts.map(({ afterPlay }) => afterPlay)), '≤', 1_000),
        bound('stalls of both', hls.waits + flv.waits, '=', 0),
        bound('pictures a second without low latency', plain.frames / plain.seconds, '≥', 25),
      ],
      rows: runs.map(row),
    };
  },
}];
