// Holds what a receiver recorded against what a publisher sent: the same (type, timestamp, payload hash) in the same
// order, timestamps up to one constant offset. Codec configuration may be repeated and is looked at apart.
import assert from 'node:assert/strict';
import { isConfig, isKeyframe } from './media.mjs';

const coded = (messages) => messages.filter((message) => !isConfig(message));
const name = (message) => message && `${message.type} ${message.timestamp} ${message.hash.slice(0, 8)}`;
const same = (one, other) => one.type === other.type && one.hash === other.hash;

// Asserts that `received` is a run of `sent` without a hole, and gives {first, last, offset}: which of the sent coded
// messages it begins and ends with. With `throughout`, it must reach from the first keyframe to the last message.
export function assertExact(sent, received, { throughout = true, label = 'received', offset: wantedOffset } = {}) {
  const theirs = coded(received);
  const ours = coded(sent);
  assert.ok(theirs.length > 0, `${label}: no coded media arrived`);
  const first = ours.findIndex((message) => same(message, theirs[0]));
  assert.notEqual(first, -1, `${label}: its first message was never sent: ${name(theirs[0])}`);
  const offset = (theirs[0].timestamp - ours[first].timestamp) | 0;
  for (const [index, message] of theirs.entries()) {
    const wanted = ours[first + index];
    assert.ok(wanted && same(wanted, message), `${label}: message ${index} is ${name(message)}, sent was ${name(wanted)}`);
    assert.equal((message.timestamp - wanted.timestamp) | 0, offset, `${label}: message ${index} (${name(message)}) has left the common offset`);
  }
  if (wantedOffset !== undefined) assert.equal(offset, wantedOffset, `${label}: timestamp offset`);
  const hasVideo = ours.some((message) => message.type === 'video');
  if (hasVideo) assert.ok(isKeyframe(theirs.find((message) => message.type === 'video')), `${label}: video begins without a keyframe`);
  const last = first + theirs.length - 1;
  if (throughout) {
    // Sound alone can begin anywhere: nothing says that its first moments are kept for who connects later.
    const start = ours.findIndex(isKeyframe);
    if (hasVideo) assert.ok(first <= start, `${label}: begins ${first - start} messages after the first keyframe`);
    assert.equal(last, ours.length - 1, `${label}: ${ours.length - 1 - last} messages are missing at the end`);
  }
  return { first, last, offset, count: theirs.length };
}

// For a receiver that could not keep up: what it got is `sent` with holes, and after each hole the picture begins anew
// with a keyframe, sound and configuration before it or not. Gives the number of holes.
export function assertWholeGroups(sent, received, label = 'received') {
  const ours = coded(sent);
  const offset = (() => {
    const first = received.find((message) => !isConfig(message));
    return (first.timestamp - ours.find((message) => same(message, first)).timestamp) | 0;
  })();
  let at = -1;
  let holes = 0;
  let needsKeyframe = true;
  for (const [index, message] of coded(received).entries()) {
    const next = ours.findIndex((other, position) => position > at && same(other, message));
    assert.notEqual(next, -1, `${label}: message ${index} (${name(message)}) is not among what is left of the sent ones`);
    if (ours.slice(at + 1, next).some(({ type }) => type === 'video')) {
      holes += at === -1 ? 0 : 1;
      needsKeyframe = true;
    }
    if (message.type === 'video') {
      assert.ok(!needsKeyframe || isKeyframe(message), `${label}: message ${index} (${name(message)}) follows a hole and is no keyframe`);
      needsKeyframe = false;
    }
    assert.equal((message.timestamp - ours[next].timestamp) | 0, offset, `${label}: message ${index} has left the common offset`);
    at = next;
  }
  return holes;
}

// The configurations that came before the first coded message are the ones last sent by then.
export function assertConfigured(sent, received, label = 'received') {
  for (const type of ['video', 'audio']) {
    const firstCoded = received.findIndex((message) => message.type === type && !isConfig(message));
    if (firstCoded === -1) continue;
    const config = received.slice(0, firstCoded).filter((message) => message.type === type).at(-1);
    assert.ok(config, `${label}: ${type} came without its configuration`);
    assert.ok(sent.some((message) => isConfig(message) && same(message, config)), `${label}: ${type} configuration differs from what was sent`);
  }
}
