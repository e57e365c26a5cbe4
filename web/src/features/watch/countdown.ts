// What is left until a moment, in the two largest units that there are. Pure.
import { watch } from '@/text/en/watch';

const UNITS = [
  ['d', 86_400],
  ['h', 3_600],
  ['min', 60],
  ['s', 1],
] as const;

/** "2 d 3 h", "4 min 09 s"; nothing once it is over. */
export function timeLeft(milliseconds: number): string {
  let seconds = Math.ceil(milliseconds / 1000);
  if (!(seconds > 0)) return '';
  const parts: string[] = [];
  for (const [unit, size] of UNITS) {
    const count = Math.floor(seconds / size);
    seconds -= count * size;
    if (count === 0 && parts.length === 0) continue;
    const digits = parts.length > 0 && size < 3_600 ? String(count).padStart(2, '0') : String(count);
    parts.push(`${digits} ${watch.units[unit]}`);
    if (parts.length === 2) break;
  }
  return parts.join(' ');
}

/** How soon what is shown changes: each second in the last hour, each minute before. */
export const nextTick = (milliseconds: number): number => (milliseconds > 3_600_000 ? 30_000 : 1_000);
