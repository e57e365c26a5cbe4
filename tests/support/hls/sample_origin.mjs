// A Low-Latency HLS origin without a network or a clock: a show of 2 s segments and parts of half a second, whose time moves
// when somebody waits for it. What it says is right, but where `broken` changes it: the checker is tested with it.

const PART = 0.5;
const PARTS = 4;
const TARGET = 2;
const SKIP_UNTIL = 12;
const BEGIN = Date.UTC(2026, 0, 31, 12);
// The encoder began again here.
const AGAIN = 12;

const u32 = (...values) => Buffer.concat(values.map((value) => {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}));
const box = (type, ...bodies) => {
  const body = Buffer.concat(bodies.map((each) => (typeof each === 'string' ? Buffer.from(each, 'latin1') : each)));
  return Buffer.concat([u32(body.length + 8), Buffer.from(type, 'latin1'), body]);
};

const TRACKS = {
  video: { id: 1, timescale: 30_000, handler: 'vide', format: 'avc1', samples: 15, duration: 1000 },
  audio: { id: 2, timescale: 48_000, handler: 'soun', format: 'mp4a', samples: 24, duration: 1000 },
};

function init({ id, timescale, handler, format }) {
  const stbl = box('stbl', box('stsd', u32(0, 1), box(format, Buffer.alloc(28))), box('stts', u32(0, 0)), box('stsc', u32(0, 0)), box('stsz', u32(0, 0, 0)), box('stco', u32(0, 0)));
  const minf = box('minf', box('dinf', box('dref', u32(0, 1), box('url ', u32(1)))), stbl);
  const mdia = box('mdia', box('mdhd', u32(0, 0, 0, timescale, 0, 0)), box('hdlr', u32(0, 0), handler, Buffer.alloc(13)), minf);
  const trak = box('trak', box('tkhd', u32(7, 0, 0, id, 0, 0), Buffer.alloc(60)), mdia);
  const moov = box('moov', box('mvhd', u32(0, 0, 0, 1000, 0), Buffer.alloc(80)), trak, box('mvex', box('trex', u32(0, id, 1, 0, 0, 0))));
  return Buffer.concat([box('ftyp', 'iso6', u32(0), 'iso6cmfc'), moov]);
}

function part(track, number) {
  const { id, samples, duration, handler } = track;
  const isKey = (i) => handler === 'soun' || (i === 0 && number % PARTS === 0);
  const list = Array.from({ length: samples }, (_, i) => u32(duration, 10, isKey(i) ? 0x2000000 : 0x1010000));
  const traf = box('traf', box('tfhd', u32(0x20000, id)), box('tfdt', u32(0x1000000, 0, number * samples * duration)), box('trun', u32(0x701, samples, 0), ...list));
  return Buffer.concat([box('moof', box('mfhd', u32(0, number)), traf), box('mdat', Buffer.alloc(samples * 10, number))]);
}

export class SampleOrigin {
  // `broken`: {playlist(text, at), multivariant(text), bytes(bytes, at), headers(headers, at), status(at), window, partTargets,
  // skipUntil, never: {blocks, refuses, skips}, extension}. `at` says what is asked for: {name, kind, count, query, origin, …}.
  constructor(broken = {}) {
    Object.assign(this, { broken, edge: 60, clock: 0, counts: {}, waiting: [] });
    this.extension = broken.extension ?? '.m3u8';
    this.url = 'http://sample.invalid/show/index.m3u8';
    this.fetch = this.fetch.bind(this);
  }

  now = () => this.clock + this.edge * PART;

  advance() {
    this.edge += 1;
    this.waiting = this.waiting.filter((tell) => !tell());
  }

  multivariant() {
    return ['#EXTM3U', '#EXT-X-VERSION:4', '#EXT-X-INDEPENDENT-SEGMENTS',
      `#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="aac",NAME="English",LANGUAGE="en",DEFAULT=YES,AUTOSELECT=YES,CHANNELS="2",URI="audio${this.extension}"`,
      '#EXT-X-STREAM-INF:BANDWIDTH=6000000,AVERAGE-BANDWIDTH=5000000,CODECS="avc1.640028,mp4a.40.2",RESOLUTION=1920x1080,FRAME-RATE=30.000,AUDIO="aac"',
      `video${this.extension}`, ''].join('\n');
  }

