// The pages of the list of accounts. Pure.
import type { Schemas } from '@/shared/api/client';

type User = Schemas['User'];
export interface UserPage {
  users: User[];
  nextCursor: string | null;
}

/** The same pages with this account as it is now; those it is not on stay the same objects. */
export function withUser<Page extends UserPage>(pages: Page[], user: User): Page[] {
  return pages.map((page) => (page.users.some(({ id }) => id === user.id) ? { ...page, users: page.users.map((one) => (one.id === user.id ? user : one)) } : page));
}

/** What an input of tokens says: a whole number other than nothing. */
export function amountOf(typed: string | number): number | undefined {
  const amount = typeof typed === 'number' ? typed : Number(typed.trim() || Number.NaN);
  return Number.isSafeInteger(amount) && amount !== 0 && Math.abs(amount) <= 1e12 ? amount : undefined;
}
