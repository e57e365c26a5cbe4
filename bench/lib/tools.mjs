// The load tools of bench/tools as child processes. Each prints one line of JSON for SIGUSR1: what it counted.
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { freePort } from '../../tests/support/ports.mjs';
import { Child, temporaryFolder } from '../../tests/support/process.mjs';
import { eventOf, waitFor } from '../../tests/support/wait.mjs';

const FOLDER = fileURLToPath(new URL('../../build/release/bench/', import.meta.url));
const ANSWER_MS = 15_000;

class Tool extends Child {
  constructor(name, args) {
    super(path.join(FOLDER, `bench_${name}`), args.map(String));
  }

  async #say(signal) {
    await this.said(/^ready$/m);
    if (this.over) throw new Error(`${this.name} ended: ${this.output.slice(-1000)}`);
    const line = eventOf(this, 'line', { accepts: (text) => text.startsWith('{'), timeoutMs: ANSWER_MS, what: `${this.name} to report` });
    this.process.kill(signal);
    return JSON.parse(await line);
  }
  // What it counted; its histograms begin anew.
  report() {
    return this.#say('SIGUSR1');
  }
  // The same, as it ends.
  async finish() {
    const last = await this.#say('SIGTERM');
    await this.exit();
    return last;
  }
}

// Platforms. `url(name)`: where to push to; `certificate`: {key, cert} paths, for RTMPS.
export async function startSink({ certificate } = {}) {
  const [rtmp, rtmps, raw] = [await freePort(), await freePort(), await freePort()];
  const args = ['--rtmp', `127.0.0.1:${rtmp}`, '--raw', `127.0.0.1:${raw}`];
  if (certificate) args.push('--rtmps', `127.0.0.1:${rtmps}`, '--certificate', certificate.cert, '--key', certificate.key);
  const sink = new Tool('sink', args);
  await sink.said(/^ready$/m);
  sink.rtmpUrl = `rtmp://127.0.0.1:${rtmp}/app`;
  sink.rtmpsUrl = `rtmps://localhost:${rtmps}/app`;
  sink.raw = `127.0.0.1:${raw}`;
  return sink;
}

// Waits until so many publishes are there.
export function publishing(sink, count, timeoutMs = 60_000) {
  let seen;
  return waitFor(`${count} publishes at the sink`, async () => {
    seen = await sink.report();
    return seen.publishing >= count && seen;
  }, { timeoutMs, everyMs: 100, describe: () => seen });
}

// One encoder for each of `keys`. `straight`: a sink that gets each frame directly as well.
export function startPublisher({ url, keys, kbps, straight, perSecond = 200, sources = 1 }) {
  const file = path.join(temporaryFolder('keys'), 'keys');
  writeFileSync(file, `${keys.join('\n')}\n`, { mode: 0o600 });
  const args = ['--url', url, '--keys', file, '--kbps', kbps, '--per-second', perSecond, '--sources', sources];
  if (straight) args.push('--straight', straight.rtmpUrl);
  return new Tool('publisher', args);
}

export function startPlayers({ url, name, count, sampleEvery = 100, perSecond = 500, firstSource = 1, sources = 4, doing = 'play' }) {
  return new Tool('player', ['--url', url, '--name', name, '--count', count, '--sample-every', sampleEvery, '--per-second', perSecond,
    '--first-source', firstSource, '--sources', sources, '--doing', doing]);
}

// GETs `paths` over and over and drops what comes.
export function startDownloader({ address, paths, connections, sources = 8, gzip = false, headBytes = 4 * 1024 }) {
  const args = ['--to', address, '--connections', connections, '--sources', sources, '--head-bytes', headBytes];
  return new Tool('downloader', [...args, ...(gzip ? ['--gzip'] : []), ...paths.flatMap((each) => ['--path', each])]);
}

// LL-HLS viewers of the multivariant playlist at `path`.
export const startViewers = ({ address, path: of, count, perSecond = 500, firstSource = 1, sources = 8 }) =>
  new Tool('viewer', ['--to', address, '--path', of, '--count', count, '--per-second', perSecond, '--first-source', firstSource, '--sources', sources]);

export const startFloor = ({ sink, sockets, kbps, periodMs, chunk = 0 }) =>
  new Tool('floor', ['--to', sink.raw, '--sockets', sockets, '--kbps', kbps, '--period-ms', periodMs, '--chunk', chunk]);
