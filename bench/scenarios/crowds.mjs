// Many connections: players of one stream, encoders, and those that do nothing.
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

const round = (value, digits = 2) => Number(value.toFixed(digits));

// Grows until a step is not carried; each step's row says what was seen.
async function grow(steps, step) {
  const rows = [];
  for (const count of steps) {
    const row = await step(count);
    rows.push(row);
    if (!row.carried) break;
  }
  return rows;
}

const players = {
  name: 'players',
  title: 'Players of one stream of 600 kbit/s',
  async run({ quick, log }) {
    const system = await everycast({ places: 0 });
    const publisher = startPublisher({ url: system.url, keys: [system.key], kbps: KBPS });
    await waitFor('the encoder to be on', async () => (await publisher.report()).frames > 0);
    const crowds = [];
    let playing = 0;
    const rows = await grow(quick ? PLAYERS.slice(0, 2) : PLAYERS, async (count) => {
      crowds.push(startPlayers({ url: system.url, name: system.playbackId, count: count - playing, firstSource: 1 + 8 * crowds.length, sources: 8, sampleEvery: 20 }));
      playing = count;
      const begun = await waitFor(`${count} players`, async () => (await crowds.at(-1).report()).playing, { timeoutMs: 5_000 + count * 5 });
      await waitFor('all of them', async () => (await Promise.all(crowds.map((crowd) => crowd.report()))).reduce((all, { playing: now }) => all + now, 0) >= count, { timeoutMs: 30_000, everyMs: 250 }).catch(() => begun);
      await pause(3_000);
      await Promise.all([...crowds, publisher].map((tool) => tool.report()));
      const before = await publisher.report();
      const seen = await watch({ server: system.pids, players: crowds.map(({ pid }) => pid), publisher: publisher.pid }, quick ? 5 : 8);
      const after = await publisher.report();
      const reports = await Promise.all(crowds.map((crowd) => crowd.report()));
      const sum = (of) => reports.reduce((all, report) => all + report[of], 0);
      const delivered = sum('bytes') / ((after.bytes - before.bytes) * count);
      const age = reports.reduce((worst, report) => (report.age.p99_ms > worst.p99_ms ? report.age : worst), { p99_ms: 0 });
      const row = {
        players: count, playing: sum('playing'), 'delivered, %': round(delivered * 100, 1), 'server, cores': round(seen.cores.server), 'players, cores': round(seen.cores.players), 'machine, cores': round(seen.machineCores),
        'memory, MiB': round(seen.rssMiB.server, 0), 'age p50, ms': age.p50_ms, 'age p99, ms': age.p99_ms, 'lost (sampled)': sum('lost'), carried: delivered >= CARRIED && sum('playing') === count && age.p99_ms < SLOW_MS,
      };
      log(JSON.stringify(row));
      return row;
    });
    for (const tool of [...crowds, publisher]) await tool.kill();
    await system.stop();
    const most = Math.max(0, ...rows.filter(({ carried }) => carried).map(({ players: count }) => count));
    return { runs: rows, bounds: [bound('players carried on this machine', most, '≥', 10_000)], rows: rows.map(({ carried, ...row }) => ({ ...row, carried: carried ? 'yes' : 'no' })) };
  },
};

// So many livestreams, over as many accounts as their limits ask for; gives the keys.
async function makeKeys(server, count) {
  const perUser = 200;
  const keys = [];
  for (let made = 0; made < count; made += perUser) {
    const user = await server.user();
    const some = await Promise.all(Array.from({ length: Math.min(perUser, count - made) }, (_, n) => user.post('/api/v1/livestreams', { title: `Show ${n}` })));
    keys.push(...some.map(({ stream_key: key }) => key));
  }
  return keys;
}

const received = (metrics) => [...metrics.matchAll(/^everycast_ingest_frames_total\S* (\d+)/gm)].reduce((all, [, count]) => all + Number(count), 0);
const seenFrames = async (server) => received(await (await fetch(`${server.url}/metrics`)).text());

const publishers = {
  name: 'publishers',
  title: 'Encoders of 600 kbit/s each, no outputs',
  async run({ quick, log }) {
    const steps = quick ? ENCODERS.slice(0, 1) : ENCODERS;
    const rows = await grow(steps, async (count) => {
      const server = await startServer();
      const keys = await makeKeys(server, count);
      const publisher = startPublisher({ url: server.rtmpUrl, keys, kbps: KBPS, perSecond: 200, sources: 8 });
      const on = await waitFor(`${count} encoders`, async () => {
        const report = await publisher.report();
        return report.publishing >= count && report;
      }, { timeoutMs: 10_000 + count * 15, everyMs: 200 }).catch(() => publisher.report());
      await pause(2_000);
      await publisher.report();
      const seen = await watch({ server: server.child.pid, publisher: publisher.pid }, quick ? 5 : 8);
      const rss = residentKiB(server.child.pid) / 1024;
      const last = await publisher.report();
      const { frames: sent } = await publisher.finish();
      const got = await seenFrames(server);
      const row = {
        encoders: count, publishing: on.publishing, 'broken off': last.over, 'server, cores': round(seen.cores.server), 'publisher, cores': round(seen.cores.publisher), 'machine, cores': round(seen.machineCores),
        'memory, MiB': round(rss, 0), 'behind schedule, ms': last.late_ms, 'frames sent': sent, 'frames taken in': got,
        carried: on.publishing >= count && last.over === 0 && last.late_ms < SLOW_MS && got >= sent,
      };
      log(JSON.stringify(row));
      await publisher.kill();
      await server.kill();
      return row;
    });
    const most = Math.max(0, ...rows.filter(({ carried }) => carried).map(({ encoders }) => encoders));
    return { runs: rows, bounds: [bound('encoders carried on this machine', most, '≥', 2_000)], rows: rows.map(({ carried, ...row }) => ({ ...row, carried: carried ? 'yes' : 'no' })) };
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
  const reached = await waitFor(`${count} connections`, async () => {
    const report = await crowd.report();
    return report.playing >= count && report;
  }, { timeoutMs: 60_000, everyMs: 100 });
  const each = (residentKiB(system.pids[0]) - before) / count;
  let seen;
  if (holdS > 0) {
    await pause(1_000);
    const [watched, p99] = await Promise.all([watch({ server: system.pids }, holdS), healthyP99()]);
    seen = { cores: watched.cores.server, p99 };
  }
  const { ended } = await crowd.report();
  const last = await publisher.finish();
  await pause(1_000);
  const end = await sink.report();
  for (const tool of [crowd, publisher, sink]) await tool.kill();
  await system.stop();
  const row = {
    kind, connections: reached.playing, 'ended meanwhile': ended, 'memory each, KiB': round(each, 1), 'server, cores': seen ? round(seen.cores, 3) : '–',
    'healthy stream: p99 alone, ms': alone ?? '–', 'p99 beside them, ms': seen?.p99 ?? '–', lost: end.lost + end.out_of_order + Math.max(0, last.last + 1 - end.next_least),
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
    return {
      runs: rows,
      bounds: [
        ...rows.map((row) => bound(`memory of one: ${row.kind}, KiB`, row['memory each, KiB'], '≤', 10)),
        bound('frames lost by the healthy stream', rows.reduce((all, { lost }) => all + lost, 0), '=', 0),
        bound('added to the healthy stream’s p99, ms', rows[1]['p99 beside them, ms'] - rows[1]['healthy stream: p99 alone, ms'], '≤', 2),
      ],
      rows,
    };
  },
};

export default [players, publishers, idle];
