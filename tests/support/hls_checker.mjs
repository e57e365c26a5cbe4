// Reads what an HLS server hands out as players do, again and again, and lists what breaks draft-pantos-hls-rfc8216bis-22.
// `hls/rules.mjs` is the list of what is looked for. Nothing here knows the server: it may be any.
import { setTimeout as sleep } from 'node:timers/promises';
import { checkCodecs, checkMultivariant, checkTogether } from './hls/multivariant.mjs';
import { readPlaylist } from './hls/playlist.mjs';
import { Rendition } from './hls/rendition.mjs';
import { Report, describe } from './hls/rules.mjs';

export { RULES, describe } from './hls/rules.mjs';

const DEFAULTS = {
  fetch: globalThis.fetch,
  // How long a live playlist is followed, and by how many reloads at most.
  seconds: 10,
  reloads: Infinity,
  // Seconds that a server may be late, that dates may differ from durations, and that decode times may jump.
  slack: 0.5,
  dateTolerance: 0.1,
  continuityTolerance: 0,
  // Longer than a blocked answer may take.
  timeout: 30,
  headers: {},
  now: () => performance.now() / 1000,
  wait: (seconds) => sleep(seconds * 1000),
};

class Run {
  constructor(options) {
    this.options = { ...DEFAULTS, ...options };
    this.report = new Report();
    this.counts = { reloads: 0, segments: 0, parts: 0, hints: 0, deltas: 0, reports: 0 };
    this.ended = new AbortController();
  }

  // {status, headers, bytes}, or status 0 with the error.
  async get(url, range) {
    const { fetch, headers, timeout } = this.options;
    const wanted = range ? { range: `bytes=${range.offset}-${range.offset + range.length - 1}` } : {};
    const patience = new AbortController();
    const timer = setTimeout(() => patience.abort(new Error(`no answer in ${timeout} s`)), timeout * 1000);
    try {
      const response = await fetch(url, { headers: { ...headers, ...wanted }, signal: AbortSignal.any([patience.signal, this.ended.signal]) });
      return { status: response.status, headers: response.headers, bytes: Buffer.from(await response.arrayBuffer()) };
    } catch (error) {
      return { status: 0, headers: new Headers(), bytes: Buffer.alloc(0), error: error.cause?.message ?? error.message };
    } finally {
      clearTimeout(timer);
    }
  }

  // A playlist that is not part of the sequence of reloads; `say` hears of its text.
  async peek(url, say = () => {}) {
    const { status, bytes } = await this.get(url);
    const playlist = status === 200 ? readPlaylist(bytes, say) : undefined;
    return playlist?.multivariant ? undefined : playlist;
  }

  checkPlaylistAnswer({ headers }, url) {
    const type = (headers.get('content-type') ?? '').split(';')[0].trim().toLowerCase();
    const named = /\.m3u8?$/.test(new URL(url).pathname);
    if (!named && !['application/vnd.apple.mpegurl', 'audio/mpegurl'].includes(type)) this.report.add('playlist-type', { url, text: `"${type}"` });
    if (!/gzip|br|zstd/.test(headers.get('content-encoding') ?? '')) this.report.add('gzip', { url });
  }

  // The media playlists of the presentation.
  async open(url) {
    const answer = await this.get(url);
    const say = (rule, entry, text, section) => this.report.add(rule, { url, entry, text, section });
    if (answer.status !== 200) {
      say('playlist-unavailable', undefined, `${answer.status} ${answer.error ?? ''}`);
      return [];
    }
    // A media playlist is checked when it is followed; its text would be judged twice.
    const first = readPlaylist(answer.bytes, () => {});
    if (!first.multivariant) return [new Rendition(url, this)];
    this.checkPlaylistAnswer(answer, url);
    const multivariant = readPlaylist(answer.bytes, say);
    this.independent = multivariant.first('EXT-X-INDEPENDENT-SEGMENTS') !== undefined;
    this.variants = checkMultivariant(multivariant, say).map((variant) => ({ ...variant, say, url: new URL(variant.uri, url).href }));
    return [...new Set(this.variants.map((variant) => variant.url))].map((each) => new Rendition(each, this));
  }

  // Once all were followed.
  finish(renditions) {
    const read = renditions.filter(({ last }) => last);
    if (read.length > 1) checkTogether(read.map(({ last, say }) => ({ playlist: last, say })));
    for (const { url, codecs, entry, say } of this.variants ?? []) {
      const rendition = read.find((each) => each.url === url);
      if (rendition) checkCodecs(codecs, rendition.formats, say, entry);
    }
  }
}

// Checks what `url` leads to, a multivariant or a media playlist. Gives {violations, counts}: each violation as {rule, section,
// level, says, text, url, line, number, count}; counts say how much was looked at, so that a test can see that something was.
export async function checkHls(url, options = {}) {
  const run = new Run(options);
  const end = run.options.now() + run.options.seconds;
  try {
    const renditions = await run.open(url);
    await Promise.all(renditions.map((rendition) => rendition.follow(({ reloads }) => reloads >= run.options.reloads || run.options.now() >= end)));
    run.finish(renditions);
  } finally {
    run.ended.abort(new Error('the run has ended'));
  }
  return { violations: run.report.violations, counts: run.counts };
}

// The same, and throws where one of `levels` is broken.
export async function mustHoldHls(url, { levels = ['MUST', 'OURS'], ...options } = {}) {
  const result = await checkHls(url, options);
  const broken = result.violations.filter(({ level }) => levels.includes(level));
  if (broken.length > 0) throw new Error(`HLS at ${url}:\n${describe(broken)}`);
  return result;
}
