// Live HLS through faults of its server's machine: a clock that is set during a show and over a restart, a restart while people
// watch, and players by the thousand that wait or hardly read.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import net from 'node:net';
import { after, describe, test } from 'node:test';
import { endLater } from '../support/cleanup.mjs';
import { FULL, slack } from '../support/extent.mjs';
import { startWithClock, withoutFaketime } from '../support/faketime.mjs';
import { Follower, mediaUrlOf, readMedia } from '../support/hls/follower.mjs';
import { checkHls, describe as told } from '../support/hls_checker.mjs';
import { Child } from '../support/process.mjs';
import { encodeShow, publishMessages } from '../support/real_media.mjs';
import { Server } from '../support/server.mjs';
import { waitFor } from '../support/wait.mjs';

const TARGET_S = 2;
const LATE_S = slack(0.5, 4);
const HOUR_S = 3_600;
// Nobody asks faster than one test does.
const OPEN = { requests_per_second: 0, restart_grace_s: 120, http_connections_per_address: 12_000 };

const servers = [];
after(() => Promise.all(servers.map((server) => server.kill())));

let encoded;
const media = () => (encoded ??= encodeShow({ seconds: 60 }));
async function makeShow(server) {
  servers.push(server);
  const api = await server.user();
  const { livestream, stream_key: key } = await api.post('/api/v1/livestreams', { title: 'A show' });
  const base = `${server.url}/live/${livestream.playback_id}`;
  const show = { api, id: livestream.id, key, base, index: `${base}/index.m3u8` };
  show.publish = async () => { show.encoder = await publishMessages(server.rtmpUrl, key, await media()); };
  show.begin = async () => {
    await show.publish();
    await waitFor('the show to play', async () => (await fetch(show.index)).ok, { timeoutMs: 25_000 });
    return show;
  };
  return show;
}
const onAir = async (server) => (await makeShow(server)).begin();
// A playlist with a segment at least.
async function begun(show) {
  const url = await mediaUrlOf(show.index);
  const { playlist } = await waitFor('a segment', async () => {
    const answer = await readMedia(url);
    return answer.playlist?.segments.length > 0 && answer;
  }, { timeoutMs: 15_000 });
  return { url, playlist };
}

