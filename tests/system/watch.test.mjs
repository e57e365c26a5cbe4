// The watch page and the embeddable player, in a real browser: what a viewer sees from before the show to its end, how soon
// and how far behind life, by a clock in the picture.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import http from 'node:http';
import { after, before, describe, test } from 'node:test';
import { openPage, startBrowser } from '../support/browser.mjs';
import { endLater } from '../support/cleanup.mjs';
import { glassToGlass, publishClock } from '../support/clock_picture.mjs';
import { FULL } from '../support/extent.mjs';
import { Server } from '../support/server.mjs';
import { waitFor } from '../support/wait.mjs';

// What is promised to the one viewer of a quiet machine, and what a busy one may take.
const FIRST_FRAME_MS = FULL ? 1_000 : 3_000;
const LL_HLS_MS = FULL ? 2_000 : 3_000;
const FLV_MS = FULL ? 300 : 1_500;
const WAITS = FULL ? 0 : 2;
const MEASURED_S = FULL ? 20 : 6;

let server;
let user;
let browser;
before(async () => {
  [server, browser] = await Promise.all([Server.start({ settings: { grace_s: 20, requests_per_second: 0 } }), startBrowser()]);
  user = await server.user();
});
after(() => Promise.all([server?.kill(), browser?.close()]));

async function show(options = {}) {
  const { livestream, stream_key: key } = await user.post('/api/v1/livestreams', { title: 'A clock', ...options });
  const playbackId = livestream.playback_id;
  assert.ok(playbackId, 'its owner knows where it will play');
  return { id: livestream.id, playbackId, rtmpUrl: `${server.rtmpUrl}/${key}`, watch: `${server.url}/watch/${playbackId}`, embed: `${server.url}/embed/${playbackId}` };
}
async function onAir(options) {
  const made = await show(options);
  const encoder = publishClock(made.rtmpUrl);
  await waitFor('the stream to be there', async () => {
    const { playback } = await server.api.get(`/api/playback/${made.playbackId}`);
    return playback.live && playback.hlsUrl;
  }, { timeoutMs: 15_000, describe: () => encoder.output.slice(-500) });
  await waitFor('segments', async () => (await fetch(`${server.url}/live/${made.playbackId}/index.m3u8`)).ok, { timeoutMs: 15_000 });
  return { ...made, encoder };
}

const stageOf = (page) => page.evaluate(() => document.querySelector('#player')?.dataset.stage);
const wordsOf = (page) => page.evaluate(() => document.querySelector('.stage')?.innerText ?? '');
const stands = (page, stage, timeoutMs = 15_000) => waitFor(`the stage "${stage}"`, async () => (await stageOf(page)) === stage, { timeoutMs, describe: async () => [await stageOf(page), await wordsOf(page)] });
const position = (page) => page.evaluate(() => document.querySelector('video').currentTime);
async function moves(page, timeoutMs = 15_000) {
  let from;
  await waitFor('the picture to move', async () => {
    const now = await position(page);
    from ??= now;
    return now > from + 0.5;
  }, { timeoutMs, everyMs: 100, describe: async () => [await stageOf(page), await wordsOf(page), await position(page)] });
}
// How long it takes from `act` until the first picture is on the screen.
async function firstFrame(page, act) {
  await page.evaluate(() => {
    const video = document.querySelector('video');
    window.firstPicture = new Promise((resolve) => { video.requestVideoFrameCallback(() => resolve(performance.now())); });
    window.asked = new Promise((resolve) => { document.addEventListener('click', () => resolve(performance.now()), { once: true, capture: true }); });
  });
  await act();
  return page.evaluate(async () => (await window.firstPicture) - (await window.asked));
}
const assertWell = (page) => assert.deepEqual(page.complaints, []);

