// From the encoder's socket to a platform's: the encoder sends each frame twice, straight to the sink and through the
// server; the difference of the arrivals is what the server adds.
import { measureFanout } from '../lib/fanout.mjs';
import { bound } from '../lib/judge.mjs';
import { everycast, nginxPush } from '../lib/systems.mjs';

const PLACES = 100;
const KBPS = 2_000;
const WINDOW_MS = 100;

export default [{
  name: 'latency',
  title: 'Added latency, 1 × 2 Mbit/s to 100 destinations',
  async run({ quick, log }) {
    const measure = async (name, start, kbps = KBPS) => {
      const run = await measureFanout({ name, start, places: PLACES, kbps, seconds: quick ? 6 : 15, straight: true, peeked: false });
      log(`${name}: added ${JSON.stringify(run.added)}`);
      return run;
    };
    const atOnce = (options) => everycast({ ...options, settings: { flush_window_ms: 0 } });
    const runs = [
      await measure('Everycast, window 0', atOnce),
      await measure('nginx-rtmp `push`', nginxPush),
      await measure('Everycast, default window', everycast),
      ...(quick ? [] : [
        await measure('Everycast, window 0, at 6 Mbit/s', atOnce, 6_000),
        await measure('nginx-rtmp `push`, at 6 Mbit/s', nginxPush, 6_000),
      ]),
    ];
    return {
      runs,
      bounds: [
        bound('p50 at window 0, ms', runs[0].added.p50_ms, '≤', 1),
        bound('p99 at window 0, ms', runs[0].added.p99_ms, '≤', 4),
        bound('longest at the default window, ms', runs[2].added.max_ms, '≤', WINDOW_MS + 10),
      ],
      rows: runs.map(({ name, added, cores, lostMeanwhile }) => ({
        system: name,
        'p50, ms': added.p50_ms,
        'p90, ms': added.p90_ms,
        'p99, ms': added.p99_ms,
        'p99.9, ms': added.p999_ms,
        'longest, ms': added.max_ms,
        cores: Number(cores.toFixed(3)),
        'lost while measured': lostMeanwhile,
      })),
    };
  },
}];
