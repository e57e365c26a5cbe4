import { describe, expect, it } from 'vitest';
import type { Platform } from '@/features/multistream/api';
import type { Destination } from '@/features/multistream/patch';
import type { Bandwidth } from './api';
import { encoderCheck, encoderFacts, linkCheck, misfits, platformChecks, type Ingest } from './preflight';

const none = { minVideoKbps: null, maxVideoKbps: null, maxAudioKbps: null, maxTotalKbps: null, maxWidth: null, maxHeight: null, maxFps: null, keyframeIntervalS: null, minKeyframeIntervalS: null, maxKeyframeIntervalS: null, videoCodecs: [], audioCodecs: [], bitrateSteps: [], audioRequired: false, vertical: false } as Platform['limits'];
const twitch = { id: 'twitch', name: 'Twitch', limits: { ...none, videoCodecs: ['h264'], audioCodecs: ['aac'], maxVideoKbps: 6000, maxAudioKbps: 320, maxWidth: 1920, maxHeight: 1080, maxFps: 60, keyframeIntervalS: 2, maxKeyframeIntervalS: 4, bitrateSteps: [{ maxLines: 720, maxFps: 30, maxVideoKbps: 4000 }] } } as unknown as Platform;
const ingest = (video: object = {}, audio: object | null = {}): Ingest =>
  ({ connected: true, silentMs: 0, video: { codec: 'h264', width: 1280, height: 720, fps: 30, bitrateKbps: 2500, keyframeIntervalS: 2, ...video }, audio: audio && { codec: 'aac', bitrateKbps: 128, ...audio } }) as unknown as Ingest;
const ids = (of: Ingest, limits = twitch.limits) => misfits(of, 'Twitch', limits).map(({ id }) => id);
const mine = (id: string, platform = 'twitch', notReadyReason: string | null = null) => ({ id, name: id, platform, notReadyReason }) as Destination;

describe('the encoder', () => {
  it('is seen or not, and told in words', () => {
    expect(encoderCheck(null).tone).toBe('wait');
    expect(encoderCheck({ ...ingest(), connected: false }).tone).toBe('wait');
    expect(encoderCheck({ ...ingest(), silentMs: 5000 })).toMatchObject({ tone: 'bad' });
    expect(encoderFacts(ingest())).toBe('H.264 1280×720, 30 fps, 2.5 Mbit/s, keyframes every 2 s, AAC');
    expect(encoderFacts(ingest({}, null))).toContain('no sound');
    expect(encoderFacts({ video: null, audio: null })).toBe('it is being measured');
  });
});

describe('what a platform has against it', () => {
  it('is nothing when it fits', () => expect(ids(ingest())).toEqual([]));
  it('is the codec', () => expect(ids(ingest({ codec: 'hevc' }, { codec: 'opus' }))).toEqual(['videoCodec', 'audioCodec']));
  it('are keyframes far apart, not those that only swing', () => {
    expect(ids(ingest({ keyframeIntervalS: 8 }))).toEqual(['keyframesFar']);
    expect(ids(ingest({ keyframeIntervalS: 4.4 }))).toEqual([]);
  });
  it('is the bitrate for this picture', () => {
    expect(ids(ingest({ bitrateKbps: 4300 }))).toEqual([]);
    expect(ids(ingest({ bitrateKbps: 4500 }))).toEqual(['videoHigh']);
    expect(ids(ingest({ bitrateKbps: 4500, fps: 60 }))).toEqual([]);
    expect(ids(ingest({ bitrateKbps: 500 }), { ...none, minVideoKbps: 1000 })).toEqual(['videoLow']);
    expect(ids(ingest({ bitrateKbps: 20_000 }), { ...none, maxTotalKbps: 14_000 })).toEqual(['totalHigh']);
  });
  it('is the picture, upright ones turned', () => {
    expect(ids(ingest({ width: 2560, height: 1440 }))).toContain('picture');
    expect(ids(ingest({ width: 1080, height: 1920 }))).toEqual([]);
    expect(ids(ingest({ fps: 120 }))).toContain('fps');
    expect(ids(ingest(), { ...none, vertical: true })).toEqual(['upright']);
  });
  it('is missing sound where it is needed', () => expect(ids(ingest({}, null), { ...none, audioRequired: true })).toEqual(['audioMissing']));
});

it('each platform is checked once, and what would be left out is told', () => {
  const catalogue = new Map([['twitch', twitch]]);
  const destinations = [mine('a'), mine('b'), mine('c', 'tiktok', 'it needs a bridge')];
  expect(platformChecks(ingest(), destinations, catalogue).map(({ id, tone }) => `${id} ${tone}`)).toEqual(['twitch good', 'c ready bad']);
  expect(platformChecks(null, destinations, catalogue)[0]!.tone).toBe('off');
  expect(platformChecks(ingest({ codec: 'hevc' }), destinations, catalogue)[0]).toMatchObject({ tone: 'bad' });
});

it('the link is wide enough, or not, or not known', () => {
  const advice = (uplinkKbps: number | null) => ({ totalKbps: 12_000, uplinkKbps }) as Bandwidth;
  expect(linkCheck(null, 2, advice(null))).toMatchObject({ tone: 'off' });
  expect(linkCheck(null, 2, advice(24_000))).toMatchObject({ tone: 'good' });
  expect(linkCheck(null, 2, advice(20_000))).toMatchObject({ tone: 'wait' });
  expect(linkCheck(null, 2, advice(9_000))).toMatchObject({ tone: 'bad' });
  // Measured: 2 x 2628 kbit/s.
  expect(linkCheck(ingest(), 2, advice(11_000))).toMatchObject({ tone: 'good' });
  expect(linkCheck(null, 0, advice(1))).toBeUndefined();
});