describe('a show', () => {
  test('is announced, begins by itself, goes on when its encoder returns, and is over when it ends', async () => {
    const made = await show({ title: 'From the beginning', scheduled_at: new Date(Date.now() + 3_600_000).toISOString() });
    const page = await openPage(browser);
    await page.goto(made.watch);
    await stands(page, 'waiting');
    assert.match(await wordsOf(page), /Stream not started[\s\S]*It begins[\s\S]*(59 min|1 h)/);
    assert.equal(await page.textContent('#title'), 'From the beginning');
    assert.equal(await page.isVisible('#badge'), false);

    let encoder = publishClock(made.rtmpUrl);
    await stands(page, 'playing', 20_000);
    await moves(page);
    assert.equal(await page.isVisible('#badge'), true);

    await encoder.kill();
    await stands(page, 'away', 20_000);
    assert.match(await wordsOf(page), /interrupted/);
    encoder = publishClock(made.rtmpUrl);
    await stands(page, 'playing', 20_000);
    await moves(page);
    // Its buffer is filling again, and beside other tests that takes what it takes: how far behind it is, counts.
    const seen = await glassToGlass(page, 3);
    assert.ok(seen.frames > 0 && seen.p50 < 8_000, `live again, not a repetition: ${JSON.stringify(seen)}`);

    await user.post(`/api/v1/livestreams/${made.id}/stop`);
    await stands(page, 'ended', 20_000);
    assert.match(await wordsOf(page), /The stream has ended/);
    assert.equal(await page.isVisible('#badge'), false);
    assertWell(page);
    await encoder.kill();
    await page.context().close();
  });

  test('nobody has heard of is said to be unknown, in the page as in its status', async () => {
    const page = await openPage(browser);
    for (const path of ['/watch/NoSuchStream0000000000', '/watch/%22%3E%3Cscript%3Ealert(1)%3C', '/watch/as_NoSuchRecording00000']) {
      const answer = await page.goto(`${server.url}${path}`);
      assert.equal(answer.status(), 404, path);
      await stands(page, 'unknown');
    }
    assertWell(page);
    await page.context().close();
  });

  test('of hostile names is told as it is called, and nothing runs', async () => {
    const page = await openPage(browser);
    const names = ['<img src=x onerror=alert(1)>"\'><script>alert(2)</script>', '</title></h1><svg/onload=alert(3)>{{constructor.constructor("alert(4)")()}}javascript:alert(5)'];
    for (const title of names) {
      const made = await show({ title, description: `${title}\n${title}` });
      for (const address of [made.watch, `${made.embed}?autoplay`]) {
        await page.goto(address);
        await stands(page, 'waiting');
        assert.equal(await page.title(), title.replace(/\s+/g, ' '));
        assert.equal(await page.evaluate(() => document.querySelectorAll('img[onerror], svg[onload], script:not([src])').length), 0);
      }
      await page.goto(made.watch);
      await waitFor('the title', async () => (await page.textContent('#title')) === title);
    }
    assertWell(page);
    await page.context().close();
  });
});

