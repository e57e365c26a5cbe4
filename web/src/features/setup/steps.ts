// The first run as steps. Where one stands is what the server has already, so that a reload goes on there. Pure.
export const STEPS = ['account', 'station', 'destination', 'encoder'] as const;
export type Step = (typeof STEPS)[number];

export interface Standing {
  signedIn: boolean;
  stations: number;
  destinations: number;
  /** "Skip for now" was pressed for the destination. */
  skipped: boolean;
}

export function stepOf({ signedIn, stations, destinations, skipped }: Standing): Step {
  if (!signedIn) return 'account';
  if (stations === 0) return 'station';
  if (destinations === 0 && !skipped) return 'destination';
  return 'encoder';
}

// What the server takes for a code at most.
const MAX_CODE = 100;

/** The setup code behind the "#" of the printed link. */
export function codeOf(hash: string): string | undefined {
  const raw = hash.replace(/^#/, '');
  let code: string;
  try {
    code = decodeURIComponent(raw).trim();
  } catch {
    code = raw;
  }
  // "#content" is where "Skip to the content" leads.
  return /^[0-9A-Za-z_-]{8,}$/.test(code) && code.length <= MAX_CODE ? code : undefined;
}

const MIN_SLUG = 3;

/** A station's address from its name: a proposal, empty where the server has to find one. */
export function slugOf(name: string): string {
  const plain = name.normalize('NFKD').replace(/\p{M}/gu, '').toLowerCase();
  const slug = plain.replace(/[^a-z0-9]+/g, '-').replace(/^-+/, '').slice(0, 63).replace(/-+$/, '');
  return slug.length < MIN_SLUG ? '' : slug;
}
