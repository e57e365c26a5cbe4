// Reads a playlist into values, and says what its text does wrong. Times are whole microseconds, so that sums are exact.
import { TAGS, fits } from './tags.mjs';

export const micros = (text) => Math.round(Number(text) * 1e6);
export const seconds = (value) => `${value / 1e6} s`;

function rangeOf(text) {
  if (text === undefined) return undefined;
  const [length, offset] = text.replace(/"/g, '').split('@').map(Number);
  return { length, offset };
}

// One line as {number, text, tag, value, attributes}; attributes hold their values without quotes.
function readLine(text, number, say) {
  const entry = { number, text };
  if (!text.startsWith('#EXT')) return entry;
  const at = text.indexOf(':');
  entry.tag = text.slice(1, at === -1 ? undefined : at);
  entry.value = at === -1 ? '' : text.slice(at + 1);
  const known = TAGS[entry.tag];
  if (!known) return entry;
  if (known.value === 'attributes') readAttributes(entry, known, say);
  else if (!fits(known.value, entry.value)) say('tag-value', entry, `"${entry.value}"`, known.section);
  return entry;
}

function readAttributes(entry, known, say) {
  entry.attributes = {};
  const pattern = /([A-Z0-9-]+)=("[^"]*"|[^",\s]+)(,|$)/y;
  let end = 0;
  while (end < entry.value.length) {
    pattern.lastIndex = end;
    const match = pattern.exec(entry.value);
    if (!match || (match[3] === ',' && pattern.lastIndex === entry.value.length)) return say('attribute-list', entry, `at "${entry.value.slice(end)}"`);
    end = pattern.lastIndex;
    const [, name, value] = match;
    if (name in entry.attributes) say('attribute-list', entry, `${name} twice`);
    const type = known.attributes[name]?.type;
    if (type && !fits(type, value)) say('attribute-value', entry, `${name}=${value}`, known.section);
    entry.attributes[name] = value.replace(/^"|"$/g, '');
  }
  for (const [name, { required }] of Object.entries(known.attributes)) {
    if (required && !(name in entry.attributes)) say('attribute-missing', entry, name, known.section);
  }
}

// Section 8: the least version that allows what is used.
function neededVersion(entries, framesOnly) {
  let least = 1;
  const needs = (version) => { least = Math.max(least, version); };
  for (const { tag, value, attributes = {} } of entries) {
    if (tag === 'EXT-X-KEY' && attributes.IV) needs(2);
    if (tag === 'EXTINF' && /^\d*\./.test(value)) needs(3);
    if (tag === 'EXT-X-BYTERANGE' || tag === 'EXT-X-I-FRAMES-ONLY') needs(4);
    if (tag === 'EXT-X-KEY' && (attributes.METHOD === 'SAMPLE-AES' || attributes.KEYFORMAT || attributes.KEYFORMATVERSIONS)) needs(5);
    if (tag === 'EXT-X-MAP') needs(framesOnly ? 5 : 6);
    if (tag === 'EXT-X-MEDIA' && attributes['INSTREAM-ID']?.startsWith('SERVICE')) needs(7);
    if (tag === 'EXT-X-DEFINE') needs('QUERYPARAM' in attributes ? 11 : 8);
    if (tag === 'EXT-X-SKIP') needs('RECENTLY-REMOVED-DATERANGES' in attributes ? 10 : 9);
    if (Object.keys(attributes).some((name) => name.startsWith('REQ-'))) needs(12);
    if (tag === 'EXT-X-MEDIA' && attributes['INSTREAM-ID'] && attributes.TYPE !== 'CLOSED-CAPTIONS') needs(13);
  }
  return least;
}

function readText(bytes, say) {
  let text;
  try {
    text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    say('encoding', undefined, 'not UTF-8');
    text = new TextDecoder().decode(bytes);
  }
  if (text.startsWith('\ufeff')) say('encoding', undefined, 'a byte order mark');
  text = text.replace(/^\ufeff/, '');
  if (/[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f]/.test(text)) say('encoding', undefined, 'control characters');
  return text;
}

// A playlist as {multivariant, entries, all(tag), first(tag), version, …}. `say(rule, entry, text, section)` hears of violations.
export function readPlaylist(bytes, say) {
  const entries = [];
  readText(bytes, say).split(/\r?\n/).forEach((line, index) => {
    if (line === '') return;
    if (/^\s|\s$/.test(line)) say('whitespace', { number: index + 1, text: line });
    entries.push(readLine(line.trim(), index + 1, say));
  });
  if (entries[0]?.text !== '#EXTM3U' || entries[0].number !== 1) say('first-line', entries[0]);
  const tags = new Map();
  for (const entry of entries) {
    if (!TAGS[entry.tag]) continue;
    if (tags.has(entry.tag) && TAGS[entry.tag].once) say('tag-twice', entry, '', TAGS[entry.tag].section);
    tags.set(entry.tag, [...(tags.get(entry.tag) ?? []), entry]);
  }
  const all = (tag) => tags.get(tag) ?? [];
  const first = (tag) => all(tag)[0];
  const kinds = new Set([...tags.keys()].map((tag) => TAGS[tag].of));
  const multivariant = kinds.has('multivariant');
  if (multivariant && (kinds.has('media') || kinds.has('segment'))) say('tags-mixed', entries.find(({ tag }) => ['media', 'segment'].includes(TAGS[tag]?.of)));
  const version = Number(first('EXT-X-VERSION')?.value ?? 1);
  const needed = neededVersion(entries, tags.has('EXT-X-I-FRAMES-ONLY'));
  if (version < needed) say('version', first('EXT-X-VERSION'), `${version}, and ${needed} is needed`);
  // A multivariant playlist may ask for 4 where there are renditions.
  if (version > Math.max(needed, all('EXT-X-MEDIA').length > 0 ? 4 : 1)) say('version-high', first('EXT-X-VERSION'), `${version}, and ${needed} would do`);
  const playlist = { multivariant, entries, all, first, version };
  return multivariant ? playlist : readMedia(playlist, say);
}

