// ISO base media files (ISO/IEC 14496-12) as far as HLS speaks of them: the map of section 3.1.2, and fragments.

// The boxes of a range: [{type, at, body, end}]. Throws where they do not fill it exactly.
export function boxesIn(bytes, from = 0, to = bytes.length) {
  const boxes = [];
  for (let at = from; at < to;) {
    if (at + 8 > to) throw new Error(`${to - at} bytes too many at ${at}`);
    const type = bytes.toString('latin1', at + 4, at + 8);
    let size = bytes.readUInt32BE(at);
    let body = at + 8;
    if (size === 1 && at + 16 <= to) {
      size = Number(bytes.readBigUInt64BE(at + 8));
      body = at + 16;
    }
    if (size === 0) size = to - at;
    if (size < body - at || at + size > to) throw new Error(`box "${type}" of ${size} bytes at ${at} is not whole`);
    boxes.push({ type, at, body, end: at + size });
    at += size;
  }
  return boxes;
}

const inside = (bytes, box, skip = 0) => boxesIn(bytes, box.body + skip, box.end);
const child = (bytes, box, ...types) => types.reduce((at, type) => at && inside(bytes, at).find((each) => each.type === type), box);
const flagsOf = (bytes, box) => bytes.readUInt32BE(box.body) & 0xffffff;

// The duration of a movie, track or media header: its place depends on the version and on the box.
function headerOf(bytes, box) {
  const long = bytes[box.body] === 1;
  const times = box.body + 4 + (long ? 16 : 8);
  const read = (at) => (long ? Number(bytes.readBigUInt64BE(at)) : bytes.readUInt32BE(at));
  if (box.type === 'tkhd') return { id: bytes.readUInt32BE(times), duration: read(times + 8) };
  return { timescale: bytes.readUInt32BE(times), duration: read(times + 4) };
}

// A map as {brands, tracks: Map id → {kind, timescale, format, defaults}, faults: [text]}.
export function readInit(bytes) {
  const faults = [];
  const top = boxesIn(bytes);
  const [ftyp, moov] = ['ftyp', 'moov'].map((type) => top.find((box) => box.type === type));
  if (!ftyp || !moov) throw new Error(`it has ${top.map(({ type }) => type).join(', ') || 'nothing'}`);
  if (moov.at < ftyp.at) faults.push('the movie box comes before the file type box');
  if (top.some(({ type }) => type === 'mdat' || type === 'moof')) faults.push('it has samples');
  const brands = [bytes.toString('latin1', ftyp.body, ftyp.body + 4)];
  for (let at = ftyp.body + 8; at + 4 <= ftyp.end; at += 4) brands.push(bytes.toString('latin1', at, at + 4));
  if (!brands.some((brand) => /^iso[6-9a-z]$|^cmf[2-9acfs]$/.test(brand))) faults.push(`no brand is iso6 or higher: ${brands.join(', ')}`);

  const movie = headerOf(bytes, child(bytes, moov, 'mvhd'));
  if (movie.duration !== 0) faults.push(`the movie lasts ${movie.duration}`);
  const extendsBox = child(bytes, moov, 'mvex');
  if (!extendsBox) faults.push('no movie extends box');
  const tracks = new Map();
  for (const trak of inside(bytes, moov).filter(({ type }) => type === 'trak')) {
    const { id, duration } = headerOf(bytes, child(bytes, trak, 'tkhd'));
    if (duration !== 0) faults.push(`track ${id} lasts ${duration}`);
    const mdia = child(bytes, trak, 'mdia');
    const stbl = child(bytes, mdia, 'minf', 'stbl');
    const stsd = child(bytes, stbl, 'stsd');
    const stsz = child(bytes, stbl, 'stsz') ?? child(bytes, stbl, 'stz2');
    if (stsz && bytes.readUInt32BE(stsz.body + 8) !== 0) faults.push(`track ${id} has samples`);
    const dref = child(bytes, mdia, 'minf', 'dinf', 'dref');
    if (dref && inside(bytes, dref, 8).some((box) => (flagsOf(bytes, box) & 1) === 0)) faults.push(`track ${id} has its data elsewhere`);
    const handler = child(bytes, mdia, 'hdlr');
    tracks.set(id, {
      id, kind: bytes.toString('latin1', handler.body + 8, handler.body + 12), timescale: headerOf(bytes, child(bytes, mdia, 'mdhd')).timescale,
      format: inside(bytes, stsd, 8)[0]?.type ?? '', defaults: { duration: 0, size: 0, flags: 0 },
    });
  }
  for (const trex of extendsBox ? inside(bytes, extendsBox).filter(({ type }) => type === 'trex') : []) {
    const at = trex.body + 4;
    const track = tracks.get(bytes.readUInt32BE(at));
    if (track) track.defaults = { duration: bytes.readUInt32BE(at + 8), size: bytes.readUInt32BE(at + 12), flags: bytes.readUInt32BE(at + 16) };
  }
  return { brands, tracks, faults };
}

