// How long an API token is good. Pure.
export const EXPIRIES = ['week', 'month', 'quarter', 'year', 'never'] as const;
export type Expiry = (typeof EXPIRIES)[number];

const DAYS: Record<Exclude<Expiry, 'never'>, number> = { week: 7, month: 30, quarter: 90, year: 365 };

export function expiresAt(expiry: Expiry, now: number): string | undefined {
  return expiry === 'never' ? undefined : new Date(now + DAYS[expiry] * 86_400_000).toISOString();
}

export const isExpired = (token: { expiresAt: string | null }, now: number): boolean => token.expiresAt !== null && Date.parse(token.expiresAt) <= now;
