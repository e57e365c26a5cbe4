// What an encoder sends, in words: what is sure from its first frames on, so no rates. Pure.
import type { Schemas } from '@/shared/api/client';

type Ingest = Pick<Schemas['Ingest'], 'clientSoftware' | 'video' | 'audio'>;
const NAMES: Record<string, string> = { h264: 'H.264', hevc: 'HEVC', av1: 'AV1', vp9: 'VP9', aac: 'AAC', opus: 'Opus' };
const nameOf = (codec: string): string => NAMES[codec] ?? codec;

export function encoderFacts({ clientSoftware, video, audio }: Ingest): string[] {
  const facts: string[] = [];
  if (clientSoftware) facts.push(clientSoftware);
  if (video && video.codec !== 'none') {
    facts.push(nameOf(video.codec));
    if (video.width > 0) facts.push(`${video.width}×${video.height}`);
  }
  if (audio && audio.codec !== 'none') facts.push(nameOf(audio.codec));
  return facts;
}