describe('a stream on the air', () => {
  let air;
  before(async () => {
    air = await onAir();
  });
  after(() => air?.encoder.kill());

  test('shows its first picture soon after play', async (t) => {
    const page = await openPage(browser);
    await page.goto(air.embed);
    await stands(page, 'ready');
    const milliseconds = await firstFrame(page, () => page.click('.big-play'));
    t.diagnostic(`first picture after ${Math.round(milliseconds)} ms`);
    assert.ok(milliseconds <= FIRST_FRAME_MS, `${milliseconds} ms`);
    assertWell(page);
    await page.context().close();
  });

  const ways = [
    { name: 'low-latency HLS', query: '', most: LL_HLS_MS, engine: 'hls' },
    { name: 'FLV over HTTP', query: '?player=flv', most: FLV_MS, engine: 'flv' },
    { name: 'FLV over a WebSocket', query: '?player=flv-ws', most: FLV_MS, engine: 'flv' },
    { name: 'plain HLS', query: '?plain=1', most: 12_000, engine: 'hls' },
  ];
  for (const { name, query, most, engine } of ways) {
    test(`by ${name} plays without a halt and not far behind life`, async (t) => {
      const page = await openPage(browser);
      await page.goto(air.watch + query);
      await stands(page, 'playing', 20_000);
      assert.equal(await page.getAttribute('#player', 'data-engine'), engine);
      await moves(page);
      // Until it has caught up.
      await page.waitForTimeout(5_000);
      const seen = await glassToGlass(page, MEASURED_S);
      t.diagnostic(JSON.stringify(seen));
      assert.ok(seen.frames >= MEASURED_S * (FULL ? 25 : 10), `${seen.frames} pictures in ${MEASURED_S} s`);
      assert.ok(seen.p95 <= most, `${seen.p95} ms behind (95 %)`);
      assert.ok(seen.waits <= WAITS, `it ran dry ${seen.waits} times`);
      assertWell(page);
      await page.context().close();
    });
  }

  test('is steered by keys and buttons, and back at the live edge by one', async () => {
    const page = await openPage(browser);
    await page.goto(air.watch);
    await stands(page, 'playing', 20_000);
    await moves(page);
    const video = (what) => page.evaluate((name) => document.querySelector('video')[name], what);
    await page.keyboard.press('k');
    await waitFor('a pause', () => video('paused'));
    await page.keyboard.press(' ');
    await waitFor('it to play', async () => !(await video('paused')));
    const muted = await video('muted');
    await page.keyboard.press('m');
    assert.equal(await video('muted'), !muted);
    await page.keyboard.press('f');
    await waitFor('full screen', () => page.evaluate(() => document.fullscreenElement?.id === 'player'));
    await page.keyboard.press('f');
    await waitFor('no full screen', () => page.evaluate(() => document.fullscreenElement === null));

    await page.keyboard.press('k');
    await page.waitForTimeout(4_000);
    await page.click('button.live');
    await waitFor('the live edge', () => page.evaluate(() => document.querySelector('button.live').classList.contains('on')), { timeoutMs: 10_000 });
    await moves(page);
    // Each control has a name, and keys reach it.
    const nameless = await page.evaluate(() => [...document.querySelectorAll('button, input, a[href]')].filter((one) => one.checkVisibility() && !(one.getAttribute('aria-label') || one.textContent.trim())).length);
    assert.equal(nameless, 0);
    assertWell(page);
    await page.context().close();
  });

  test('offers the choice of its delay, room for the picture, and its address', async () => {
    const page = await openPage(browser);
    await page.goto(air.watch);
    await stands(page, 'playing', 20_000);
    await moves(page);
    const steady = page.waitForRequest(/index\.m3u8\?.*plain=1/);
    await page.focus('button[aria-label="Picture settings"]');
    await page.keyboard.press('Enter');
    await page.keyboard.press('ArrowDown');
    assert.equal(await page.evaluate(() => document.activeElement.textContent), 'Steady');
    await page.keyboard.press('Enter');
    await steady;
    await stands(page, 'playing', 20_000);
    await moves(page);

    const width = () => page.evaluate(() => document.querySelector('#player').clientWidth);
    const before = await width();
    await page.keyboard.press('t');
    assert.ok((await width()) > before, 'the picture is wider');
    await page.keyboard.press('t');
    assert.equal(await width(), before);

    await page.focus('button[aria-label="Share"]');
    await page.keyboard.press('Enter');
    const [link, code] = await page.evaluate(() => [...document.querySelectorAll('.share input')].map(({ value }) => value));
    assert.equal(link, air.watch);
    assert.ok(code.includes(`src="${air.embed}"`), code);
    await page.keyboard.press('Escape');
    assert.equal(await page.isVisible('.share'), false);
    assertWell(page);
    await page.context().close();
  });

  test('plays without sound where the browser wants a touch first, and offers it', async () => {
    const strict = await startBrowser({ sound: false });
    const page = await openPage(strict);
    // Whatever is asked of the page from here counts as a touch: first it has to begin.
    const began = page.waitForRequest(/\.m4s/);
    await page.goto(air.watch);
    await began;
    await stands(page, 'playing', 20_000);
    await moves(page);
    assert.equal(await page.evaluate(() => document.querySelector('video').muted), true);
    await page.click('text=Unmute');
    assert.equal(await page.evaluate(() => document.querySelector('video').muted), false);
    await moves(page);
    assert.equal(await page.isVisible('text=Unmute'), false);
    await strict.close();
  });

  test('is embedded by any site, and its watch page by none', async () => {
    const page = await openPage(browser);
    const elsewhere = http.createServer((_request, response) => {
      response.setHeader('content-type', 'text/html');
      response.end(`<iframe allow="autoplay; fullscreen" src="${air.embed}?autoplay&muted"></iframe><iframe src="${air.watch}"></iframe>`);
    }).listen(0, '127.0.0.1');
    const ended = endLater(() => elsewhere.close());
    await once(elsewhere, 'listening');
    await page.goto(`http://127.0.0.1:${elsewhere.address().port}/`);
    const frames = () => page.frames().slice(1);
    await waitFor('the embedded player to play', async () => {
      const player = frames().find((frame) => frame.url().includes('/embed/'));
      return player && (await player.evaluate(() => document.querySelector('video')?.currentTime > 0.5));
    }, { timeoutMs: 20_000 });
    assert.ok(!frames().some((frame) => frame.url().includes('/watch/')), 'the watch page is not let in');
    await page.context().close();
    elsewhere.closeAllConnections();
    elsewhere.close();
    ended();
  });

  test('asks for nothing from anybody else', async () => {
    const page = await openPage(browser);
    const foreign = [];
    page.on('request', (request) => { if (!request.url().startsWith(server.url) && !/^(blob|data):/.test(request.url())) foreign.push(request.url()); });
    await page.goto(air.watch);
    await stands(page, 'playing', 20_000);
    await moves(page);
    assert.deepEqual(foreign, []);
    await page.context().close();
  });
});

