// What is told before going live: is the encoder there, does what it sends fit each platform, is the link wide enough. The same
// tolerances as the server's own checks while a show runs. Pure.
import type { Destination } from '@/features/multistream/patch';
import type { Platform } from '@/features/multistream/api';
import { codecName } from '@/features/multistream/limits';
import type { Schemas } from '@/shared/api/client';
import type { Tone } from '@/shared/components/StatusMark';
import { formatBitrate } from '@/shared/format';
import { golive } from '@/text/en/golive';
import type { Bandwidth } from './api';

export type Ingest = Schemas['Ingest'];
export interface Check {
  id: string;
  tone: Tone;
  text: string;
}

// Measured rates swing round what the encoder was set to.
const RATE = 1.1;
const FPS = 0.5;
const KEYFRAME_S = 0.5;
const SILENT_MS = 3_000;

const words = golive.check;
const sends = (codec: string | undefined): boolean => codec !== undefined && codec !== '' && codec !== 'none';

export function encoderCheck(ingest: Ingest | null | undefined): Check {
  if (!ingest?.connected) return { id: 'encoder', tone: 'wait', text: words.encoderAway };
  if (ingest.silentMs >= SILENT_MS) return { id: 'encoder', tone: 'bad', text: words.encoderSilent(Math.round(ingest.silentMs / 1000)) };
  return { id: 'encoder', tone: 'good', text: words.encoderThere(encoderFacts(ingest)) };
}

/** "H.264 1280×720, 30 fps, 2.5 Mbit/s, keyframes every 2 s, AAC" */
export function encoderFacts({ video, audio }: Pick<Ingest, 'video' | 'audio'>): string {
  const told: string[] = [];
  if (video && sends(video.codec)) {
    told.push(video.width > 0 ? `${codecName(video.codec)} ${video.width}×${video.height}` : codecName(video.codec));
    if (video.fps > 0) told.push(`${video.fps.toFixed(0)} fps`);
    if (video.bitrateKbps > 0) told.push(formatBitrate(video.bitrateKbps));
    if (video.keyframeIntervalS > 0) told.push(`keyframes every ${Number(video.keyframeIntervalS.toFixed(1))} s`);
  } else if (audio) told.push(words.noVideo);
  if (audio && sends(audio.codec)) told.push(codecName(audio.codec));
  else if (video) told.push(words.noAudio);
  return told.length > 0 ? told.join(', ') : words.measuring;
}

/** What a platform has against what is sent; nothing when it fits. */
export function misfits(ingest: Ingest, name: string, limits: Platform['limits']): Check[] {
  const { video, audio } = ingest;
  const found: Check[] = [];
  const add = (id: string, tone: Tone, text: string) => found.push({ id, tone, text });
  if (video && sends(video.codec)) {
    if (limits.videoCodecs.length > 0 && !limits.videoCodecs.includes(video.codec)) add('videoCodec', 'bad', words.videoCodec(name, codecName(video.codec), limits.videoCodecs.map(codecName)));
    if (limits.audioRequired && !sends(audio?.codec)) add('audioMissing', 'bad', words.audioMissing(name));
    const interval = video.keyframeIntervalS;
    const wanted = limits.keyframeIntervalS ?? 2;
    if (interval > 0 && limits.maxKeyframeIntervalS && interval > limits.maxKeyframeIntervalS + KEYFRAME_S) add('keyframesFar', 'wait', words.keyframesFar(name, interval, wanted));
    else if (interval > 0 && limits.minKeyframeIntervalS && interval < limits.minKeyframeIntervalS - KEYFRAME_S) add('keyframesClose', 'wait', words.keyframesClose(name, interval, limits.minKeyframeIntervalS, wanted));
    if (limits.maxWidth && limits.maxHeight) {
      const [short, long] = [Math.min(video.width, video.height), Math.max(video.width, video.height)];
      if (long > Math.max(limits.maxWidth, limits.maxHeight) || short > Math.min(limits.maxWidth, limits.maxHeight))
        add('picture', 'wait', words.picture(name, `${video.width}×${video.height}`, `${limits.maxWidth}×${limits.maxHeight}`));
    }
    if (limits.vertical && video.width > video.height) add('upright', 'off', words.upright(name));
    if (limits.maxFps && video.fps > limits.maxFps + FPS) add('fps', 'wait', words.fps(name, video.fps, limits.maxFps));
    const most = mostVideo(video, limits);
    if (most && video.bitrateKbps > most * RATE) add('videoHigh', 'wait', words.videoHigh(name, video.bitrateKbps, most));
    if (limits.minVideoKbps && video.bitrateKbps > 0 && video.bitrateKbps * RATE < limits.minVideoKbps) add('videoLow', 'wait', words.videoLow(name, video.bitrateKbps, limits.minVideoKbps));
    const total = video.bitrateKbps + (audio?.bitrateKbps ?? 0);
    if (limits.maxTotalKbps && total > limits.maxTotalKbps * RATE) add('totalHigh', 'wait', words.totalHigh(name, total, limits.maxTotalKbps));
  }
  if (audio && sends(audio.codec)) {
    if (limits.audioCodecs.length > 0 && !limits.audioCodecs.includes(audio.codec)) add('audioCodec', 'bad', words.audioCodec(name, codecName(audio.codec), limits.audioCodecs.map(codecName)));
    if (limits.maxAudioKbps && audio.bitrateKbps > limits.maxAudioKbps * RATE) add('audioHigh', 'wait', words.audioHigh(name, audio.bitrateKbps, limits.maxAudioKbps));
  }
  return found;
}

