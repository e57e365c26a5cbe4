// Many connections: players of one stream, encoders, and those that do nothing.
import os from 'node:os';
import { setTimeout as pause } from 'node:timers/promises';
import { waitFor } from '../../tests/support/wait.mjs';
import { bound } from '../lib/judge.mjs';
import { residentKiB, watch } from '../lib/measure.mjs';
import { everycast, startServer } from '../lib/systems.mjs';
import { publishing, startPlayers, startPublisher, startSink } from '../lib/tools.mjs';

const KBPS = 600;
const PLAYERS = [500, 1_000, 2_000, 4_000, 10_000];
const ENCODERS = [500, 1_000, 1_500, 2_000];
const IDLE = 10_000;
const HEALTHY = 10;
// What a step must deliver of what was sent to count as carried.
const CARRIED = 0.98;
const SLOW_MS = 1_000;
// So much of the machine is all of it.
const FULL = 0.97;

const full = ({ machineCores }) => machineCores >= FULL * os.cpus().length && 'the machine has no time left';
const outcome = (faults, seen) => (faults.some(Boolean) ? [...faults, full(seen)].filter(Boolean).join('; ') : 'carried');
const round = (value, digits = 2) => Number(value.toFixed(digits));

// Grows until a step is not carried; each step's row says what was seen.
async function grow(steps, step) {
  const rows = [];
  for (const count of steps) {
    rows.push(await step(count));
    if (rows.at(-1).outcome !== 'carried') break;
  }
  return rows;
}
const most = (rows, what) => Math.max(0, ...rows.filter((row) => row.outcome === 'carried').map((row) => row[what]));

// What all these player processes counted since they were asked last.
async function ask(crowds) {
  const reports = await Promise.all(crowds.map((crowd) => crowd.report()));
  const sum = (of) => reports.reduce((all, report) => all + report[of], 0);
  const age = reports.reduce((worst, report) => (report.age.p99_ms > worst.p99_ms ? report.age : worst), { p50_ms: 0, p99_ms: 0 });
  return { playing: sum('playing'), bytes: sum('bytes'), lost: sum('lost'), age };
}

async function playersStep({ system, publisher, crowds, count, seconds }) {
  await waitFor(`${count} players`, async () => (await ask(crowds)).playing >= count, { timeoutMs: 30_000, everyMs: 250 }).catch(() => false);
  await pause(2_000);
  await ask(crowds);
  const before = await publisher.report();
  const seen = await watch({ server: system.pids, players: crowds.map(({ pid }) => pid) }, seconds);
  const after = await publisher.report();
  const { playing, bytes, lost, age } = await ask(crowds);
  const delivered = bytes / ((after.bytes - before.bytes) * count);
  return {
    players: count,
    playing,
    'delivered, %': round(delivered * 100, 1),
    'server, cores': round(seen.cores.server),
    'players, cores': round(seen.cores.players),
    'machine, cores': round(seen.machineCores),
    'memory, MiB': round(seen.rssMiB.server, 0),
    'age p50, ms': age.p50_ms,
    'age p99, ms': age.p99_ms,
    'lost (sampled)': lost,
    outcome: outcome([
      delivered < CARRIED && 'bytes are late',
      playing < count && 'players are cut off',
      age.p99_ms >= SLOW_MS && 'frames are a second old',
      lost > 0 && 'frames are dropped',
    ], seen),
  };
}

const players = {
  name: 'players',
  title: 'Players of one stream of 600 kbit/s',
  async run({ quick, log }) {
    const system = await everycast({ places: 0 });
    const publisher = startPublisher({ url: system.url, keys: [system.key], kbps: KBPS });
    await waitFor('the encoder to be on', async () => (await publisher.report()).frames > 0);
    const crowds = [];
    let begun = 0;
    const rows = await grow(quick ? PLAYERS.slice(0, 2) : PLAYERS, async (count) => {
      const more = { count: count - begun, firstSource: 1 + 8 * crowds.length, sources: 8, sampleEvery: 20 };
      crowds.push(startPlayers({ url: system.url, name: system.playbackId, ...more }));
      begun = count;
      await waitFor('all to connect', async () => (await crowds.at(-1).report()).begun >= more.count, { timeoutMs: 60_000, everyMs: 100 });
      const row = await playersStep({ system, publisher, crowds, count, seconds: quick ? 5 : 8 });
      log(JSON.stringify(row));
      return row;
    });
    for (const tool of [...crowds, publisher]) await tool.kill();
    await system.stop();
    return { runs: rows, bounds: [bound('players carried on this machine', most(rows, 'players'), '≥', 10_000)], rows };
  },
};

// So many livestreams, over as many accounts as their limits ask for; gives the keys.
async function makeKeys(server, count) {
  const perUser = 200;
  const keys = [];
  for (let made = 0; made < count; made += perUser) {
    const user = await server.user();
    const livestream = (_, n) => user.post('/api/v1/livestreams', { title: `Show ${n}` });
    const some = await Promise.all(Array.from({ length: Math.min(perUser, count - made) }, livestream));
    keys.push(...some.map(({ stream_key: key }) => key));
  }
  return keys;
}