describe('a stream for token holders', () => {
  test('says so to everybody else, and plays for whoever has the right', async () => {
    const made = await onAirGated();
    const page = await openPage(browser);
    await page.goto(made.watch);
    await stands(page, 'restricted');
    assert.match(await wordsOf(page), /token holders/);
    assert.equal(await page.evaluate(() => document.querySelector('video').currentTime), 0);

    const { livestream } = await user.get(`/api/v1/livestreams/${made.id}`);
    const token = new URL(livestream.hls_url).searchParams.get('token');
    assert.ok(token);
    await page.goto(`${made.watch}?token=${encodeURIComponent(token)}`);
    await stands(page, 'playing', 20_000);
    await moves(page);
    assertWell(page);
    await made.encoder.kill();
    await page.context().close();
  });

  async function onAirGated() {
    const made = await show({ title: 'For holders', token_gate_amount: 5 });
    const encoder = publishClock(made.rtmpUrl);
    await waitFor('the stream to be there', async () => (await user.get(`/api/v1/livestreams/${made.id}`)).livestream.hls_url, { timeoutMs: 15_000 });
    return { ...made, encoder };
  }
});

describe('a recording', () => {
  test('is played from its beginning, and from wherever one wants', async () => {
    const made = await show({ title: 'Kept', record: true });
    const encoder = publishClock(made.rtmpUrl);
    await waitFor('it to be live', async () => (await user.get(`/api/v1/livestreams/${made.id}`)).livestream.status === 'live', { timeoutMs: 15_000 });
    await waitFor('some seconds of it', async () => (await user.get('/api/vod')).assets.some(({ title, duration }) => title === 'Kept' && duration >= 5), { timeoutMs: 30_000, everyMs: 500 });
    await user.post(`/api/v1/livestreams/${made.id}/stop`);
    await encoder.kill();
    const asset = await waitFor('the recording to be ready', async () => (await user.get('/api/vod')).assets.find(({ title, status }) => title === 'Kept' && status === 'ready'), { timeoutMs: 15_000 });

    const page = await openPage(browser);
    await page.goto(`${server.url}/watch/${asset.id}`);
    await stands(page, 'playing', 20_000);
    await moves(page);
    assert.equal(await page.textContent('#title'), 'Kept');
    assert.equal(await page.isVisible('button.live'), false);
    const { length, at } = await page.evaluate(() => ({ length: document.querySelector('video').duration, at: document.querySelector('video').currentTime }));
    assert.ok(Math.abs(length - asset.duration) < 1.5, `${length} s of ${asset.duration}`);
    assert.ok(at < length);
    await page.focus('.seek');
    await page.keyboard.press('Home');
    await waitFor('the beginning', async () => (await position(page)) < 2);
    await page.keyboard.press('End');
    await stands(page, 'ready', 20_000);
    await page.click('.big-play');
    await moves(page);
    assertWell(page);
    await page.context().close();
  });
});
