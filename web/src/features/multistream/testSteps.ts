// The steps of a connection test, those that were not reached as well. Pure.
import type { Schemas } from '@/shared/api/client';
import type { Problem } from './explain';

export interface Step {
  name: string;
  state: 'passed' | 'failed' | 'notReached';
  tookMs?: number;
  message?: string;
}

const PROBLEMS: Record<string, Problem> = { settings: 'misconfigured', dns: 'dns_failed', tcp: 'connection_refused', tls: 'tls_failed', handshake: 'handshake_timed_out', connect: 'protocol_error', publish: 'key_refused' };
/** The problem that a live show would name where this step fails. */
export const problemOf = (step: string): Problem => PROBLEMS[step] ?? 'misconfigured';

export function testSteps(test: Pick<Schemas['ConnectionTest'], 'steps' | 'ok'>, destination: { rtmpUrl: string | null; bridgeProxyUrl: string | null }): Step[] {
  const url = (destination.bridgeProxyUrl || destination.rtmpUrl || '').toLowerCase();
  const expected = ['dns', 'tcp'];
  if (url.startsWith('rtmps:') || url.startsWith('https:')) expected.push('tls');
  if (url.startsWith('rtmp')) expected.push('handshake', 'connect', 'publish');
  const done: Step[] = test.steps.map(({ name, ok, tookMs, message }) => ({ name, state: ok ? 'passed' : 'failed', tookMs, message: message ?? undefined }));
  if (test.ok) return done;
  const seen = new Set(done.map(({ name }) => name));
  return [...done, ...expected.filter((name) => !seen.has(name)).map((name): Step => ({ name, state: 'notReached' }))];
}
