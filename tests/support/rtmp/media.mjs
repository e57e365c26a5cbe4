// Made-up shows as FLV tag bodies: real codec configurations (1280×720, 30 fps; 44.1 kHz stereo), coded data of noise.
// Nothing here decodes; it is what a relay sees, and every payload is different from every other.
import { Buffer } from 'node:buffer';
import { EcmaArray, encode } from './amf0.mjs';

const hex = (text) => Buffer.from(text, 'hex');

const AVC_CONFIG = hex('0164001fffe1001a6764001facd9405005bb0110000003001000000303c0f183196001000668ebe3cb22c0fdf8f800');
const HEVC_CONFIG = hex('0101600000009000000000005df000fcfdf8f800000f03a00001001840010c01ffff01600000030090000003000003005d959809'
  + 'a10001002b42010101600000030090000003000003005da00280802d165959a4932bc05a020000030002000003003c10a2000100074401c172b46240');
const AV1_CONFIG = hex('81050c000a0b0000002d4cffb3ccaf9004');
const OPUS_HEAD = hex('4f707573486561640102380180bb0000000000');
const AAC_CONFIG = hex('1210');

// Bytes that follow from the seed alone and hold no zero, so that they look like one NAL unit or OBU to any parser.
export function noise(length, seed) {
  const bytes = Buffer.alloc(length);
  let state = (seed * 2654435761 + 1) >>> 0;
  for (let at = 0; at < length; at += 1) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    bytes[at] = (state >>> 24) | 1;
  }
  return bytes;
}

const lengthPrefixed = (nal) => {
  const prefix = Buffer.alloc(4);
  prefix.writeUInt32BE(nal.length);
  return Buffer.concat([prefix, nal]);
};
const enhanced = (first, fourcc, ...rest) => Buffer.concat([Buffer.from([first]), Buffer.from(fourcc), ...rest]);
const CTS_0 = Buffer.alloc(3);

// Each codec: its configuration tag, and the tag of one coded frame.
export const VIDEO = {
  h264: {
    config: () => Buffer.concat([hex('1700000000'), AVC_CONFIG]),
    frame: (key, size, seed) => Buffer.concat([hex(key ? '1701000000' : '2701000000'), lengthPrefixed(Buffer.concat([hex(key ? '65' : '41'), noise(size, seed)]))]),
  },
  hevc: {
    config: () => enhanced(0x90, 'hvc1', HEVC_CONFIG),
    frame: (key, size, seed) => enhanced(key ? 0x91 : 0xa1, 'hvc1', CTS_0, lengthPrefixed(Buffer.concat([hex(key ? '2601' : '0201'), noise(size, seed)]))),
  },
  av1: {
    config: () => enhanced(0x90, 'av01', AV1_CONFIG),
    // One OBU_FRAME with its size left out.
    frame: (key, size, seed) => enhanced(key ? 0x91 : 0xa1, 'av01', hex('30'), noise(size, seed)),
  },
};

export const AUDIO = {
  aac: {
    config: () => Buffer.concat([hex('af00'), AAC_CONFIG]),
    frame: (size, seed) => Buffer.concat([hex('af01'), noise(size, seed)]),
    frameMs: (1024 * 1000) / 44100,
  },
  opus: {
    config: () => enhanced(0x90, 'Opus', OPUS_HEAD),
    frame: (size, seed) => enhanced(0x91, 'Opus', noise(size, seed)),
    frameMs: 20,
  },
};

// A second video track in Enhanced RTMP's multitrack shape (OneTrack), around a tag made by VIDEO.
export function oneTrack(track, tag) {
  const type = tag[0] & 0x0f;
  return Buffer.concat([Buffer.from([(tag[0] & 0xf0) | 6, type]), tag.subarray(1, 5), Buffer.from([track]), tag.subarray(5)]);
}

export function onMetaData({ video = 'h264', audio = 'aac', fps = 30, kbps = 800 } = {}) {
  const ids = { h264: 7, hevc: 1752589105, av1: 1635135537, aac: 10, opus: 1332770163 };
  return new EcmaArray({
    duration: 0,
    ...(video && { width: 1280, height: 720, videocodecid: ids[video], framerate: fps, videodatarate: kbps }),
    ...(audio && { audiocodecid: ids[audio], audiosamplerate: 44100, audiosamplesize: 16, audiochannels: 2, stereo: true, audiodatarate: 64 }),
    encoder: 'ScriptedPublisher',
  });
}

// The messages of a show in the order an encoder sends them: metadata, configurations, then frames by time. `startAt`
// moves the timestamps (they wrap at 2^32), `due` stays the ms from the beginning.
export function show({ seconds = 5, video = 'h264', audio = 'aac', fps = 30, gopSeconds = 1, kbps = 800, startAt = 0, seed = 1 } = {}) {
  const head = [{ type: 'data', payload: encode('@setDataFrame', 'onMetaData', onMetaData({ video, audio, fps, kbps })) }];
  if (video) head.push({ type: 'video', payload: VIDEO[video].config() });
  if (audio) head.push({ type: 'audio', payload: AUDIO[audio].config() });
  const frames = [];
  const size = Math.round((kbps * 1000) / 8 / fps);
  for (let n = 0; video && n < seconds * fps; n += 1) {
    const key = n % Math.round(fps * gopSeconds) === 0;
    frames.push({ type: 'video', key, due: Math.round((n * 1000) / fps), payload: VIDEO[video].frame(key, key ? size * 3 : size, seed * 1_000_003 + n) });
  }
  const { frameMs, frame } = AUDIO[audio] ?? {};
  for (let n = 0; audio && n * frameMs < seconds * 1000; n += 1) {
    frames.push({ type: 'audio', due: Math.round(n * frameMs), payload: frame(180, seed * 2_000_003 + n) });
  }
  frames.sort((one, other) => one.due - other.due || (one.type === 'video' ? -1 : 1));
  return [...head.map((message) => ({ ...message, due: 0 })), ...frames].map((message) => ({ ...message, timestamp: (startAt + message.due) % 2 ** 32 }));
}

// Whether a recorded message is codec configuration, which a relay may repeat.
export function isConfig({ type, head }) {
  const first = head[0];
  if (type === 'audio') return (first >> 4 === 10 && head[1] === 0) || (first >> 4 === 9 && (first & 0x0f) === 0);
  if (first & 0x80) return (first & 0x0f) === 0 || ((first & 0x0f) === 6 && (head[1] & 0x0f) === 0);
  return (first & 0x0f) === 7 && head[1] === 0;
}

export function isKeyframe({ type, head }) {
  return type === 'video' && ((head[0] >> 4) & 7) === 1;
}