/** The limit for this picture where the platform has one, else for any. */
function mostVideo(video: NonNullable<Ingest['video']>, limits: Platform['limits']): number | null {
  const lines = Math.min(video.width, video.height);
  const step = lines > 0 && video.fps > 0 ? limits.bitrateSteps.find(({ maxLines, maxFps }) => lines <= maxLines && video.fps <= maxFps + FPS) : undefined;
  return step?.maxVideoKbps ?? limits.maxVideoKbps;
}

/** One line a platform, however many destinations are there; those that would be left out each. */
export function platformChecks(ingest: Ingest | null | undefined, destinations: readonly Destination[], catalogue: ReadonlyMap<string, Platform>): Check[] {
  const checks: Check[] = [];
  const seen = new Set<string>();
  for (const one of destinations) {
    if (one.notReadyReason) {
      checks.push({ id: `${one.id} ready`, tone: 'bad', text: words.notReady(one.name, one.notReadyReason) });
      continue;
    }
    const platform = catalogue.get(one.platform);
    if (!platform || seen.has(one.platform)) continue;
    seen.add(one.platform);
    if (!ingest?.connected || (!sends(ingest.video?.codec) && !sends(ingest.audio?.codec))) {
      checks.push({ id: one.platform, tone: 'off', text: words.unknownFit(platform.name) });
      continue;
    }
    const wrong = misfits(ingest, platform.name, platform.limits);
    if (wrong.length === 0) checks.push({ id: one.platform, tone: 'good', text: words.fits(platform.name) });
    checks.push(...wrong.map((check) => ({ ...check, id: `${one.platform} ${check.id}` })));
  }
  return checks;
}

/** From what the encoder sends now, if it is there; from what the platforms take otherwise. */
export function linkCheck(ingest: Ingest | null | undefined, ready: number, advice: Bandwidth | undefined): Check | undefined {
  if (!advice || ready === 0) return undefined;
  const sent = ingest?.connected ? (ingest.video?.bitrateKbps ?? 0) + (ingest.audio?.bitrateKbps ?? 0) : 0;
  const total = sent > 0 ? sent * ready : advice.totalKbps;
  const asks = words.linkAsks(ready, total, total * 2);
  if (advice.uplinkKbps === null) return { id: 'link', tone: 'off', text: `${asks} ${words.linkUnknown}` };
  const enough = advice.uplinkKbps >= total * 2;
  return { id: 'link', tone: enough ? 'good' : advice.uplinkKbps < total ? 'bad' : 'wait', text: `${asks} ${enough ? words.linkEnough(advice.uplinkKbps) : words.linkShort(advice.uplinkKbps)}` };
}
