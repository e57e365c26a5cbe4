// What is measured, each behind the same few words: it takes one publish at `url` under `key` and sends it to so many
// places at the sink. `pids`: whose CPU time and memory count. The sink and the publisher are the same for all.
import { waitFor } from '../../tests/support/wait.mjs';
import { Child } from '../../tests/support/process.mjs';
import { NginxRtmp } from '../../tests/support/nginx-rtmp.mjs';
import { Server, makeDestination, makeStation } from '../../tests/support/server.mjs';
import { startFloor } from './tools.mjs';

const AT_ONCE = 16;

// Runs jobs, so many at a time.
async function each(count, job) {
  let next = 0;
  await Promise.all(Array.from({ length: AT_ONCE }, async () => {
    while (next < count) await job(next++);
  }));
}

const PATIENCE_MS = 20_000;

// How many seconds it takes until the facts of so many destinations' start are worked off; nothing when it takes too long.
export async function workedOff(server) {
  const began = performance.now();
  let calm = 0;
  const done = await waitFor('the events to be worked off', async () => {
    const metrics = await (await fetch(`${server.url}/metrics`)).text();
    calm = /^everycast_events_queued 0$/m.test(metrics) ? calm + 1 : 0;
    return calm >= 3;
  }, { timeoutMs: PATIENCE_MS, everyMs: 250 }).catch(() => false);
  return done ? (performance.now() - began) / 1000 : undefined;
}

export function startServer(settings = {}) {
  return Server.start({ settings: {
    log_level: 'info', requests_per_second: 0, max_connections: 15_000, max_connections_per_address: 15_000, max_destinations: 2_000, ...settings,
  } });
}

// Our server with a station whose encoder finds `places` destinations; they are connected when it comes.
export async function everycast({ sink, places, settings, secure = false }) {
  const server = await startServer(settings);
  const user = await server.user();
  const station = await makeStation(user);
  const rtmpUrl = secure ? sink?.rtmpsUrl : sink?.rtmpUrl;
  await each(places, (n) => makeDestination(user, { url: rtmpUrl, name: `place ${n}`, key: `place-${n}` }));
  const { playback } = await user.post('/api/live/start', { streamKey: station.streamKey, title: 'Bench', stationId: station.id, useMultistream: places > 0 });
  return {
    server, user, url: server.rtmpUrl, key: station.streamKey, playbackId: playback.playbackId, pids: [server.child.pid],
    settled: () => workedOff(server),
    stop: () => server.kill(),
  };
}

// Debian's nginx-rtmp, one `push` for each place.
export async function nginxPush({ sink, places }) {
  const nginx = await NginxRtmp.start({ push: Array.from({ length: places }, (_, n) => `${sink.rtmpUrl}/place-${n}`) });
  return { url: nginx.url, key: 'bench', pids: [nginx.child.pid], stop: () => nginx.child.kill() };
}

// One `ffmpeg -c copy` for each place. All read from a server of ours, whose work is not counted.
export async function ffmpegCopies({ sink, places }) {
  const source = await everycast({ sink, places: 0 });
  const copies = [];
  const begin = async () => {
    const from = `${source.url}/${source.playbackId}`;
    for (let n = 0; n < places; n += 1)
      copies.push(new Child('ffmpeg', ['-hide_banner', '-nostdin', '-loglevel', 'error', '-i', from, '-c', 'copy', '-f', 'flv', `${sink.rtmpUrl}/place-${n}`]));
  };
  return {
    url: source.url, key: source.key, begin,
    get pids() {
      return copies.map(({ pid }) => pid);
    },
    stop: () => Promise.all([...copies.map((copy) => copy.kill()), source.stop()]),
  };
}

// The kernel's own work: one loop that writes the same bytes to as many sockets. It needs no publisher.
export async function floor({ sink, places, kbps, periodMs, chunk }) {
  const tool = startFloor({ sink, sockets: places, kbps, periodMs, chunk });
  await waitFor('the floor to write', async () => (await tool.report()).writes > places);
  return { tool, pids: [tool.pid], stop: () => tool.kill() };
}
