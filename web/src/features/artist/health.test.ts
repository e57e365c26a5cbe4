import { expect, test } from 'vitest';
import { ingestWords, otherIssues, type Ingest } from './health';

const video = { codec: 'h264', profile: 'High', width: 1920, height: 1080, fps: 30, bitrateKbps: 6_000, keyframeIntervalS: 2, hasBFrames: true };
const audio = { codec: 'aac', sampleRate: 48_000, channels: 2, bitrateKbps: 160 };
const good: Ingest = {
  connected: true, ingestId: 'in_1', clientAddress: '192.0.2.1', clientSoftware: 'OBS 31', protocol: 'rtmp', since: '2026-01-01T00:00:00Z',
  video, audio, bytes: 1, frames: 1, framesDropped: 0, discontinuities: 0, driftMs: 4, silentMs: 20,
};
const row = (ingest: Ingest, name: string) => ingestWords(ingest).find((word) => word.name === name);

test('what is well is told with its units and without advice', () => {
  const words = ingestWords(good);
  expect(words.every(({ tone, advice }) => tone === 'good' && advice === undefined)).toBe(true);
  expect(words.map(({ value }) => value)).toEqual(['Sends by RTMP from OBS 31', 'H.264 High, 1920×1080, 30 fps', '6.0 Mbit/s', 'every 2 s', 'AAC, 48 kHz, stereo, 160 kbit/s']);
});

test('keyframes too far apart say what to set, and where', () => {
  const far = row({ ...good, video: { ...video, keyframeIntervalS: 8 } }, 'Keyframes');
  expect(far).toMatchObject({ tone: 'wait', value: 'every 8 s' });
  expect(far!.advice).toMatch(/^Keyframes every 8 s: set 2 s in OBS/);
  expect(row({ ...good, video: { ...video, keyframeIntervalS: 4 } }, 'Keyframes')!.advice).toBeUndefined();
  expect(row({ ...good, video: { ...video, keyframeIntervalS: 0 } }, 'Keyframes')).toMatchObject({ tone: 'good', value: 'being measured' });
});

test('what is missing is told', () => {
  expect(row({ ...good, audio: null }, 'Sound')).toMatchObject({ tone: 'wait', value: 'None' });
  expect(row({ ...good, video: null }, 'Picture')).toMatchObject({ tone: 'wait', value: 'None' });
  expect(ingestWords({ ...good, connected: false })).toHaveLength(1);
  expect(row({ ...good, silentMs: 3_100 }, 'Encoder')).toMatchObject({ tone: 'wait', value: 'Nothing for 3 s' });
});

test('too few pictures, an odd codec, a bitrate out of bounds, a clock that runs away', () => {
  expect(row({ ...good, video: { ...video, fps: 12.04 } }, 'Picture')!.advice).toMatch(/Only 12 pictures/);
  expect(row({ ...good, video: { ...video, codec: 'hevc' } }, 'Picture')!.advice).toMatch(/HEVC/);
  expect(row({ ...good, video: { ...video, bitrateKbps: 300 } }, 'Bitrate')!.advice).toMatch(/2500/);
  expect(row({ ...good, video: { ...video, bitrateKbps: 20_000 } }, 'Bitrate')!.advice).toMatch(/6000/);
  expect(row({ ...good, driftMs: -1_500 }, 'Clock')).toMatchObject({ value: 'runs slow by 1.5 s' });
  expect(row({ ...good, discontinuities: 1 }, 'Timeline')).toMatchObject({ value: 'mended 1 time' });
});

test('what the server finds besides is told, each thing once', () => {
  const issue = (code: string, destinationId: string | null = null) => ({ code, severity: 'warning' as const, message: code, destinationId, since: '2026-01-01T00:00:00Z' });
  expect(otherIssues([issue('keyframe_interval_long'), issue('uplink_narrow'), issue('stalled', 'de_1')]).map(({ code }) => code)).toEqual(['uplink_narrow']);
});
