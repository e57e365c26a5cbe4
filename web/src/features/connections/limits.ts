// What a platform takes, in words, the most telling first. Pure.
import type { Schemas } from '@/shared/api/client';
import { formatBitrate } from '@/shared/format';
import { connections } from '@/text/en/connections';

const text = connections.limit;
const NAMES: Record<string, string> = { h264: 'H.264', hevc: 'HEVC', av1: 'AV1', vp9: 'VP9', vp8: 'VP8', aac: 'AAC', opus: 'Opus', mp3: 'MP3' };
const named = (codecs: readonly string[]): string => codecs.map((codec) => NAMES[codec] ?? codec).join(', ');

export function limitWords(limits: Schemas['PlatformLimits']): string[] {
  const words: string[] = [];
  if (limits.maxVideoKbps) words.push(text.rate(limits.minVideoKbps ? formatBitrate(limits.minVideoKbps) : undefined, formatBitrate(limits.maxVideoKbps)));
  if (limits.maxTotalKbps) words.push(text.total(formatBitrate(limits.maxTotalKbps)));
  if (limits.maxWidth && limits.maxHeight) words.push((limits.vertical ? text.upright : text.picture)(limits.maxWidth, limits.maxHeight, limits.maxFps));
  if (limits.keyframeIntervalS) words.push(text.keyframes(limits.keyframeIntervalS, limits.maxKeyframeIntervalS));
  if (limits.videoCodecs.length > 0) words.push(text.video(named(limits.videoCodecs)));
  if (limits.audioCodecs.length > 0) words.push(text.audio(named(limits.audioCodecs)));
  if (limits.maxAudioKbps) words.push(text.sound(formatBitrate(limits.maxAudioKbps)));
  if (limits.audioRequired) words.push(text.needsSound);
  return words;
}

export function countByPlatform(destinations: readonly { platform: string; ownerId: string }[], ownerId: string): Map<string, number> {
  const counts = new Map<string, number>();
  for (const one of destinations) if (one.ownerId === ownerId) counts.set(one.platform, (counts.get(one.platform) ?? 0) + 1);
  return counts;
}
