// What went wrong at a destination, in plain words, and what to do about it. Pure.
import { multistream } from '@/text/en/multistream';
import type { Schemas } from '@/shared/api/client';

export type Problem = Schemas['DestinationProblem'];
export interface Explanation {
  what: string;
  todo: string;
}

export interface Who {
  name: string;
  keyHelp?: string | null;
}
/** Whom to speak of: the platform, or the server of one's own by its name. */
export const whoOf = (platform: string, name: string, platformName: string, keyHelp: string | null | undefined): Who => (platform === 'custom' ? { name } : { name: platformName, keyHelp });

export function explain(problem: Problem, platform: Who): Explanation | undefined {
  if (problem === 'none' || problem === 'waiting_for_encoder') return undefined;
  const words = multistream.problems[problem] ?? multistream.problems.unknown;
  return { what: words.what(platform.name), todo: words.todo(platform.name, platform.keyHelp ?? undefined) };
}

/** As a sentence: engines speak in clauses. */
export function sentence(text: string): string {
  const trimmed = text.trim();
  if (trimmed === '') return '';
  const first = trimmed[0]!.toUpperCase() + trimmed.slice(1);
  return /[.!?…]$/.test(first) ? first : `${first}.`;
}
