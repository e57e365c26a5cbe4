// What /readyz says, as one list, whether it is ready or not. Pure.
import { ApiError } from '@/shared/api/client';

export interface Check {
  name: string;
  ok: boolean;
  /** The server cannot do without it. */
  needed: boolean;
  reason?: string;
}
export interface Readiness {
  ready: boolean;
  checks: Check[];
}

export function readinessOf(answer: { checks: { name: string; ok: boolean }[] } | ApiError): Readiness {
  if (!(answer instanceof ApiError)) return { ready: true, checks: answer.checks.map(({ name, ok }) => ({ name, ok, needed: ok })) };
  const checks = Object.entries(answer.details).map(([name, reason]) => ({ name, ok: false, needed: true, reason: String(reason) }));
  return { ready: false, checks: checks.length > 0 ? checks : [{ name: 'server', ok: false, needed: true, reason: answer.message }] };
}
