// One encoder of 6 Mbit/s to many destinations: ours, nginx-rtmp's push, ffmpeg -c copy and the kernel's floor, in turn.
import { makeCertificates } from '../../tests/support/certificates.mjs';
import { measureFanout } from '../lib/fanout.mjs';
import { bound, mean, median } from '../lib/judge.mjs';
import { everycast, ffmpegCopies, floor, nginxPush } from '../lib/systems.mjs';

const KBPS = 6_000;
const WINDOW_MS = 100;
const COPIES = 10;
const PEER_ROUNDS = 2;
// What we and nginx-rtmp announce to destinations.
const CHUNK = 4_096;

const NAMES = {
  ours: 'Everycast',
  floor: 'floor, as many writes',
  floorInOnePiece: 'floor, as many writes, each in one piece',
  floorPerWindow: 'floor, a write a window',
  nginx: 'nginx-rtmp `push`',
  oursAtOnce: 'Everycast, window 0',
  floorAtOnce: 'floor, a write a frame',
  ffmpeg: '`ffmpeg -c copy`',
};

const ours = (settings) => (options) => everycast({ ...options, settings });
const floorAt = (periodMs, chunk = CHUNK) => (options) => floor({ ...options, periodMs, chunk });
const average = (runs, of = 'coresPerPlace') => mean(runs.map((run) => run[of]));
const percent = (share) => Number((share * 100).toFixed(4));

async function compare({ places, seconds, rounds, log }) {
  const runs = { ours: [], floor: [], floorInOnePiece: [], nginx: [], oursAtOnce: [], floorAtOnce: [], floorPerWindow: [], ffmpeg: [] };
  const measure = async (to, name, start, options = {}) => {
    const run = await measureFanout({ name, start, places, kbps: KBPS, seconds, ...options });
    runs[to].push(run);
    const frames = run.frames && (run.frames.exact ? 'exact' : JSON.stringify(run.frames));
    log([
      `${name}: ${percent(run.coresPerPlace)} % of a core a place`, `${run.sends?.toFixed(1)} sends of ${run.calls?.toFixed(1)} calls a second and place`,
      `${run.rssMiB.toFixed(0)} MiB`, frames, `the machine ${run.machineCores.toFixed(2)} cores`,
    ].filter(Boolean).join(', '));
    return run;
  };
  for (let round = 0; round < rounds; round += 1) {
    const { sends } = await measure('ours', 'everycast', ours());
    const periodMs = sends ? 1000 / sends : WINDOW_MS;
    await measure('floor', 'floor, as many writes', floorAt(periodMs));
    // What is held to a fifth wants more pairs than what is held to halves.
    if (round >= PEER_ROUNDS) continue;
    await measure('floorInOnePiece', 'floor, as many writes, each in one piece', floorAt(periodMs, 0));
    await measure('nginx', 'nginx-rtmp push', nginxPush);
    await measure('oursAtOnce', 'everycast, window 0', ours({ flush_window_ms: 0 }));
    await measure('floorAtOnce', 'floor, a write a frame', floorAt(0));
    if (round > 0) continue;
    await measure('floorPerWindow', 'floor, a write a window', floorAt(WINDOW_MS));
    await measure('ffmpeg', 'ffmpeg -c copy', ffmpegCopies, { places: COPIES });
  }
  return runs;
}

function judge(runs, places) {
  const [own, nginx, atOnce] = [runs.ours, runs.nginx, runs.oursAtOnce].map((of) => average(of));
  const ffmpeg = average(runs.ffmpeg);
  // Each run of ours against the floor that was measured right after it: the machine's mood is in both.
  const overFloor = median(runs.ours.map((run, round) => run.coresPerPlace / runs.floor[round].coresPerPlace));
  return [
    bound('CPU over nginx-rtmp, default window', own / nginx, '≤', 0.8),
    bound('CPU over the floor with as many writes, median of pairs', overFloor, '≤', 1.2),
    bound('ffmpeg’s CPU over ours', ffmpeg / own, '≥', 10),
    bound('CPU over nginx-rtmp, window 0', atOnce / nginx, '≤', 1.5),
    ...(places === 100 ? [bound('resident memory, MiB', Math.max(...runs.ours.map((run) => run.rssMiB)), '≤', 48)] : []),
    bound('runs of ours in which every place got every frame', [...runs.ours, ...runs.oursAtOnce].filter((run) => run.frames.exact).length, '=',
      runs.ours.length + runs.oursAtOnce.length),
  ];
}

