// The web app in a real browser: a creator's way from the first run to the replay, what a fan sees of it, and what no page may
// do to anybody: throw, complain, fail a request, show what is another's, or shut out keyboards and screen readers.
//
// EVERYCAST_PICTURES=FOLDER: pictures of the main pages are left there, as README.md shows them (docs/images).
import assert from 'node:assert/strict';
import { mkdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { openPage, startBrowser } from '../support/browser.mjs';
import { ffmpegPublish } from '../support/ffmpeg.mjs';
import { NginxRtmp } from '../support/nginx-rtmp.mjs';
import { makeDestination, makeStation, Server } from '../support/server.mjs';
import { waitFor } from '../support/wait.mjs';

const axeSource = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const pictures = process.env.EVERYCAST_PICTURES;
const WAIT_MS = 15_000;
const PHONE = { width: 390, height: 844 };
const DESK = { width: 1280, height: 720 };

let server;
let browser;
let platform;
before(async () => {
  [server, browser, platform] = await Promise.all([Server.start({ admin: false, settings: { requests_per_second: 0, grace_s: 20 } }), startBrowser(), NginxRtmp.start()]);
});
after(() => Promise.all([server?.kill(), browser?.close(), platform?.child.kill()]));

// A page that keeps everything that went wrong on it. `accepts`: answers that belong to the story.
async function open(options = {}) {
  const page = await openPage(browser, { viewport: DESK, ...options });
  page.setDefaultTimeout(WAIT_MS);
  page.accepts = new Set();
  page.on('console', (message) => message.type() === 'error' && !/Failed to load resource/.test(message.text()) && page.complaints.push(`console: ${message.text()}`));
  page.on('response', (response) => {
    if (response.status() >= 400 && !page.accepts.has(response.status())) page.complaints.push(`${response.status()} ${response.request().method()} ${response.url()}`);
  });
  return page;
}
const assertWell = (page) => assert.deepEqual(page.complaints, []);
const go = (page, where) => page.goto(server.url + where);
const text = (page, wanted) => page.getByText(wanted).filter({ visible: true }).first().waitFor();
// Everything that a page asks for at first is there.
async function settled(page) {
  await page.getByRole('main').getByRole('heading').first().waitFor();
  await waitFor('the page to have loaded', async () => (await page.getByRole('status', { name: 'Loading…' }).count()) === 0, { timeoutMs: WAIT_MS, everyMs: 100 });
}
const plays = async (page) => {
  let from;
  await waitFor('the picture to move', async () => {
    const now = await page.evaluate(() => document.querySelector('video')?.currentTime ?? 0);
    from ??= now;
    return now > from + 0.5;
  }, { timeoutMs: 20_000, everyMs: 100 });
};
async function signIn(page, { email, password }) {
  await go(page, '/sign-in');
  await page.getByLabel('E-mail').fill(email);
  await page.getByLabel('Password', { exact: true }).fill(password);
  await page.getByRole('main').getByRole('button', { name: 'Sign in' }).click();
  await page.waitForURL((url) => url.pathname !== '/sign-in');
}

const ada = { email: 'ada@example.org', password: 'a long password of hers', name: 'Ada' };
let adaApi;

describe('a creator', () => {
  test('makes the server hers, adds a platform, goes live, sees it green, red and green again, stops, and finds the replay', { timeout: 180_000 }, async () => {
    const code = /Code +([0-9a-f]+)/.exec(server.log)[1];
    const page = await open();
    // What is asked of a show in the moment of its end is refused: it is not live.
    page.accepts.add(409);
    await go(page, `/setup#${code}`);
    await page.getByLabel('Name').fill(ada.name);
    await page.getByLabel('E-mail').fill(ada.email);
    await page.getByLabel('Password', { exact: true }).fill(ada.password);
    await page.getByRole('button', { name: 'Make my account' }).click();
    await page.getByRole('heading', { name: 'Make a station' }).waitFor();
    await page.getByLabel('Name').fill('Harbour radio');
    assert.ok(!page.url().includes(code), 'the code is out of the address');
    await page.getByRole('button', { name: 'Make the station' }).click();
    await page.getByLabel('Platform', { exact: true }).first().click();
    await page.getByRole('option', { name: 'Custom', exact: false }).click();
    // A whole URL, as platforms give it, is taken apart.
    await page.getByLabel('Server URL').fill(platform.url);
    await page.getByLabel('Stream key', { exact: true }).fill('harbour');
    await page.getByRole('button', { name: 'Add the destination' }).click();
    await text(page, 'Waiting for your encoder…');
    adaApi = await server.signIn(ada.email, ada.password);
    const { stations: [{ id, slug }] } = await adaApi.get('/api/stations');
    const { station } = await adaApi.get(`/api/stations/${id}`);
    assert.ok(!(await page.content()).includes(station.streamKey), 'the key is hidden until it is asked for');
    await page.getByRole('button', { name: 'Show: Stream Key' }).click();
    assert.equal(await page.getByLabel('Stream Key', { exact: true }).inputValue(), station.streamKey);
    const encoder = ffmpegPublish(`${server.rtmpUrl}/${station.streamKey}`, { size: '640x360' });
    await text(page, 'Seen! Your encoder is connected.');

    await go(page, '/dashboard');
    await page.getByRole('button', { name: 'Go live' }).first().click();
    await page.getByLabel('Title').fill('Evening by the water');
    await page.getByLabel('Record this show').check();
    await text(page, /Connected:/);
    await page.getByRole('button', { name: 'Start', exact: true }).click();
    const dialog = page.getByRole('dialog');
    const row = dialog.locator('[data-endpoint]');
    await row.getByText('Connected', { exact: true }).waitFor();
    await page.keyboard.press('Escape');

    // A reload in the middle changes nothing.
    await go(page, '/multistream');
    await text(page, 'Evening by the water');
    await page.reload();
    await text(page, 'Evening by the water');
    const part = page.locator('[data-destination]').first();
    await part.getByText('Connected', { exact: true }).waitFor();
    await waitFor('figures of the destination', async () => /[1-9][\d.]* (kbit|Mbit)\/s/.test(await page.getByRole('main').innerText()), { timeoutMs: WAIT_MS });

    // The platform dies, and comes back.
    await platform.child.kill();
    await part.getByText(/^(Error|Connecting)$/).first().waitFor();
    await part.getByText(/try/i).first().waitFor();
    await platform.launch();
    await part.getByText('Connected', { exact: true }).waitFor({ timeout: 40_000 });

    // A fan, somewhere else, sees it without an account.
    const fan = await open();
    await go(fan, '/');
    await fan.getByText('Evening by the water').first().click();
    await fan.waitForURL(/\/livestreams\//);
    await plays(fan);
    await fan.getByText('LIVE').filter({ visible: true }).first().waitFor();
    await go(fan, `/tv-stations/${slug}`);
    await plays(fan);
    assert.equal(await fan.getByRole('button', { name: 'Go live' }).count(), 0, 'it is not theirs');
    assertWell(fan);
    await fan.context().close();

    await go(page, '/dashboard');
    await page.getByRole('button', { name: /Manage|Go live/ }).first().click();
    await page.getByRole('dialog').getByRole('button', { name: 'Stop' }).click();
    await page.getByRole('button', { name: 'End the show' }).click();
    await page.keyboard.press('Escape');
    await encoder.kill();

    await go(page, '/recordings');
    await page.getByText('Ready').waitFor();
    await page.getByRole('link', { name: 'Evening by the water' }).first().click();
    await page.waitForURL(/\/replays\//);
    await page.locator('video').waitFor({ state: 'attached' });
    await plays(page);
    assertWell(page);
    await page.context().close();
  });

  test('is told what to mend, and nothing of what was typed is lost', async () => {
    const page = await open();
    page.accepts.add(401).add(409).add(422);
    await go(page, '/sign-in');
    await page.getByLabel('E-mail').fill(ada.email);
    await page.getByLabel('Password', { exact: true }).fill('not her password');
    await page.getByRole('main').getByRole('button', { name: 'Sign in' }).click();
    await page.getByRole('alert').first().waitFor();
    assert.equal(await page.getByLabel('E-mail').inputValue(), ada.email);
    assertWell(page);
    await page.context().close();
  });
});

describe('a key', () => {
  test('is made anew after a question, on a show’s page and on a station’s', async () => {
    const { livestream, stream_key: old } = await adaApi.post('/api/v1/livestreams', { title: 'With a new key' });
    const { stations: [{ slug, id }] } = await adaApi.get('/api/stations');
    const before = (await adaApi.get(`/api/stations/${id}`)).station.streamKey;
    const page = await open();
    await signIn(page, ada);
    const anew = async (last) => {
      await page.getByRole('button', { name: /new key…/i }).click();
      await page.getByRole('button', { name: 'Make a new key', exact: true }).click();
      await page.getByRole('button', { name: /^Show: Stream key/i }).click();
      const field = page.getByRole('textbox', { name: 'Stream key', exact: true });
      await waitFor('another key', async () => /^\w{32}$/.test(await field.inputValue()) && (await field.inputValue()) !== last, { timeoutMs: WAIT_MS });
    };
    await go(page, `/artist/livestreams/${livestream.id}`);
    await anew(old);
    assert.notEqual((await adaApi.get(`/api/v1/livestreams/${livestream.id}`)).livestream.stream_key, old);
    await go(page, `/tv-stations/${slug}`);
    await page.getByRole('button', { name: 'Stream key' }).click();
    await anew(before);
    assert.notEqual((await adaApi.get(`/api/stations/${id}`)).station.streamKey, before);
    assertWell(page);
    await page.context().close();
  });
});

describe('two accounts', () => {
  test('never see what is the other’s', async () => {
    await adaApi.post('/api/users', { email: 'bob@example.org', password: 'a password of his own', name: 'Bob', role: 'broadcaster' });
    const page = await open();
    page.accepts.add(404);
    await signIn(page, { email: 'bob@example.org', password: 'a password of his own' });
    const { destinations: [hers] } = await adaApi.get('/api/destinations');
    const { livestreams: [show] } = await adaApi.get('/api/v1/livestreams');
    for (const where of ['/dashboard', '/multistream', '/recordings', '/settings', `/artist/livestreams/${show.id}`, '/admin']) {
      await go(page, where);
      await settled(page);
      const all = await page.content();
      assert.ok(!all.includes(hers.id) && !all.includes('harbour'), `${where} shows nothing of hers`);
    }
    assertWell(page);
    await page.context().close();
  });
});

// What has broken pages before: markup, attributes, addresses, templates, directions, lengths, nothing at all.
const TRICKS = [
  '<script>alert(1)</script>', '"><img src=x onerror=alert(1)>', "'-alert(1)-'", 'javascript:alert(1)', '</title><script>alert(1)</script>', '{{constructor.constructor("alert(1)")()}}', '${alert(1)}',
  '<svg/onload=alert(1)>', '<iframe srcdoc="<script>alert(1)</script>">', '<style>*{display:none}</style>', '&lt;b&gt;&amp;', '%3Cscript%3E', '\u202Eevil\u202C', 'a\u0301'.repeat(20), '\u200B\u200B x', 'W'.repeat(95),
  '👩‍👩‍👧‍👦'.repeat(8), '../../etc/passwd', '__proto__', 'constructor', 'null', '0', '-1', 'NaN', '1e309', '\\u003cscript\\u003e', '<!--', ']]>', '<base href=//evil.example>', '<meta http-equiv=refresh content=0;url=//evil.example>',
];
const TAGS = ['img', 'svg', 'video', 'details', 'iframe', 'object', 'math', 'a', 'input', 'body'];
const HANDLERS = ['onerror', 'onload', 'onclick', 'onfocus', 'onmouseover', 'ontoggle', 'onanimationstart', 'onbegin', 'onpointerenter', 'style', 'src', 'href', 'srcdoc', 'data', 'xlink:href', 'formaction', 'autofocus onfocus'];
// Two hundred in all.
const HOSTILE = [...TRICKS, ...TAGS.flatMap((tag) => HANDLERS.map((handler) => `"'><${tag} ${handler}=javascript:alert(1)>`))];

describe('texts that mean harm', () => {
  test('are shown as they are, on every page', { timeout: 120_000 }, async () => {
    await adaApi.post('/api/users', { email: 'eve@example.org', password: 'a password of evil', name: HOSTILE[0], role: 'admin' });
    const eve = await server.signIn('eve@example.org', 'a password of evil');
    const station = await makeStation(eve, HOSTILE[1]);
    await eve.put(`/api/stations/${station.id}`, { description: TRICKS.join('\n') });
    assert.equal(HOSTILE.length, 200);
    for (const name of HOSTILE) await makeDestination(eve, { url: 'rtmp://192.0.2.1/app', name });
    let show;
    for (const title of HOSTILE) ({ livestream: show } = await eve.post('/api/v1/livestreams', { title, description: title, scheduled_at: new Date(Date.now() + 3_600_000).toISOString() }));
    await eve.post('/api/multistream/profiles', { name: HOSTILE[2] });
    await eve.post('/api/tokens', { name: HOSTILE[3], scopes: ['read'] });
    const page = await open();
    await signIn(page, { email: 'eve@example.org', password: 'a password of evil' });
    for (const where of ['/', '/livestreams', `/livestreams/${show.id}`, `/tv-stations/${station.slug}`, '/dashboard', '/multistream', `/artist/livestreams/${show.id}`, '/recordings', '/connections', '/settings', '/admin']) {
      await go(page, where);
      await settled(page);
      assert.deepEqual(page.complaints, [], where);
      assert.equal(await page.locator('main script, main iframe[srcdoc], main base, main meta').count(), 0, where);
    }
    await go(page, '/multistream');
    await page.getByText(HOSTILE[0], { exact: true }).first().waitFor();
    assertWell(page);
    await page.context().close();
    for (const { id } of (await eve.get('/api/destinations?limit=100')).destinations) await eve.delete(`/api/destinations/${id}`);
  });
});

describe('every page', () => {
  const places = ['/', '/livestreams', '/sign-in', '/sign-up', '/setup', '/dashboard', '/multistream', '/artist/livestreams/create', '/recordings', '/connections', '/settings', '/admin', '/nowhere'];
  for (const scheme of ['dark', 'light']) {
    test(`has nothing that axe calls serious, in the ${scheme} theme`, { timeout: 120_000 }, async () => {
      const page = await open();
      page.accepts.add(404);
      await page.addInitScript((wanted) => localStorage.setItem('everycast.scheme', wanted), scheme);
      const { livestreams: [show] } = await adaApi.get('/api/v1/livestreams');
      const { assets: [asset] } = await adaApi.get('/api/vod');
      const { stations: [{ slug }] } = await adaApi.get('/api/stations');
      const found = [];
      const look = async (where) => {
        await go(page, where);
        await settled(page);
        await page.evaluate(axeSource);
        const { violations } = await page.evaluate(() => window.axe.run(document, { resultTypes: ['violations'] }));
        for (const { id, impact, nodes } of violations) if (['serious', 'critical'].includes(impact)) found.push(`${where}: ${id}: ${nodes.map(({ html }) => html.slice(0, 160)).slice(0, 3).join(' | ')}`);
      };
      for (const where of places.slice(0, 5)) await look(where);
      await signIn(page, ada);
      for (const where of [...places.slice(5), `/livestreams/${show.id}`, `/artist/livestreams/${show.id}`, `/replays/${asset.id}`, `/tv-stations/${slug}`]) await look(where);
      assert.deepEqual(found, []);
      assertWell(page);
      await page.context().close();
    });
  }

  test('fits a phone', { timeout: 90_000 }, async () => {
    const page = await open({ viewport: PHONE, hasTouch: true, isMobile: true });
    page.accepts.add(404);
    await signIn(page, ada);
    const { livestreams: [show] } = await adaApi.get('/api/v1/livestreams');
    for (const where of [...places, `/livestreams/${show.id}`, `/artist/livestreams/${show.id}`]) {
      await go(page, where);
      await settled(page);
      const width = await page.evaluate(() => document.documentElement.scrollWidth);
      assert.ok(width <= PHONE.width, `${where} is ${width} px wide`);
    }
    assertWell(page);
    await page.context().close();
  });

  test('is reached and left by the keyboard', async () => {
    const page = await open();
    await go(page, '/');
    await page.getByRole('main').waitFor();
    await page.keyboard.press('Tab');
    assert.match(await page.evaluate(() => document.activeElement.textContent), /Skip/);
    await page.keyboard.press('Enter');
    assert.equal(await page.evaluate(() => document.activeElement.id), 'content');
    await page.context().close();
  });
});

describe('the server', () => {
  test('says when it is not heard, and goes on when it is again', { timeout: 60_000 }, async () => {
    const page = await open();
    for (const status of [401, 409, 502, 503]) page.accepts.add(status);
    await signIn(page, ada);
    await go(page, '/dashboard');
    await settled(page);
    await server.stop();
    await text(page, /Reconnecting/);
    await server.launch();
    await waitFor('the note to go', async () => (await page.getByText(/Reconnecting/).count()) === 0, { timeoutMs: 20_000 });
    await page.context().close();
  });
});

describe('pictures', { skip: !pictures }, () => {
  test('of a show at three platforms, one of which is away, and of its watch page', { timeout: 120_000 }, async () => {
    mkdirSync(pictures, { recursive: true });
    const shoot = (page, name) => page.screenshot({ path: path.join(pictures, `${name}.png`) });
    const cleo = { email: 'cleo@example.org', password: 'a password of pictures', name: 'Cleo' };
    await adaApi.post('/api/users', { ...cleo, role: 'broadcaster' });
    const api = await server.signIn(cleo.email, cleo.password);
    const platforms = await Promise.all([NginxRtmp.start(), NginxRtmp.start(), NginxRtmp.start()]);
    const names = [['youtube', 'YouTube', 'abcd-efgh-ijkl-mnop-qrst'], ['twitch', 'Twitch', 'live_1234567_abcdefghijklmnopqrstuv'], ['custom', 'Studio backup', 'backup-key-00000001']];
    for (const [n, [kind, name, key]] of names.entries()) await makeDestination(api, { url: platforms[n].url, platform: kind, name, key });
    const station = await makeStation(api, 'Harbour radio two');
    const encoder = ffmpegPublish(`${server.rtmpUrl}/${station.streamKey}`, { size: '1280x720', gop: 60, kbps: 2_500 });
    const { livestreamId } = await api.post('/api/live/start', { streamKey: station.streamKey, title: 'Evening by the water', useMultistream: true, recordingEnabled: true });
    const page = await open({ viewport: { width: 1280, height: 800 } });
    await signIn(page, cleo);
    await go(page, '/multistream');
    // What a minute of a show looks like takes a minute.
    await page.waitForTimeout(50_000);
    await platforms[1].child.kill();
    await page.locator('[data-destination]').getByText('Error', { exact: true }).waitFor();
    await page.waitForTimeout(2_000);
    await shoot(page, 'multistream');
    const fan = await open();
    await go(fan, `/livestreams/${livestreamId}`);
    await plays(fan);
    await fan.mouse.move(600, 300);
    await fan.waitForTimeout(4_000);
    await shoot(fan, 'watch');
    await encoder.kill();
    await Promise.all([page, fan].map((one) => one.context().close()));
    await Promise.all(platforms.map((one) => one.child.kill()));
  });
});
