import { expect, test } from 'vitest';
import { encoderFacts } from './encoder';

const video = { codec: 'h264', profile: null, width: 1920, height: 1080, fps: 30, bitrateKbps: 6000, keyframeIntervalS: 2, hasBFrames: false };
const audio = { codec: 'aac', sampleRate: 48000, channels: 2, bitrateKbps: 160 };

test('what the encoder sends, as far as it is known', () => {
  expect(encoderFacts({ clientSoftware: 'obs-output', video, audio })).toEqual(['obs-output', 'H.264', '1920×1080', 'AAC']);
  expect(encoderFacts({ clientSoftware: null, video: null, audio })).toEqual(['AAC']);
  expect(encoderFacts({ clientSoftware: '', video: { ...video, width: 0, codec: 'new' }, audio: { ...audio, codec: 'none' } })).toEqual(['new']);
});
