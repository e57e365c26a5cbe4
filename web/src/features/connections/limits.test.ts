import { expect, test } from 'vitest';
import type { Schemas } from '@/shared/api/client';
import { countByPlatform, limitWords } from './limits';

const unknown: Schemas['PlatformLimits'] = {
  minVideoKbps: null, maxVideoKbps: null, maxAudioKbps: null, maxTotalKbps: null, maxWidth: null, maxHeight: null, maxFps: null, keyframeIntervalS: null,
  minKeyframeIntervalS: null, maxKeyframeIntervalS: null, videoCodecs: [], audioCodecs: [], bitrateSteps: [], audioRequired: false, vertical: false,
};

test('what is not known is not said', () => expect(limitWords(unknown)).toEqual([]));

test('every number has its unit', () => {
  expect(limitWords({ ...unknown, minVideoKbps: 1000, maxVideoKbps: 8000, maxWidth: 1920, maxHeight: 1080, maxFps: 60, keyframeIntervalS: 2, maxKeyframeIntervalS: 4, videoCodecs: ['h264', 'hevc'], audioCodecs: ['aac'], maxAudioKbps: 160 })).toEqual([
    '1.0 Mbit/s to 8.0 Mbit/s of video', 'Up to 1920×1080 at 60 fps', 'A keyframe every 2 s, at most 4 s apart', 'Video: H.264, HEVC', 'Sound: AAC', 'Up to 160 kbit/s of sound',
  ]);
});

test('a strict interval is said once, and upright pictures are told', () => {
  expect(limitWords({ ...unknown, keyframeIntervalS: 2, maxKeyframeIntervalS: 2, maxWidth: 720, maxHeight: 1280, vertical: true, audioRequired: true })).toEqual(['Upright, up to 720×1280', 'A keyframe every 2 s', 'Needs sound']);
});

test("only one's own destinations are counted, whatever an administrator is told of", () => {
  const counts = countByPlatform([{ platform: 'twitch', ownerId: 'a' }, { platform: 'twitch', ownerId: 'b' }, { platform: 'x', ownerId: 'a' }, { platform: 'twitch', ownerId: 'a' }], 'a');
  expect([...counts]).toEqual([['twitch', 2], ['x', 1]]);
});
