// HLS to many: segments and playlists beside nginx, which serves the same bytes from memory, and viewers that wait for
// each part of a stream of low latency.
import { setTimeout as pause } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import { waitFor } from '../../tests/support/wait.mjs';
import { measureDownloads, nginxFiles } from '../lib/downloads.mjs';
import { HlsShow } from '../lib/hls.mjs';
import { bound, mean, median } from '../lib/judge.mjs';
import { residentKiB, watch } from '../lib/measure.mjs';
import { startViewers } from '../lib/tools.mjs';

const BITRATES_KBPS = [1_000, 4_000, 8_000];
const SEGMENTS = 5;
const ROUNDS = 5;
const GRACE = { grace_s: 600 };
// As many as the downloader has connections.
const PLAYERS = 64;

const VIEWERS = 5_000;
const VIEWERS_KBPS = 600;
const SPARE_MS = 100;

const round = (value, digits = 2) => Number(value.toFixed(digits));
const MiB = 2 ** 20;

// Measures each of these in turn, so many times: {name: runs}.
async function inTurn(systems, rounds, log) {
  const runs = Object.fromEntries(systems.map(({ name }) => [name, []]));
  for (let n = 0; n < rounds; n += 1) {
    for (const options of systems) {
      const run = await measureDownloads(options);
      runs[options.name].push(run);
      log(`${run.name}: ${round(run.bytesPerCore / MiB, 0)} MiB and ${round(run.answersPerCore, 0)} answers a second and core, `
        + `server ${round(run.cores)}, client ${round(run.clientCores)}`);
    }
  }
  return runs;
}

const average = (runs, of) => mean(runs.map((run) => run[of]));
// Each run of ours against nginx's that was measured right after it: the machine's mood is in both.
const overNginx = (runs, of) => median(runs.Everycast.map((run, n) => run[of] / runs.nginx[n][of]));

async function segmentsAt(kbps, { quick, log }) {
  const show = await HlsShow.start({ kbps, settings: GRACE });
  await show.freeze(SEGMENTS, 40_000);
  const paths = await show.segments();
  const bodies = await Promise.all(paths.map((path) => show.get(path)));
  const bodyBytes = mean(bodies.map(({ length }) => length));
  const nginx = await nginxFiles(Object.fromEntries(bodies.map((bytes, n) => [`${n}.m4s`, bytes])));
  try {
    const options = { seconds: quick ? 3 : 5, bodyBytes };
    return { bodyBytes, runs: await inTurn([
      { name: 'Everycast', address: show.address, pids: show.pids, paths, ...options },
      { name: 'nginx', address: nginx.address, pids: nginx.pids, paths: bodies.map((_, n) => `/${n}.m4s`), ...options },
    ], quick ? 1 : ROUNDS, log) };
  } finally {
    await nginx.stop();
    await show.stop();
  }
}

const segments = {
  name: 'hls-segments',
  title: 'HLS segments of two seconds beside nginx, which serves the same files from memory',
  async run({ quick, log }) {
    const [all, bounds, rows] = [[], [], []];
    for (const kbps of BITRATES_KBPS) {
      const { runs, bodyBytes } = await segmentsAt(kbps, { quick, log: (text) => log(`${kbps / 1_000} Mbit/s, ${text}`) });
      for (const [system, own] of Object.entries(runs)) {
        all.push(...own.map((run) => ({ kbps, ...run })));
        rows.push({
          system, 'Mbit/s': kbps / 1_000, 'segment, KiB': round(bodyBytes / 1_024, 0),
          'MiB/s per core': round(average(own, 'bytesPerCore') / MiB, 0),
          'of each run': own.map((run) => round(run.bytesPerCore / MiB, 0)).join(', '),
          'server, cores': round(average(own, 'cores')), 'client, cores': round(average(own, 'clientCores')),
        });
      }
      bounds.push(bound(`bytes per core over nginx, ${kbps / 1_000} Mbit/s, median of pairs`, overNginx(runs, 'bytesPerCore'), '≥', 1));
    }
    return { runs: all, bounds, rows };
  },
};

async function playlistsAs({ show, gzip, quick, log }) {
  const paths = await Promise.all(Array.from({ length: PLAYERS }, () => show.mediaPath()));
  const text = await show.get(paths[0]);
  const files = { 'media.m3u8': text, 'media.m3u8.gz': gzipSync(text) };
  const peers = [await nginxFiles(files), await nginxFiles(files, { cached: true })];
  const options = { seconds: quick ? 3 : 5, gzip, headBytes: 16 * 1_024 };
  try {
    return { size: text.length, runs: await inTurn([
      { name: 'Everycast', address: show.address, pids: show.pids, paths, ...options },
      { name: 'nginx', address: peers[0].address, pids: peers[0].pids, paths: ['/media.m3u8'], ...options },
      { name: 'nginx with open_file_cache', address: peers[1].address, pids: peers[1].pids, paths: ['/media.m3u8'], ...options },
    ], quick ? 1 : ROUNDS, log) };
  } finally {
    for (const peer of peers) await peer.stop();
  }
}

