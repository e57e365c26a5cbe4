// What arrives from the encoder, in words: each row says what is, and where it is not well, what to do. Pure.
import type { Schemas } from '@/shared/api/client';
import type { Tone } from '@/shared/components/StatusMark';
import { artist } from '@/text/en/artist';

export type Ingest = Schemas['Ingest'];

export interface IngestWord {
  name: string;
  value: string;
  tone: Tone;
  advice?: string;
}

const SILENT_MS = 2_000;
const KEYFRAMES_S = 4.5;
const FPS = 20;
const LOW_KBPS = 500;
const HIGH_KBPS = 10_000;
const DRIFT_MS = 1_000;

const codecName = (codec: string): string => artist.codecs[codec] ?? codec.toUpperCase();

export function ingestWords(ingest: Ingest): IngestWord[] {
  const words = artist.ingest;
  if (!ingest.connected) return [{ name: words.encoder, value: words.away, tone: 'wait', advice: words.awayAdvice }];
  const rows = [encoderWord(ingest), ...videoWords(ingest), audioWord(ingest)];
  if (Math.abs(ingest.driftMs) >= DRIFT_MS) rows.push({ name: words.clock, value: words.drift(ingest.driftMs), tone: 'wait', advice: words.driftAdvice });
  if (ingest.discontinuities > 0) rows.push({ name: words.repairs, value: words.repairsValue(ingest.discontinuities), tone: 'wait', advice: words.repairsAdvice });
  return rows;
}

function encoderWord({ silentMs, clientSoftware, protocol }: Ingest): IngestWord {
  const words = artist.ingest;
  if (silentMs >= SILENT_MS) return { name: words.encoder, value: words.silent(Math.round(silentMs / 1000)), tone: 'wait', advice: words.silentAdvice };
  return { name: words.encoder, value: words.connected(clientSoftware ?? '', protocol ?? 'rtmp'), tone: 'good' };
}

function videoWords({ video }: Ingest): IngestWord[] {
  const words = artist.ingest;
  if (!video || video.width === 0) return [{ name: words.video, value: words.noVideo, tone: 'wait', advice: words.noVideoAdvice }];
  const codec = codecName(video.codec);
  const picture: IngestWord = { name: words.video, value: words.videoValue(codec, video.profile ?? '', video.width, video.height, video.fps), tone: 'good' };
  if (video.fps > 0 && video.fps < FPS) Object.assign(picture, { tone: 'wait', advice: words.lowFps(video.fps) });
  else if (video.codec !== 'h264') Object.assign(picture, { tone: 'wait', advice: words.otherCodec(codec) });

  const bitrate: IngestWord = { name: words.bitrate, value: video.bitrateKbps > 0 ? words.bitrateValue(video.bitrateKbps) : words.measuring, tone: 'good' };
  if (video.bitrateKbps > HIGH_KBPS) Object.assign(bitrate, { tone: 'wait', advice: words.highBitrate });
  else if (video.bitrateKbps > 0 && video.bitrateKbps < LOW_KBPS) Object.assign(bitrate, { tone: 'wait', advice: words.lowBitrate });

  const apart = video.keyframeIntervalS;
  const keyframes: IngestWord = { name: words.keyframes, value: apart > 0 ? words.keyframesValue(apart) : words.measuring, tone: 'good' };
  if (apart > KEYFRAMES_S) Object.assign(keyframes, { tone: 'wait', advice: words.longKeyframes(apart) });
  return [picture, bitrate, keyframes];
}

function audioWord({ audio }: Ingest): IngestWord {
  const words = artist.ingest;
  if (!audio || audio.sampleRate === 0) return { name: words.audio, value: words.noAudio, tone: 'wait', advice: words.noAudioAdvice };
  return { name: words.audio, value: words.audioValue(codecName(audio.codec), audio.sampleRate, audio.channels, audio.bitrateKbps), tone: 'good' };
}

// What the rows say already.
const SAID = new Set(['keyframe_interval_long', 'no_audio', 'no_video', 'encoder_away', 'timeline_repaired']);

/** What the server finds of the ingest besides. */
export function otherIssues(issues: Schemas['Health']['issues']): Schemas['Health']['issues'] {
  return issues.filter(({ code, destinationId }) => destinationId === null && !SAID.has(code));
}
