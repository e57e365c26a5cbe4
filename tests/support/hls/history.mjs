// What must hold from one version of a media playlist to the next, and what a delta update makes of an older one.
import { compareEdges, edgeOf, lengthOf, seconds } from './playlist.mjs';

const HEADER = ['EXT-X-SERVER-CONTROL', 'EXT-X-PART-INF', 'EXT-X-PLAYLIST-TYPE', 'EXT-X-INDEPENDENT-SEGMENTS', 'EXT-X-I-FRAMES-ONLY'];

const rangeText = (range) => (range ? `${range.length}@${range.offset}` : '');
const segmentText = ({ uri, duration, range, gap, date, discontinuity, map }) => JSON.stringify([uri, duration, rangeText(range), gap, date, discontinuity, map?.uri, rangeText(map?.range)]);
export const partText = ({ uri, duration, range, independent, gap }) => JSON.stringify([uri, duration, rangeText(range), independent, gap]);

export function checkHistory(before, now, say) {
  checkNumbers(before, now, say);
  checkSegments(before, now, say);
  checkHint(before, now, say);
  if (before.ended && compareEdges(edgeOf(now), edgeOf(before)) !== 0) say('ended-changed', before.first('EXT-X-ENDLIST'));
  const lines = ({ entries }) => entries.map(({ text }) => text).join('\n');
  if (before.type === 'VOD' && lines(before) !== lines(now)) say('vod-changed', before.first('EXT-X-PLAYLIST-TYPE'));
}

function checkNumbers(before, now, say) {
  if (now.mediaSequence < before.mediaSequence) say('media-sequence-back', now.first('EXT-X-MEDIA-SEQUENCE'), `it was ${before.mediaSequence}`);
  if (now.discontinuitySequence < before.discontinuitySequence) say('discontinuity-sequence-back', now.first('EXT-X-DISCONTINUITY-SEQUENCE'), `it was ${before.discontinuitySequence}`);
  if (now.targetDuration !== before.targetDuration) say('target-duration-changed', now.first('EXT-X-TARGETDURATION'), `it was ${seconds(before.targetDuration)}`);
  for (const tag of HEADER) {
    const [old, own] = [before.first(tag)?.text, now.first(tag)?.text];
    if (old !== own) say('header-changed', now.first(tag), `it was ${old ?? 'not there'}`);
  }
  const removed = now.mediaSequence - before.mediaSequence;
  if (removed <= 0) return;
  if (before.type) say('type-live', before.first('EXT-X-PLAYLIST-TYPE'));
  const length = lengthOf(now.segments) + lengthOf(now.open.parts);
  if (!now.ended && length < 3 * now.targetDuration) say('removed-too-much', now.first('EXT-X-MEDIA-SEQUENCE'), `${seconds(length)} are left`);
}

function checkSegments(before, now, say) {
  const known = new Map(before.segments.map((segment) => [segment.msn, segment]));
  if (edgeOf(now).msn < edgeOf(before).msn) say('segment-removed', before.segments.at(-1)?.entry, `the last was ${edgeOf(before).msn}, and is ${edgeOf(now).msn}`);
  for (const segment of now.segments) {
    const old = known.get(segment.msn);
    if (old && segmentText(old) !== segmentText(segment)) say('segment-changed', segment.entry, `it was ${segmentText(old)}`);
    else if (old && old.discontinuities !== segment.discontinuities) say('discontinuity-number', segment.entry, `it was ${old.discontinuities}, and is ${segment.discontinuities}`);
  }
  const oldParts = new Map([...before.segments, { ...before.open, msn: before.nextMsn }].map((segment) => [segment.msn, segment.parts]));
  let listed = false;
  for (const { msn, parts, entry, extinf } of [...now.segments, { ...now.open, msn: now.nextMsn }]) {
    const old = oldParts.get(msn) ?? [];
    // A segment's parts go together, and none goes whose elder stays.
    if (old.length > 0 && parts.length === 0 && listed) say('part-removed', entry);
    if (parts.length > 0) listed = true;
    if (parts.length > 0 && parts.length < old.length) say('part-removed', parts[0].entry, `there were ${old.length} of segment ${msn}`);
    parts.forEach((part, index) => {
      if (old[index] && partText(old[index]) !== partText(part)) say('part-changed', part.entry, `it was ${old[index].entry.text}`);
    });
    if (extinf && known.has(msn) && parts.length > old.length) say('part-changed', parts[old.length].entry, `segment ${msn} was whole`);
  }
}