const newSegment = ({ map }) => ({ parts: [], map, discontinuity: false, gap: false });

function readMedia(playlist, say) {
  const { entries, all, first } = playlist;
  const control = first('EXT-X-SERVER-CONTROL')?.attributes ?? {};
  const number = (tag) => (first(tag) ? Number(first(tag).value) : 0);
  const optional = (text) => (text === undefined ? undefined : micros(text));
  Object.assign(playlist, {
    targetDuration: number('EXT-X-TARGETDURATION') * 1e6,
    partTarget: optional(first('EXT-X-PART-INF')?.attributes?.['PART-TARGET']),
    control: {
      blocks: control['CAN-BLOCK-RELOAD'] === 'YES', skipUntil: optional(control['CAN-SKIP-UNTIL']), skipsDates: control['CAN-SKIP-DATERANGES'] === 'YES',
      holdBack: optional(control['HOLD-BACK']), partHoldBack: optional(control['PART-HOLD-BACK']),
    },
    type: first('EXT-X-PLAYLIST-TYPE')?.value,
    mediaSequence: number('EXT-X-MEDIA-SEQUENCE'),
    discontinuitySequence: number('EXT-X-DISCONTINUITY-SEQUENCE'),
    independent: first('EXT-X-INDEPENDENT-SEGMENTS') !== undefined,
    ended: first('EXT-X-ENDLIST') !== undefined,
    skipped: Number(first('EXT-X-SKIP')?.attributes?.['SKIPPED-SEGMENTS'] ?? 0),
    hints: all('EXT-X-PRELOAD-HINT'),
    reports: all('EXT-X-RENDITION-REPORT'),
    segments: [],
  });
  let next = newSegment({});
  let discontinuities = playlist.discontinuitySequence;
  for (const entry of entries) {
    const { tag, value, attributes } = entry;
    if (tag === 'EXT-X-MEDIA-SEQUENCE' && (playlist.segments.length > 0 || next.extinf)) say('sequence-order', entry);
    if (tag === 'EXT-X-DISCONTINUITY-SEQUENCE' && (playlist.segments.length > 0 || next.discontinuity)) say('discontinuity-sequence-order', entry);
    if (next.parts.length > 0 && ['EXT-X-DISCONTINUITY', 'EXT-X-KEY', 'EXT-X-MAP', 'EXT-X-PROGRAM-DATE-TIME'].includes(tag)) say('part-order', entry);
    if (tag === 'EXTINF') Object.assign(next, { extinf: entry, duration: micros(value.split(',')[0]) });
    if (tag === 'EXT-X-BYTERANGE') Object.assign(next, { range: rangeOf(value), rangeEntry: entry });
    if (tag === 'EXT-X-DISCONTINUITY') {
      next.discontinuity = true;
      discontinuities += 1;
    }
    if (tag === 'EXT-X-MAP') next.map = { uri: attributes.URI, range: rangeOf(attributes.BYTERANGE), entry };
    if (tag === 'EXT-X-PROGRAM-DATE-TIME') Object.assign(next, { date: Date.parse(/(Z|[+-]\d\d:?\d\d)$/.test(value) ? value : `${value}Z`) * 1000, dateEntry: entry });
    if (tag === 'EXT-X-GAP') Object.assign(next, { gap: true, gapEntry: entry });
    if (tag === 'EXT-X-PART') {
      const part = { uri: attributes.URI, duration: micros(attributes.DURATION), independent: attributes.INDEPENDENT === 'YES', gap: attributes.GAP === 'YES', range: rangeOf(attributes.BYTERANGE), entry };
      if (part.range && part.range.offset === undefined) {
        const before = next.parts.at(-1);
        part.range.offset = before?.range && before.uri === part.uri ? before.range.offset + before.range.length : 0;
      }
      next.parts.push(part);
    }
    if (tag !== undefined || entry.text.startsWith('#')) continue;
    if (!next.extinf) say('extinf-missing', entry);
    if (next.range && next.range.offset === undefined) {
      const before = playlist.segments.at(-1);
      if (before?.range && before.uri === entry.text) next.range.offset = before.range.offset + before.range.length;
      else say('byte-range-offset', next.rangeEntry);
    }
    Object.assign(next, { uri: entry.text, entry, discontinuities, msn: playlist.mediaSequence + playlist.skipped + playlist.segments.length });
    playlist.segments.push(next);
    next = newSegment(next);
  }
  const dangling = next.extinf ?? next.rangeEntry ?? next.gapEntry;
  if (dangling) say('segment-uri-missing', dangling);
  playlist.open = Object.assign(next, { discontinuities });
  playlist.nextMsn = playlist.mediaSequence + playlist.skipped + playlist.segments.length;
  return playlist;
}

export const lengthOf = (things) => things.reduce((sum, { duration }) => sum + (duration ?? 0), 0);

// Where a playlist ends: the last part, or the last segment where there are no parts.
export function edgeOf({ open, segments, nextMsn }) {
  if (open.parts.length > 0) return { msn: nextMsn, part: open.parts.length - 1 };
  const parts = segments.at(-1)?.parts.length ?? 0;
  return { msn: nextMsn - 1, part: parts > 0 ? parts - 1 : undefined };
}

export const compareEdges = (one, other) => one.msn - other.msn || (one.part ?? -1) - (other.part ?? -1);