const isSync = (flags) => (flags & 0x10000) === 0;

// One track fragment as {id, time, samples: [{duration, size, sync, offset}], faults}. Section numbers 8.8.7, 8.8.8, 8.8.12.
function readTrackFragment(bytes, traf, tracks) {
  const tfhd = child(bytes, traf, 'tfhd');
  const flags = flagsOf(bytes, tfhd);
  const id = bytes.readUInt32BE(tfhd.body + 4);
  const defaults = { ...(tracks.get(id)?.defaults ?? { duration: 0, size: 0, flags: 0 }) };
  let at = tfhd.body + 8;
  const next = () => bytes.readUInt32BE((at += 4) - 4);
  if (flags & 0x1) at += 8;
  if (flags & 0x2) at += 4;
  if (flags & 0x8) defaults.duration = next();
  if (flags & 0x10) defaults.size = next();
  if (flags & 0x20) defaults.flags = next();
  const tfdt = child(bytes, traf, 'tfdt');
  const time = tfdt && (bytes[tfdt.body] === 1 ? Number(bytes.readBigUInt64BE(tfdt.body + 4)) : bytes.readUInt32BE(tfdt.body + 4));
  const samples = [];
  for (const trun of inside(bytes, traf).filter(({ type }) => type === 'trun')) {
    const has = flagsOf(bytes, trun);
    const count = bytes.readUInt32BE(trun.body + 4);
    at = trun.body + 8;
    if (has & 0x1) at += 4;
    const first = has & 0x4 ? next() : undefined;
    for (let i = 0; i < count; i += 1) {
      const duration = has & 0x100 ? next() : defaults.duration;
      const size = has & 0x200 ? next() : defaults.size;
      const own = has & 0x400 ? next() : i === 0 && first !== undefined ? first : defaults.flags;
      const offset = has & 0x800 ? bytes.readInt32BE((at += 4) - 4) : 0;
      samples.push({ duration, size, sync: isSync(own), offset });
    }
  }
  // Movie-fragment-relative: default-base-is-moof, or no base offset at all in the first track fragment.
  return { id, time, samples, relative: (flags & 0x20000) !== 0 && (flags & 0x1) === 0 };
}

// A segment or part as {tracks: [per moof and traf], faults: [text]}. Throws where its boxes are not whole.
export function readFragments(bytes, tracks) {
  const faults = [];
  const fragments = [];
  let waiting = false;
  for (const box of boxesIn(bytes)) {
    if (box.type === 'moof') {
      if (waiting) faults.push('a movie fragment box without its media data');
      waiting = true;
      const trafs = inside(bytes, box).filter(({ type }) => type === 'traf').map((traf) => readTrackFragment(bytes, traf, tracks));
      fragments.push(...trafs.map((traf) => ({ ...traf, moof: box.at })));
    } else if (box.type === 'mdat') {
      if (!waiting) faults.push('media data without its movie fragment box');
      waiting = false;
    } else if (!['styp', 'sidx', 'prft', 'emsg', 'free', 'skip', 'uuid'].includes(box.type)) {
      faults.push(`a box "${box.type}"`);
    }
  }
  if (waiting) faults.push('a movie fragment box without its media data');
  if (fragments.length === 0) faults.push('no movie fragment');
  return { fragments, faults };
}