// 4.4.5.3: it may come as the next part of the segment, or as the first of the next one.
function checkHint(before, now, say) {
  const hint = before.hints.find(({ attributes }) => attributes.TYPE === 'PART');
  if (!hint) return;
  const at = { msn: before.nextMsn, part: before.open.parts.length };
  const partsOf = (msn) => (msn === now.nextMsn ? now.open : now.segments.find((segment) => segment.msn === msn))?.parts ?? [];
  const came = partsOf(at.msn)[at.part] ?? (now.nextMsn > at.msn ? partsOf(at.msn + 1)[0] : undefined);
  if (came && came.uri !== hint.attributes.URI) say('hint-broken', hint, `${came.uri} came`);
}

// What a player knows after `delta`, when it had `before`; undefined where `before` is too old for it.
function merged(before, delta) {
  const known = new Map(before.segments.map((segment) => [segment.msn, segment]));
  const skipped = [];
  for (let msn = delta.mediaSequence; msn < delta.mediaSequence + delta.skipped; msn += 1) {
    if (!known.has(msn)) return undefined;
    skipped.push({ ...known.get(msn), parts: [] });
  }
  const last = skipped.at(-1);
  const shift = last ? last.discontinuities - delta.discontinuitySequence : 0;
  const carry = (segment) => ({ ...segment, map: segment.map ?? last?.map, discontinuities: segment.discontinuities + shift });
  return { ...delta, segments: [...skipped, ...delta.segments.map(carry)], open: carry(delta.open) };
}

// What of a playlist a player can tell: all but its version.
function facts({ segments, open, entries, mediaSequence, discontinuitySequence }) {
  const tail = ['EXT-X-PRELOAD-HINT', 'EXT-X-RENDITION-REPORT', 'EXT-X-ENDLIST', 'EXT-X-TARGETDURATION', 'EXT-X-DATERANGE', ...HEADER];
  return [
    `media sequence ${mediaSequence}`, `discontinuity sequence ${discontinuitySequence}`,
    ...segments.flatMap((segment) => [`${segment.msn} ${segment.discontinuities} ${segmentText(segment)}`, ...segment.parts.map(partText)]),
    ...open.parts.map(partText), `${open.map?.uri} ${open.discontinuities}`,
    ...entries.filter(({ tag }) => tail.includes(tag)).map(({ text }) => text),
  ];
}

// `full`: the full playlist of the same edge; `before`: an older full one.
export function checkDelta(before, delta, full, say) {
  const skip = delta.first('EXT-X-SKIP');
  const { skipUntil } = full.control;
  const end = lengthOf(full.open.parts);
  const distance = (msn) => end + lengthOf(full.segments.filter((segment) => segment.msn > msn));
  const beyond = full.segments.filter(({ msn }) => distance(msn) > skipUntil).length;
  if (!skip) return beyond > 0 ? say('delta-missing', full.first('EXT-X-SERVER-CONTROL'), `${beyond} segments are beyond the boundary`) : undefined;
  // The distance is that of a segment's beginning or of its end: the boundary may cut one.
  if (delta.skipped > beyond + 1) say('delta-boundary', skip, `${beyond} segments are beyond the boundary`);
  const result = merged(before, delta);
  if (!result) return undefined;
  const [own, other] = [facts(result), facts(full)];
  const at = other.findIndex((fact, index) => fact !== own[index]);
  if (at !== -1 || own.length !== other.length) say('delta-differs', skip, `${own[at === -1 ? other.length : at]} instead of ${other[at]}`);
  return undefined;
}
