// How sessions came out, in colour and words. Pure.
import type { Session, SessionEndpoint } from '@/features/multistream/patch';
import type { Tone } from '@/shared/components/StatusMark';
import { dashboard } from '@/text/en/dashboard';

const TONES: Record<string, Tone> = { completed: 'good', connected: 'good', failed: 'bad', removed: 'off', skipped: 'wait', pending: 'wait' };
const ORDER = ['completed', 'connected', 'failed', 'skipped', 'pending', 'removed'];

export function outcomeMark(outcome: string): { tone: Tone; label: string } {
  return { tone: TONES[outcome] ?? 'wait', label: dashboard.outcome[outcome] ?? outcome };
}

/** "3 delivered", "1 failed": the same words counted together, the best first. */
export function outcomes(endpoints: readonly Pick<SessionEndpoint, 'outcome'>[]): { tone: Tone; label: string; count: number }[] {
  const counted = new Map<string, { tone: Tone; label: string; count: number }>();
  for (const outcome of [...endpoints.map((one) => one.outcome)].sort((a, b) => ORDER.indexOf(a) - ORDER.indexOf(b))) {
    const { tone, label } = outcomeMark(outcome);
    const there = counted.get(label);
    if (there) there.count += 1;
    else counted.set(label, { tone, label, count: 1 });
  }
  return [...counted.values()];
}

/** How long it was live, in seconds; nothing when no encoder came. */
export function lasted({ liveAt, endedAt }: Pick<Session, 'liveAt' | 'endedAt'>): number | undefined {
  return liveAt && endedAt ? Math.max(0, (Date.parse(endedAt) - Date.parse(liveAt)) / 1000) : undefined;
}

export interface Steps {
  station: boolean;
  destination: boolean;
  encoder: boolean;
}
/** What is still to do before the first show; nothing once there was one. */
export function firstSteps(there: { stations: number; destinations: number; encoderSeen: boolean; sessions: number }): Steps | undefined {
  const steps = { station: there.stations > 0, destination: there.destinations > 0, encoder: there.encoderSeen || there.sessions > 0 };
  return steps.station && steps.destination && steps.encoder ? undefined : there.stations > 0 && there.sessions > 0 ? undefined : steps;
}