const playlists = {
  name: 'hls-playlists',
  title: 'Media playlists of a running show beside nginx, which serves one of them from memory',
  async run({ quick, log }) {
    const show = await HlsShow.start({ kbps: VIEWERS_KBPS });
    try {
      await waitFor('a full window', async () => (await show.segments()).length >= SEGMENTS, { timeoutMs: 40_000, everyMs: 500 });
      const [all, bounds, rows] = [[], [], []];
      for (const gzip of [false, true]) {
        const how = gzip ? 'gzip' : 'plain';
        const { runs, size } = await playlistsAs({ show, gzip, quick, log: (text) => log(`${how}, ${text}`) });
        for (const [system, own] of Object.entries(runs)) {
          all.push(...own.map((run) => ({ how, ...run })));
          rows.push({
            system, how, 'playlist, bytes': size, 'body, bytes': round(average(own, 'meanBody'), 0),
            'playlists/s per core': round(average(own, 'answersPerCore'), 0),
            'of each run': own.map((run) => round(run.answersPerCore, 0)).join(', '),
            'server, cores': round(average(own, 'cores')), 'client, cores': round(average(own, 'clientCores')),
          });
        }
        bounds.push(bound(`playlists per core over nginx, ${how}, median of pairs`, overNginx(runs, 'answersPerCore'), '≥', 0.7));
      }
      return { runs: all, bounds, rows };
    } finally {
      await show.stop();
    }
  },
};

const viewers = {
  name: 'hls-viewers',
  title: 'LL-HLS viewers of one stream of 600 kbit/s, each waiting for the next part',
  async run({ quick, log }) {
    const count = quick ? 500 : VIEWERS;
    const show = await HlsShow.start({ kbps: VIEWERS_KBPS });
    let crowd;
    try {
      // What the first ones need is there once for all.
      const first = startViewers({ address: show.address, path: show.indexPath, count: 20, sources: 8 });
      await waitFor('the first viewers', async () => (await first.report()).parts > 100, { timeoutMs: 20_000, everyMs: 250 });
      await first.kill();
      await pause(1_000);
      const before = residentKiB(show.pids[0]);
      crowd = startViewers({ address: show.address, path: show.indexPath, count, perSecond: 500, sources: 16 });
      await waitFor(`${count} viewers`, async () => (await crowd.report()).watching >= count, { timeoutMs: 60_000, everyMs: 250 });
      await pause(3_000);
      const start = await crowd.report();
      const seen = await watch({ server: show.pids, viewers: crowd.pid }, quick ? 5 : 30);
      const end = await crowd.report();
      const memory = (residentKiB(show.pids[0]) - before) / count;
      const limit = end.part_target_s * 1_000 + SPARE_MS;
      const row = {
        viewers: count,
        'cut off': end.ended,
        'refused': end.errors,
        'not the part that was asked for': end.stale,
        'part, ms': end.part_target_s * 1_000,
        'answers/s': round((end.playlists - start.playlists) / seen.seconds, 0),
        'from the question to the answer: p50, ms': end.waited.p50_ms, 'p99.9, ms': end.waited.p999_ms,
        'after the first viewer: p50, ms': end.late.p50_ms, 'of these, p99.9, ms': end.late.p999_ms,
        'a part: p50, ms': end.part_took.p50_ms,
        'memory each, KiB': round(memory, 1),
        'server, cores': round(seen.cores.server),
        'viewers, cores': round(seen.cores.viewers),
        'machine, cores': round(seen.machineCores),
      };
      log(JSON.stringify(row));
      // Each of them gets every part while it is watched.
      const due = (seen.seconds / end.part_target_s) * count;
      return {
        runs: [{ start, end }],
        bounds: [
          bound('99.9 % of the answers within, ms', end.waited.p999_ms, '≤', limit),
          bound('99.9 % of the answers after the first viewer’s, ms', end.late.p999_ms, '≤', limit),
          bound('share of the parts due that was got', (end.parts - start.parts) / due, '≥', 0.98),
          bound('viewers that were cut off or refused', end.ended + end.errors, '=', 0),
          bound('memory of a waiting viewer, KiB', memory, '≤', 16),
        ],
        rows: [row],
      };
    } finally {
      await crowd?.kill();
      await show.stop();
    }
  },
};

export default [segments, playlists, viewers];
