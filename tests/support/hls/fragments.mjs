// What maps, segments and parts must hold: their boxes, their times, and that parts are their segment once more.
import { readFragments, readInit } from './boxes.mjs';
import { seconds } from './playlist.mjs';

// The map's tracks, or undefined; what is wrong with it is said of `entry`.
export function checkInit(bytes, say, entry) {
  try {
    const init = readInit(bytes);
    for (const fault of init.faults) say('init', entry, fault);
    return init;
  } catch (error) {
    say('init', entry, error.message);
    return undefined;
  }
}

// {perTrack: Map id → {kind, timescale, begin, end, longest, samples}}, or undefined where it cannot be read.
export function checkFragments(bytes, init, say, entry) {
  let read;
  try {
    read = readFragments(bytes, init.tracks);
  } catch (error) {
    say('boxes', entry, error.message);
    return undefined;
  }
  for (const fault of read.faults) say('boxes', entry, fault);
  const perTrack = new Map();
  for (const { id, time, samples, relative } of read.fragments) {
    const track = init.tracks.get(id);
    if (!track) {
      say('track', entry, `track ${id}`);
      continue;
    }
    if (!relative) say('moof-relative', entry, `track ${id}`);
    if (time === undefined) {
      say('tfdt', entry, `track ${id}`);
      continue;
    }
    const known = perTrack.get(id);
    if (known && known.end !== time) say('continuity', entry, `track ${id} goes on at ${time} instead of ${known.end}, inside`);
    const sum = samples.reduce((total, { duration }) => total + duration, 0);
    perTrack.set(id, {
      ...track, begin: known?.begin ?? time, end: time + sum, samples: [...(known?.samples ?? []), ...samples],
      longest: Math.max(known?.longest ?? 0, ...samples.map(({ duration }) => duration)),
    });
  }
  return perTrack;
}

// Section 3: video before audio.
export const leading = (perTrack) => [...perTrack.values()].sort((one, other) => (other.kind === 'vide') - (one.kind === 'vide'))[0];

export function checkDuration(rule, duration, perTrack, say, entry) {
  const track = leading(perTrack);
  if (!track) return;
  const own = ((track.end - track.begin) / track.timescale) * 1e6;
  // To within a sample, and a microsecond of rounding.
  if (Math.abs(own - duration) >= (track.longest / track.timescale) * 1e6 + 1) say(rule, entry, `the samples last ${seconds(own)}`);
}

// `ends`: Map id → where the track ended; moves on to the end of `perTrack`.
export function checkContinuity(ends, perTrack, tolerance, say, entry) {
  for (const [id, { begin, end, timescale }] of perTrack) {
    const expected = ends.get(id);
    if (expected !== undefined && Math.abs(begin - expected) > tolerance * timescale) say('continuity', entry, `track ${id} goes on at ${begin} instead of ${expected}`);
    ends.set(id, end);
  }
}

export function startsWithKeyframe(perTrack) {
  return leading(perTrack)?.samples[0]?.sync === true;
}

// `parts`: what checkFragments gave for each.
export function checkSameSamples(perTrack, parts, say, entry) {
  for (const [id, { begin, samples }] of perTrack) {
    const own = parts.flatMap((part) => part.get(id)?.samples ?? []);
    const first = parts.find((part) => part.has(id))?.get(id).begin;
    const text = (list) => list.map(({ duration, size, sync, offset }) => `${duration}/${size}/${sync}/${offset}`).join(' ');
    if (first !== begin || text(own) !== text(samples)) say('part-samples', entry, `track ${id}: ${own.length} samples from ${first} in the parts, ${samples.length} from ${begin} in the segment`);
  }
}
