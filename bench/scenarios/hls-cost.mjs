// What it costs to package a stream for HLS, and to record it: the server's CPU time with it and without, in turn.
import { readdirSync, statSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { waitFor } from '../../tests/support/wait.mjs';
import { bound, mean, median } from '../lib/judge.mjs';
import { watch } from '../lib/measure.mjs';
import { startServer } from '../lib/systems.mjs';
import { startPublisher } from '../lib/tools.mjs';

const KBPS = 6_000;
// One stream alone would be lost in what the machine does besides.
const STREAMS = 10;
const SETTLE_MS = 4_000;

const ALONE = 'the encoders alone';
const HLS = 'packaged for HLS';
const RECORDED = 'recorded';
const BOTH = 'packaged and recorded';
const MODES = [ALONE, HLS, RECORDED, BOTH];

// A stream is packaged while somebody asks for it.
const ask = (server, playbackId, file) => fetch(`${server.url}/live/${playbackId}/${file}`).then(async (answer) => {
  await answer.arrayBuffer();
  return answer.ok;
});

const bytesBelow = (folder) => readdirSync(folder, { recursive: true, withFileTypes: true })
  .filter((entry) => entry.isFile())
  .reduce((sum, entry) => sum + statSync(path.join(entry.path, entry.name)).size, 0);

// A recording that is not written costs nothing.
function checkWritten({ mode, record, bytes, seconds }) {
  const due = (STREAMS * KBPS * 1_000 * seconds) / 8;
  // It comes in pieces.
  if (record !== (bytes > due / 2)) throw new Error(`${mode}: ${bytes} bytes were written to disk in ${seconds.toFixed(1)} s`);
}

async function measure(mode, seconds) {
  const server = await startServer();
  let publisher;
  try {
    const user = await server.user();
    const record = mode === RECORDED || mode === BOTH;
    const shows = await Promise.all(Array.from({ length: STREAMS }, (_, n) => user.post('/api/v1/livestreams', { title: `Show ${n}`, record })));
    publisher = startPublisher({ url: server.rtmpUrl, keys: shows.map(({ stream_key: key }) => key), kbps: KBPS });
    await waitFor('the encoders', async () => (await publisher.report()).publishing >= STREAMS);
    if (mode === HLS || mode === BOTH) {
      for (const { livestream } of shows)
        await waitFor(`the playlist of ${livestream.title}`, () => ask(server, livestream.playback_id, 'index.m3u8'), { timeoutMs: 20_000, everyMs: 250 });
    }
    await pause(SETTLE_MS);
    const before = bytesBelow(server.dataDir);
    const seen = await watch({ server: server.child.pid, publisher: publisher.pid }, seconds);
    checkWritten({ mode, record, bytes: bytesBelow(server.dataDir) - before, seconds: seen.seconds });
    return { mode, seconds: seen.seconds, coresPerStream: seen.cores.server / STREAMS, rssMiB: seen.rssMiB.server, machineCores: seen.machineCores };
  } finally {
    await publisher?.kill();
    await server.kill();
  }
}

const percent = (share) => Number((share * 100).toFixed(3));
const average = (runs) => mean(runs.map(({ coresPerStream }) => coresPerStream));

export default [{
  name: 'hls-cost',
  title: `What packaging and recording cost, ${STREAMS} streams of 6 Mbit/s`,
  async run({ quick, log }) {
    const runs = Object.fromEntries(MODES.map((mode) => [mode, []]));
    for (let round = 0; round < (quick ? 1 : 5); round += 1) {
      for (const mode of MODES) {
        const run = await measure(mode, quick ? 5 : 10);
        runs[mode].push(run);
        log(`${mode}: ${percent(run.coresPerStream)} % of a core a stream, ${run.rssMiB.toFixed(0)} MiB, the machine ${run.machineCores.toFixed(2)} cores`);
      }
    }
    // Against the run of the same round: the machine's mood is in both.
    const more = (mode) => percent(median(runs[mode].map((run, round) => run.coresPerStream - runs[ALONE][round].coresPerStream)));
    return {
      runs,
      bounds: [
        bound('packaging one stream for HLS, % of a core', more(HLS), '≤', 0.5),
        bound('recording one stream, % of a core', more(RECORDED), '≤', 1),
      ],
      rows: MODES.map((mode) => ({
        'ten streams': mode,
        'CPU a stream, % of a core': percent(average(runs[mode])),
        'of each run': runs[mode].map(({ coresPerStream }) => percent(coresPerStream)).join(', '),
        'more than alone, median of pairs': mode === ALONE ? '–' : more(mode),
        'memory, MiB': Math.round(mean(runs[mode].map(({ rssMiB }) => rssMiB))),
      })),
    };
  },
}];
