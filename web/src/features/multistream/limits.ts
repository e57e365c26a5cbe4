// A platform's limits as a line of words. Pure.
import { multistream } from '@/text/en/multistream';
import type { Platform } from './api';

const CODECS: Record<string, string> = { h264: 'H.264', hevc: 'HEVC', av1: 'AV1', vp9: 'VP9', vp8: 'VP8', aac: 'AAC', opus: 'Opus', none: '' };
export const codecName = (codec: string): string => CODECS[codec] ?? codec.toUpperCase();

export function limitWords({ limits }: Pick<Platform, 'limits'>): string[] {
  const words = multistream.dialog;
  const told: string[] = [];
  if (limits.videoCodecs.length > 0) told.push(words.codecs(limits.videoCodecs.map(codecName).join(', ')));
  if (limits.minVideoKbps) told.push(words.from(limits.minVideoKbps));
  if (limits.maxVideoKbps) told.push(words.upTo(limits.maxVideoKbps));
  if (limits.maxTotalKbps) told.push(words.inAll(limits.maxTotalKbps));
  if (limits.maxWidth && limits.maxHeight) told.push(words.picture(limits.maxWidth, limits.maxHeight));
  if (limits.maxFps) told.push(words.fps(limits.maxFps));
  if (limits.keyframeIntervalS) told.push(words.keyframes(limits.keyframeIntervalS));
  if (limits.audioRequired) told.push(words.sound);
  if (limits.vertical) told.push(words.vertical);
  return told;
}
