// What one media playlist must hold by itself.
import { lengthOf, seconds } from './playlist.mjs';

// Rounding in the text: of a duration, and of a date to the millisecond.
const ROUNDING = 1000;
const SUB_SECOND = 1_000_000;

export function checkMedia(playlist, say, { dateTolerance }) {
  checkHeader(playlist, say);
  // Nothing can be held against it.
  if (playlist.targetDuration === 0) return;
  for (const segment of playlist.segments) {
    if (Math.round((segment.duration ?? 0) / 1e6) * 1e6 > playlist.targetDuration) say('target-duration', segment.extinf, `over ${seconds(playlist.targetDuration)}`);
  }
  checkParts(playlist, say);
  checkDates(playlist, say, dateTolerance);
  if (playlist.ended && playlist.hints.length > 0) say('hint-after-end', playlist.hints[0]);
  for (const type of ['PART', 'MAP']) {
    const hints = playlist.hints.filter(({ attributes }) => attributes.TYPE === type);
    if (hints.length > 1) say('hint-twice', hints[1]);
  }
  for (const report of playlist.reports) {
    if (/^[a-z][a-z0-9+.-]*:/i.test(report.attributes.URI ?? '')) say('report-uri', report);
  }
}

function checkHeader({ first, all, control, targetDuration, partTarget }, say) {
  const serverControl = first('EXT-X-SERVER-CONTROL');
  if (!first('EXT-X-TARGETDURATION')) return say('target-duration-missing');
  if (targetDuration < 1e6) say('tag-value', first('EXT-X-TARGETDURATION'), 'less than one', '4.4.3.1');
  if (control.holdBack < 3 * targetDuration) say('hold-back', serverControl, `${seconds(control.holdBack)} of ${seconds(targetDuration)} each`);
  if (control.skipUntil < 6 * targetDuration) say('skip-boundary', serverControl, `${seconds(control.skipUntil)} of ${seconds(targetDuration)} each`);
  if (control.skipsDates && control.skipUntil === undefined) say('skip-dateranges', serverControl);
  if (partTarget === undefined) {
    if (first('EXT-X-PART')) say('part-inf-missing', first('EXT-X-PART'));
  } else if (control.partHoldBack === undefined) {
    say('part-hold-back-missing', serverControl ?? first('EXT-X-PART-INF'));
  } else if (control.partHoldBack < 2 * partTarget) {
    say('part-hold-back', serverControl, `${seconds(control.partHoldBack)} of ${seconds(partTarget)} each`);
  } else if (control.partHoldBack < 3 * partTarget) {
    say('part-hold-back-short', serverControl, `${seconds(control.partHoldBack)} of ${seconds(partTarget)} each`);
  }
  if (first('EXT-X-DATERANGE') && all('EXT-X-PROGRAM-DATE-TIME').length === 0) say('daterange-undated', first('EXT-X-DATERANGE'));
}

function checkParts({ segments, open, partTarget, targetDuration, ended }, say) {
  let after = lengthOf(open.parts);
  for (const { parts, duration, extinf } of [...segments].reverse()) {
    if (parts.length > 0) {
      const sum = lengthOf(parts);
      if (Math.abs(sum - duration) > ROUNDING + 10 * parts.length) say('part-sum', extinf, `the parts are ${seconds(sum)}`);
      if (after > 3 * targetDuration && !ended) say('part-old', parts[0].entry, `${seconds(after)} from the end`);
    }
    after += duration ?? 0;
  }
  if (partTarget === undefined) return;
  for (const { parts, extinf } of [...segments, open]) {
    parts.forEach((part, index) => {
      const next = parts[index + 1];
      // The last part of the open segment may turn out to be its last.
      const last = next === undefined;
      if (part.duration > partTarget) say('part-long', part.entry, `over ${seconds(partTarget)}`);
      if (part.duration < 0.85 * partTarget && !part.independent && !part.gap && !next?.gap && !last) {
        say('part-short', part.entry, `under 85 % of ${seconds(partTarget)}${extinf ? '' : ', in the segment in the making'}`);
      }
    });
  }
}

function checkDates({ segments, open }, say, tolerance) {
  let expected;
  const dated = segments.some(({ date }) => date !== undefined);
  for (const { date, dateEntry, discontinuity, duration, entry, parts } of [...segments, open]) {
    if (dated && discontinuity && date === undefined && (entry || parts.length > 0)) say('date-time-discontinuity', entry ?? parts[0].entry);
    if (date !== undefined && expected !== undefined) {
      const ahead = date - expected;
      if (discontinuity ? ahead <= -SUB_SECOND : Math.abs(ahead) > tolerance + ROUNDING) say('date-time', dateEntry, `${seconds(ahead)} off`);
    }
    if (date !== undefined) expected = date;
    else if (discontinuity) expected = undefined;
    if (expected !== undefined) expected += duration ?? 0;
  }
}

// What a Cache-Control says, in seconds; undefined where it says nothing.
export function maxAge(headers) {
  const control = headers.get('cache-control') ?? '';
  if (/no-(cache|store)/.test(control)) return 0;
  const age = /(?:^|[\s,])max-age=(\d+)/.exec(control);
  return age ? Number(age[1]) : undefined;
}