// Beside each other: most of their time is media at its own pace.
describe('live HLS', { concurrency: FULL ? 1 : 2 }, () => {
  describe('a clock that is set', { skip: withoutFaketime }, () => {
    test('an hour ahead and back during the show, and back over a restart: numbers go on, dates are true again behind a discontinuity', async () => {
      const { server, jump } = await startWithClock({ settings: OPEN });
      const other = await makeShow(server);
      const show = await onAir(server);
      const { url } = await begun(show);
      const follower = await Follower.start(show.index);
      const checked = checkHls(show.index, { seconds: 14, slack: LATE_S });
      // How far the date of the newest segment is from what the server's clock says, in seconds.
      const newest = async (offset) => {
        const { playlist } = await readMedia(url);
        const last = playlist.segments.at(-1);
        return { off: Math.abs(last.date / 1e6 - (Date.now() / 1e3 + offset)), discontinuities: playlist.discontinuitySequence + playlist.segments.filter(({ discontinuity }) => discontinuity).length };
      };
      const before = await newest(0);
      assert.ok(before.off < 3 * TARGET_S + LATE_S, `${before.off} s`);
      for (const [n, offset] of [HOUR_S, -HOUR_S].entries()) {
        jump(offset);
        let seen;
        await waitFor(`dates of the clock that is ${offset} s off`, async () => {
          seen = await newest(offset);
          return seen.off < 3 * TARGET_S + LATE_S;
        }, { timeoutMs: 12_000, everyMs: 100, describe: () => seen });
        assert.equal(seen.discontinuities, before.discontinuities + n + 1, 'one discontinuity for each step');
      }
      const { violations, counts } = await checked;
      // Dates that are true go back with the clock, once; the draft would have them stay ahead of it (decision 010).
      const wentBack = violations.filter(({ rule }) => rule === 'date-time');
      assert.ok(wentBack.length <= 1 && wentBack.every((one) => /^-7200 s off/.test(one.text)), told(wentBack));
      assert.equal(told(violations.filter(({ level, rule }) => level !== 'SHOULD' && rule !== 'date-time')), '');
      assert.ok(counts.segments > 4 && counts.parts > 10, JSON.stringify(counts));

      // It is an hour ahead, and a show begins: its numbers are the greatest yet. Then the machine is set right and starts again.
      jump(HOUR_S);
      await show.encoder.kill();
      await other.begin();
      const { playlist: ahead } = await begun(other);
      await waitFor('a tick', async () => (await fetch(`${server.url}/healthz`)).ok && new Promise((resolve) => { setTimeout(() => resolve(true), 1_500); }));
      const highest = Math.max(ahead.nextMsn, follower.last.nextMsn);
      await server.kill();
      jump(-HOUR_S);
      await server.launch();
      await Promise.all([show, other].map((one) => one.encoder.kill()));
      await show.publish();
      const early = await waitFor('segments of the second run', () => follower.list.filter(({ msn }) => msn > highest).length >= 2 && follower.list.filter(({ msn }) => msn > highest), { timeoutMs: 25_000, describe: () => [highest, follower.list.map(({ msn }) => msn)] });
      assert.ok(early.length >= 2);
      await follower.stop();
      assert.deepEqual(follower.complaints, [], 'the media sequence never went back, and all that was listed could be had');
      for (const { map, errors } of await follower.decoded()) assert.equal(errors, '', map);
      await show.encoder.kill();
      await server.kill();
    });
  });

  describe('a restart of the server', () => {
    // As ffmpeg and GStreamer are told to hold on.
    const RECONNECT = ['-reconnect', '1', '-reconnect_on_network_error', '1', '-reconnect_on_http_error', '4xx,5xx', '-reconnect_delay_max', '30'];
    const ffmpeg = (url) => {
      const child = new Child('ffmpeg', ['-hide_banner', '-nostdin', '-v', 'error', ...RECONNECT, '-i', url, '-progress', 'pipe:1', '-stats_period', '0.2', '-f', 'null', '-']);
      const player = { name: 'ffmpeg', child, frames: 0 };
      child.on('line', (line) => { if (line.startsWith('frame=')) player.frames = Number(line.slice(6)); });
      return player;
    };
    const gstreamer = (url) => {
      const child = new Child('gst-launch-1.0', ['-v', 'souphttpsrc', `location=${url}`, '!', 'hlsdemux', '!', 'decodebin', 'name=d', 'd.', '!', 'queue', '!', 'videoconvert', '!', 'fakesink', 'name=pictures', 'sync=false', 'silent=false', 'd.', '!', 'queue', '!', 'audioconvert', '!', 'fakesink', 'sync=false']);
      const player = { name: 'GStreamer', child, frames: 0 };
      child.on('line', (line) => { if (/pictures: last-message = chain/.test(line)) player.frames += 1; });
      return player;
    };

    test('ffmpeg and GStreamer play on', async (t) => {
      const server = await Server.start({ settings: OPEN });
      const show = await onAir(server);
      await begun(show);
      const players = { 'ffmpeg, HLS': ffmpeg(show.index), 'GStreamer, HLS': gstreamer(show.index) };
      const shown = () => Object.fromEntries(Object.entries(players).map(([name, { frames, child }]) => [name, [frames, child.over ?? false, child.output.split('\n').filter((line) => !/=|last-message/.test(line)).join('\n').slice(-600)]]));
      const all = (accepts) => Object.values(players).every(accepts);
      await waitFor('all to play', () => all(({ frames }) => frames > 60), { timeoutMs: 30_000, describe: shown });
      await server.stop();
      await show.encoder.kill();
      const before = Object.values(players).map(({ frames }) => frames);
      await server.launch();
      await show.publish();
      await waitFor('all to play on', () => Object.values(players).every(({ frames }, n) => frames > before[n] + 120), { timeoutMs: 45_000, describe: shown });
      assert.ok(all(({ child }) => !child.over), JSON.stringify(shown()));
      t.diagnostic(Object.entries(players).map(([name, { frames }]) => `${name}: ${frames} pictures`).join('; '));
      await Promise.all(Object.values(players).map(({ child }) => child.kill()));
      await show.encoder.kill();
      await server.kill();
    });
  });

  describe('players by the thousand', () => {
    const MOST_PER_VIEWER = 64 * 1024;
    const WAITING = FULL ? 5_000 : 1_500;
    const SLOW = 400;
    // What is the process's own, in bytes.
    const memoryOf = ({ child }) => {
      const [, resident, shared] = readFileSync(`/proc/${child.pid}/statm`, 'utf8').split(' ').map(Number);
      return (resident - shared) * 4096;
    };
    // `heard`: once, of the answer's beginning. Without it nothing is read.
    // From another address each 100: of one that has asked nothing yet the server takes no more than 256 connections.
    let connected = 0;
    function connect(url, text, heard) {
      connected += 1;
      const socket = net.connect({ port: Number(url.port), host: url.hostname, localAddress: `127.0.1.${1 + Math.floor(connected / 100) % 250}` });
      const ended = endLater(() => socket.destroy());
      socket.on('error', () => {}).on('close', ended);
      socket.write(text);
      const one = { socket, status: 0 };
      if (heard) {
        socket.once('data', (data) => {
          one.status = Number(data.toString('latin1', 9, 12));
          heard(one);
        });
      }
      return one;
    }
    const get = (url) => `GET ${url.pathname}${url.search} HTTP/1.1\r\nHost: ${url.host}\r\n\r\n`;

    test('that wait for what comes next cost little, get it together, and are told 503 when it does not come', async (t) => {
      const server = await Server.start({ settings: OPEN });
      const show = await onAir(server);
      const { url } = await begun(show);
      const before = memoryOf(server);
      const ask = (msn) => new URL(`${url}&_HLS_msn=${msn}`);
      const wait = async (msn) => {
        const times = [];
        const all = Array.from({ length: WAITING }, () => connect(new URL(url), get(ask(msn)), () => times.push(performance.now())));
        return { all, times };
      };
      const { playlist } = await readMedia(url);
      // The bound, and one past it.
      const last = playlist.segments.at(-1).msn;
      assert.equal((await readMedia(ask(last + 3).href)).status, 400);
      const one = await wait(last + 2);
      const waiting = async () => Number(/^everycast_hls_waiting (\d+)/m.exec(await (await fetch(`${server.url}/metrics`)).text())[1]);
      let most = 0;
      await waitFor('all to wait or be answered', async () => {
        most = Math.max(most, await waiting());
        return most >= WAITING || one.times.length === WAITING;
      }, { timeoutMs: 15_000 });
      const each = (memoryOf(server) - before) / WAITING;
      await waitFor('all to be answered', () => one.times.length === WAITING, { timeoutMs: 20_000, describe: () => one.times.length });
      assert.deepEqual([...new Set(one.all.map(({ status }) => status))], [200]);
      const spread = Math.max(...one.times) - Math.min(...one.times);
      for (const { socket } of one.all) socket.destroy();
      assert.ok(each <= MOST_PER_VIEWER, `${Math.round(each)} bytes for each`);

      await show.encoder.kill();
      const { playlist: end } = await waitFor('the last part', async () => {
        const one = await readMedia(url);
        await new Promise((resolve) => { setTimeout(resolve, 800); });
        const two = await readMedia(url);
        return one.playlist.nextMsn === two.playlist.nextMsn && one.playlist.open.parts.length === two.playlist.open.parts.length && two;
      });
      const began = performance.now();
      const late = await wait(end.nextMsn + 1);
      await waitFor('all to be told', () => late.times.length === WAITING, { timeoutMs: 20_000, describe: () => late.times.length });
      assert.deepEqual([...new Set(late.all.map(({ status }) => status))], [503]);
      const seconds = (late.times.at(-1) - began) / 1_000;
      assert.ok(seconds >= 3 * TARGET_S - 0.5 && seconds <= 3 * TARGET_S + LATE_S, `${seconds} s`);
      for (const { socket } of late.all) socket.destroy();
      t.diagnostic(`${most} waited, ${Math.round(each)} bytes each, answered within ${Math.round(spread)} ms; 503 after ${seconds.toFixed(1)} s`);
      await server.kill();
    });

    test('that hardly read cost no more than 64 KiB each', async (t) => {
      const server = await Server.start({ settings: OPEN });
      const show = await onAir(server);
      const { url, playlist } = await begun(show);
      const segment = new URL(playlist.segments.at(-1).uri, url);
      const list = new URL(url);
      const before = memoryOf(server);
      // More than the sockets between hold, of both kinds: what lies in a file and what lies in memory.
      const slow = Array.from({ length: SLOW }, (_, n) => {
        const { socket } = connect(new URL(url), get(n % 2 === 0 ? segment : list).repeat(n % 2 === 0 ? 60 : 1_500));
        socket.on('readable', () => {});
        const timer = setInterval(() => socket.read(1), 1_000);
        return () => { clearInterval(timer); socket.destroy(); };
      });
      const follower = await Follower.start(show.index);
      await waitFor('three more segments', () => follower.list.length >= 6, { timeoutMs: 25_000, describe: () => follower.list.length });
      await follower.stop();
      const each = (memoryOf(server) - before) / SLOW;
      for (const end of slow) end();
      assert.deepEqual(follower.complaints, []);
      assert.ok(each <= MOST_PER_VIEWER, `${Math.round(each)} bytes for each`);
      t.diagnostic(`${Math.round(each)} bytes each`);
      await show.encoder.kill();
      await server.kill();
    });
  });
});
