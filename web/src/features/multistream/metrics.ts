// The last minutes of a session's figures, as they came by `metrics` events, and what graphs draw of them. Pure.
export interface Figures {
  destinationId: string;
  status: string;
  fps: number;
  bitrateKbps: number;
  framesDropped: number;
  queueMs: number;
  rttMs: number;
  bytesSent: number;
}
export interface IngestFigures {
  videoKbps: number;
  audioKbps: number;
  fps: number;
}
export interface Sample {
  /** In ms since 1970, by the server's clock. */
  at: number;
  viewers: number;
  ingest: IngestFigures | undefined;
  destinations: Map<string, Figures>;
}
export type Measure = 'bitrate' | 'fps' | 'drops' | 'queue' | 'rtt';
export const MEASURES: readonly Measure[] = ['bitrate', 'fps', 'drops', 'queue', 'rtt'];

export const WINDOW_MS = 5 * 60_000;
// Between two samples that are further apart nothing is known.
export const GAP_MS = 5_000;

type Raw = Record<string, unknown>;
const isRaw = (value: unknown): value is Raw => typeof value === 'object' && value !== null;
const number = (value: unknown): number => (typeof value === 'number' && Number.isFinite(value) ? value : 0);

/** What a `metrics` event says; nothing when it is none. */
export function sampleOf(data: Raw): Sample | undefined {
  const at = Date.parse(String(data.at));
  if (Number.isNaN(at) || !Array.isArray(data.destinations)) return undefined;
  const destinations = new Map<string, Figures>();
  for (const one of data.destinations) {
    if (!isRaw(one) || typeof one.destinationId !== 'string') continue;
    destinations.set(one.destinationId, {
      destinationId: one.destinationId,
      status: String(one.status),
      fps: number(one.fps),
      bitrateKbps: number(one.bitrateKbps),
      framesDropped: number(one.framesDropped),
      queueMs: number(one.queueMs),
      rttMs: number(one.rttMs),
      bytesSent: number(one.bytesSent),
    });
  }
  const video = isRaw(data.ingest) && isRaw(data.ingest.video) ? data.ingest.video : undefined;
  const audio = isRaw(data.ingest) && isRaw(data.ingest.audio) ? data.ingest.audio : undefined;
  const ingest = video || audio ? { videoKbps: number(video?.bitrateKbps), audioKbps: number(audio?.bitrateKbps), fps: number(video?.fps) } : undefined;
  return { at, viewers: number(data.viewerCount), ingest, destinations };
}

/** With the new one at the end, and none that is older than the window. What is not newer than the last changes nothing. */
export function append(samples: readonly Sample[], sample: Sample, windowMs = WINDOW_MS): readonly Sample[] {
  const last = samples.at(-1);
  if (last && sample.at <= last.at) return samples;
  const from = samples.findIndex((one) => one.at >= sample.at - windowMs);
  return from < 0 ? [sample] : [...samples.slice(from), sample];
}

/** One destination's line: seconds and values, null where nothing was known. Drops are those since the sample before. */
export function line(samples: readonly Sample[], destinationId: string, measure: Measure): [number[], (number | null)[]] {
  const times: number[] = [];
  const values: (number | null)[] = [];
  let before: { at: number; figures: Figures | undefined } | undefined;
  for (const { at, destinations } of samples) {
    const figures = destinations.get(destinationId);
    if (before && at - before.at > GAP_MS) {
      times.push((before.at + at) / 2000);
      values.push(null);
      before = undefined;
    }
    times.push(at / 1000);
    values.push(figures ? valueOf(figures, measure, before?.figures) : null);
    before = { at, figures };
  }
  return [times, values];
}

function valueOf(now: Figures, measure: Measure, before: Figures | undefined): number {
  if (measure === 'bitrate') return now.bitrateKbps;
  if (measure === 'fps') return now.fps;
  if (measure === 'queue') return now.queueMs;
  if (measure === 'rtt') return now.rttMs;
  // A counter that fell began anew.
  if (!before) return 0;
  return now.framesDropped >= before.framesDropped ? now.framesDropped - before.framesDropped : now.framesDropped;
}

export interface Totals {
  connected: number;
  destinations: number;
  bitrateKbps: number;
  framesDropped: number;
  bytesSent: number;
}
export function totals(endpoints: readonly Pick<Figures, 'status' | 'bitrateKbps' | 'framesDropped' | 'bytesSent'>[]): Totals {
  const sum: Totals = { connected: 0, destinations: endpoints.length, bitrateKbps: 0, framesDropped: 0, bytesSent: 0 };
  for (const one of endpoints) {
    if (one.status === 'connected') sum.connected += 1;
    sum.bitrateKbps += one.bitrateKbps;
    sum.framesDropped += one.framesDropped;
    sum.bytesSent += one.bytesSent;
  }
  return sum;
}