  playlist(name, { edge = this.edge, skips = false } = {}) {
    const { window = 10, partTargets = 3, skipUntil = SKIP_UNTIL } = this.broken;
    const whole = Math.floor(edge / PARTS);
    const first = Math.max(0, whole - window);
    const other = name === 'video' ? 'audio' : 'video';
    const end = (edge % PARTS) * PART;
    const distance = (msn) => end + (whole - 1 - msn) * TARGET;
    const skipped = skips ? Array.from({ length: whole - first }, (_, i) => first + i).filter((msn) => distance(msn) > skipUntil).length : 0;
    const lines = ['#EXTM3U', `#EXT-X-VERSION:${skipped > 0 ? 9 : 6}`, '#EXT-X-TARGETDURATION:2',
      '#EXT-X-SERVER-CONTROL:CAN-BLOCK-RELOAD=YES,CAN-SKIP-UNTIL=12,PART-HOLD-BACK=1.5,HOLD-BACK=6', '#EXT-X-PART-INF:PART-TARGET=0.5',
      `#EXT-X-MEDIA-SEQUENCE:${first}`, `#EXT-X-DISCONTINUITY-SEQUENCE:${first > AGAIN ? 8 : 7}`];
    if (skipped > 0) lines.push(`#EXT-X-SKIP:SKIPPED-SEGMENTS=${skipped}`);
    for (let msn = first + skipped; msn <= whole; msn += 1) {
      if (msn === AGAIN) lines.push('#EXT-X-DISCONTINUITY');
      if (msn === AGAIN || (msn === first && skipped === 0)) lines.push(`#EXT-X-MAP:URI="${name}-init${msn < AGAIN ? 1 : 2}.mp4"`);
      const parts = msn === whole ? edge % PARTS : distance(msn) <= partTargets * TARGET ? PARTS : 0;
      if (msn < whole || parts > 0) lines.push(`#EXT-X-PROGRAM-DATE-TIME:${new Date(BEGIN + msn * TARGET * 1000).toISOString()}`);
      for (let index = 0; index < parts; index += 1) lines.push(`#EXT-X-PART:DURATION=0.5,URI="${name}-${msn}.${index}.m4s"${name === 'audio' || index === 0 ? ',INDEPENDENT=YES' : ''}`);
      if (msn < whole) lines.push('#EXTINF:2,', `${name}-${msn}.m4s`);
    }
    lines.push(`#EXT-X-PRELOAD-HINT:TYPE=PART,URI="${name}-${whole}.${edge % PARTS}.m4s"`);
    lines.push(`#EXT-X-RENDITION-REPORT:URI="${other}${this.extension}",LAST-MSN=${Math.floor((edge - 1) / PARTS)},LAST-PART=${(edge - 1) % PARTS}`);
    return [...lines, ''].join('\n');
  }

  // As globalThis.fetch.
  async fetch(target, { headers = {}, signal } = {}) {
    const url = new URL(target);
    const file = url.pathname.split('/').at(-1);
    const query = Object.fromEntries(url.searchParams);
    const at = { file, query, origin: this };
    const [, name, number, index] = /^(video|audio)(?:-(\w+)(?:\.(\d))?)?/.exec(file) ?? [];
    Object.assign(at, { name, msn: Number(number), part: index && Number(index), kind: !name ? 'multivariant' : number === undefined ? 'playlist' : /init/.test(number) ? 'init' : index ? 'part' : 'segment' });
    if (at.kind === 'multivariant') return this.#answer(200, Buffer.from(this.broken.multivariant?.(this.multivariant()) ?? this.multivariant()), at);
    if (at.kind === 'playlist') return this.#answerPlaylist(at);
    if (at.kind === 'init') return this.#answer(200, init(TRACKS[name]), at);
    const end = at.msn * PARTS + (at.kind === 'part' ? at.part : PARTS - 1);
    at.early = end >= this.edge;
    const status = this.broken.status?.(at);
    if (status) return this.#answer(status, Buffer.alloc(0), at);
    if (at.early) await this.#reached(end, signal);
    const numbers = at.kind === 'part' ? [end] : [0, 1, 2, 3].map((i) => at.msn * PARTS + i);
    const bytes = Buffer.concat(numbers.map((each) => part(TRACKS[name], each)));
    const range = /^bytes=(\d+)-(\d+)$/.exec(headers.range ?? '');
    return range ? this.#answer(206, bytes.subarray(Number(range[1]), Number(range[2]) + 1), at) : this.#answer(200, bytes, at);
  }

  async #answerPlaylist(at) {
    const { query, name } = at;
    const { never = {} } = this.broken;
    const [msn, index] = [query._HLS_msn, query._HLS_part].map((text) => text && Number(text));
    if (!never.refuses && ((index !== undefined && msn === undefined) || msn > Math.floor(this.edge / PARTS) + 1)) return this.#answer(400, Buffer.alloc(0), at);
    if (msn !== undefined && !never.blocks && !(msn > this.edge)) {
      while (msn * PARTS + (index ?? PARTS - 1) >= this.edge) this.advance();
    }
    // Those that a player reads one after the other are counted.
    const sequence = msn !== undefined || this.counts[name] === undefined;
    if (sequence) this.counts[name] = (this.counts[name] ?? 0) + 1;
    Object.assign(at, { count: this.counts[name], sequence, skips: query._HLS_skip === 'YES' && !never.skips });
    const status = this.broken.status?.(at);
    const text = this.playlist(name, { skips: at.skips });
    return this.#answer(status ?? 200, Buffer.from(this.broken.playlist?.(text, at) ?? text), at);
  }

  #reached(end, signal) {
    return new Promise((resolve, reject) => {
      this.waiting.push(() => (end < this.edge ? (resolve(), true) : false));
      signal?.addEventListener('abort', () => reject(signal.reason), { once: true });
    });
  }

  #answer(status, bytes, at) {
    const playlist = at.kind === 'playlist' || at.kind === 'multivariant';
    const headers = new Headers(playlist
      ? { 'content-type': 'application/vnd.apple.mpegurl', 'content-encoding': 'gzip', 'cache-control': at.query._HLS_msn ? 'max-age=12' : 'max-age=1' }
      : { 'content-type': 'video/mp4', 'cache-control': 'public, max-age=31536000, immutable' });
    this.broken.headers?.(headers, at);
    const body = (!playlist && this.broken.bytes?.(Buffer.from(bytes), at)) || bytes;
    return { status, headers, arrayBuffer: async () => body };
  }
}