const total = (runs, of) => runs.reduce((sum, run) => sum + of(run), 0);
const row = (name, runs) => runs.length > 0 && {
  system: name,
  places: runs[0].places,
  'CPU per place, % of a core': percent(average(runs)),
  'of each run': runs.map((run) => percent(run.coresPerPlace)).join(', '),
  'sends/s per place': runs.every((run) => run.sends) ? Number(average(runs, 'sends').toFixed(1)) : '–',
  'memory, MiB': Math.round(average(runs, 'rssMiB')),
  'lost while measured': runs[0].frames ? total(runs, (run) => run.lostMeanwhile) : '–',
};

const comparison = (places) => ({
  name: `fanout-${places}`,
  title: `1 × 6 Mbit/s to ${places} destinations`,
  async run({ quick, log }) {
    const runs = await compare({ places, seconds: quick ? 5 : 8, rounds: quick ? 1 : 7, log });
    return { runs, bounds: judge(runs, places), rows: Object.entries(NAMES).map(([key, name]) => row(name, runs[key])).filter(Boolean) };
  },
});

const endurance = ({ name, title, places, start, secure, memory }) => ({
  name,
  title,
  async run({ quick, log }) {
    const certificates = secure ? await makeCertificates() : undefined;
    const run = await measureFanout({
      name, places, kbps: KBPS, seconds: quick ? 10 : 120, certificate: certificates?.good,
      start: (options) => start(options, certificates),
    });
    log(`${run.cores.toFixed(2)} cores, ${run.rssMiB.toFixed(0)} MiB, start worked off after ${run.settledS?.toFixed(1)} s, `
      + `${JSON.stringify(run.frames)}; sink ${run.sinkCores.toFixed(2)}, machine ${run.machineCores.toFixed(2)}`);
    const { lost, outOfOrder, publishes } = run.frames;
    return {
      runs: [run],
      bounds: [
        bound('cores', run.cores, '≤', 1),
        bound('frames lost or out of order', run.frames.exact ? 0 : Math.max(1, lost + outOfOrder), '=', 0),
        ...(memory ? [bound('resident memory, MiB', run.rssMiB, '≤', memory)] : []),
      ],
      rows: [{
        destinations: places,
        seconds: Math.round(run.seconds),
        cores: Number(run.cores.toFixed(3)),
        'CPU per place, % of a core': percent(run.coresPerPlace),
        'start worked off after, s': run.settledS ? Number(run.settledS.toFixed(1)) : 'not in 20',
        'sends/s per place': run.sends ? Number(run.sends.toFixed(1)) : '–',
        'memory, MiB': Math.round(run.rssMiB),
        'frames received': run.frames.received,
        lost,
        'out of order': outOfOrder,
        publishes,
        'age p99, ms': run.age.p99_ms,
        'sink, cores': Number(run.sinkCores.toFixed(2)),
        'machine, cores': Number(run.machineCores.toFixed(2)),
      }],
    };
  },
});

export default [
  comparison(100),
  comparison(300),
  endurance({ name: 'fanout-1000', title: '1 × 6 Mbit/s to 1,000 RTMP destinations, two minutes', places: 1_000, memory: 160, start: ours() }),
  endurance({
    name: 'rtmps-300', title: '1 × 6 Mbit/s to 300 RTMPS destinations, two minutes', places: 300, secure: true,
    start: (options, certificates) => everycast({ ...options, secure: true, settings: { destination_ca_file: certificates.ca } }),
  }),
];