async function framesTakenIn(server) {
  const metrics = await (await fetch(`${server.url}/metrics`)).text();
  return [...metrics.matchAll(/^everycast_ingest_frames_total\S* (\d+)/gm)].reduce((all, [, count]) => all + Number(count), 0);
}

async function encodersStep({ server, count, seconds }) {
  const keys = await makeKeys(server, count);
  const publisher = startPublisher({ url: server.rtmpUrl, keys, kbps: KBPS, perSecond: 200, sources: 8 });
  const letIn = async () => (await publisher.report()).publishing;
  await waitFor(`${count} encoders`, async () => (await letIn()) >= count, { timeoutMs: 10_000 + count * 15, everyMs: 200 }).catch(() => false);
  const publishing = await letIn();
  await pause(2_000);
  await publisher.report();
  const seen = await watch({ server: server.child.pid, publisher: publisher.pid }, seconds);
  const { over, late_ms: lateMs } = await publisher.report();
  const { frames: sent } = await publisher.finish();
  const received = await framesTakenIn(server);
  return {
    encoders: count,
    publishing,
    'cut off': over,
    'server, cores': round(seen.cores.server),
    'encoders, cores': round(seen.cores.publisher),
    'machine, cores': round(seen.machineCores),
    'memory, MiB': round(seen.rssMiB.server, 0),
    'behind schedule, ms': lateMs,
    'frames sent': sent,
    'frames taken in': received,
    outcome: outcome([
      publishing < count && 'not all were let in',
      over > 0 && 'some were cut off',
      lateMs >= SLOW_MS && 'the encoders fall behind',
      received < sent && 'frames are missing',
    ], seen),
  };
}

const publishers = {
  name: 'publishers',
  title: 'Encoders of 600 kbit/s each, no outputs',
  async run({ quick, log }) {
    const rows = await grow(quick ? ENCODERS.slice(0, 1) : ENCODERS, async (count) => {
      const server = await startServer();
      const row = await encodersStep({ server, count, seconds: quick ? 5 : 8 });
      await server.kill();
      log(JSON.stringify(row));
      return row;
    });
    return { runs: rows, bounds: [bound('encoders carried on this machine', most(rows, 'encoders'), '≥', 2_000)], rows };
  },
};

// A server with a healthy stream, and `count` connections that do nothing beside it.
async function idleBeside({ kind, doing, count, perSecond, holdS, log }) {
  const sink = await startSink();
  const system = await everycast({ sink, places: HEALTHY, settings: { flush_window_ms: 0 } });
  const publisher = startPublisher({ url: system.url, keys: [system.key], kbps: KBPS, straight: sink });
  await publishing(sink, HEALTHY);
  const healthyP99 = async () => {
    await sink.report();
    await pause(holdS * 1000);
    return (await sink.report()).added.p99_ms;
  };
  const alone = holdS > 0 ? await healthyP99() : undefined;
  const before = residentKiB(system.pids[0]);
  const crowd = startPlayers({ url: system.url, name: system.playbackId, count, perSecond, sources: 8, doing });
  await waitFor(`${count} connections`, async () => (await crowd.report()).playing >= count, { timeoutMs: 60_000, everyMs: 100 });
  const each = (residentKiB(system.pids[0]) - before) / count;
  let seen;
  if (holdS > 0) {
    await pause(1_000);
    const [watched, p99] = await Promise.all([watch({ server: system.pids }, holdS), healthyP99()]);
    seen = { cores: watched.cores.server, p99 };
  }
  const { ended } = await crowd.report();
  const { last } = await publisher.finish();
  await pause(1_000);
  const end = await sink.report();
  for (const tool of [crowd, publisher, sink]) await tool.kill();
  await system.stop();
  const row = {
    kind,
    connections: count,
    'ended meanwhile': ended,
    'memory each, KiB': round(each, 1),
    'server, cores': seen ? round(seen.cores, 3) : '–',
    'healthy stream: p99 alone, ms': alone ?? '–',
    'p99 beside them, ms': seen?.p99 ?? '–',
    lost: end.lost + end.out_of_order + Math.max(0, last + 1 - end.next_least),
  };
  log(JSON.stringify(row));
  return row;
}

const idle = {
  name: 'idle',
  title: '10,000 idle connections beside a healthy stream to ten destinations',
  async run({ quick, log }) {
    const count = quick ? 2_000 : IDLE;
    const rows = [
      // Who says nothing is cut off after five seconds: they come within two, and are counted at once.
      await idleBeside({ kind: 'connected, not a byte sent', doing: 'connect', count, perSecond: 8_000, holdS: 0, log }),
      await idleBeside({ kind: 'players that paused', doing: 'pause', count, perSecond: 1_000, holdS: 5, log }),
    ];
    const paused = rows.at(-1);
    return {
      runs: rows,
      bounds: [
        ...rows.map((row) => bound(`memory of one: ${row.kind}, KiB`, row['memory each, KiB'], '≤', 10)),
        bound('frames lost by the healthy stream', rows.reduce((all, { lost }) => all + lost, 0), '=', 0),
        bound('added to the healthy stream’s p99, ms', paused['p99 beside them, ms'] - paused['healthy stream: p99 alone, ms'], '≤', 2),
      ],
      rows,
    };
  },
};

export default [players, publishers, idle];
