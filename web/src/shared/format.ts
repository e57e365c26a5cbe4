// Figures as people read them: each with its unit, times in the viewer's zone. Pure.
const LOCALE = 'en';
const dateTime = new Intl.DateTimeFormat(LOCALE, { dateStyle: 'medium', timeStyle: 'short' });
const dayTime = new Intl.DateTimeFormat(LOCALE, { weekday: 'short', month: 'short', day: 'numeric', hour: 'numeric', minute: '2-digit' });
const whole = new Intl.NumberFormat(LOCALE, { maximumFractionDigits: 0 });
const compact = new Intl.NumberFormat(LOCALE, { notation: 'compact', maximumFractionDigits: 1 });

export const formatDateTime = (time: string): string => dateTime.format(new Date(time));
export const formatDayTime = (time: string): string => dayTime.format(new Date(time));
export const formatNumber = (value: number): string => whole.format(value);
export const formatCount = (value: number): string => (value < 10_000 ? whole.format(value) : compact.format(value));

/** 850 → "850 kbit/s", 6000 → "6.0 Mbit/s" */
export function formatBitrate(kbps: number): string {
  return kbps < 1000 ? `${whole.format(kbps)} kbit/s` : `${(kbps / 1000).toFixed(kbps < 100_000 ? 1 : 0)} Mbit/s`;
}

export function formatBytes(bytes: number): string {
  const units = ['B', 'KB', 'MB', 'GB', 'TB', 'PB'];
  let value = bytes;
  let unit = 0;
  while (value >= 999.5 && unit < units.length - 1) {
    value /= 1000;
    unit += 1;
  }
  return `${unit === 0 || value >= 99.95 ? whole.format(value) : value.toFixed(1)} ${units[unit]}`;
}

/** 75 → "1:15", 3675 → "1:01:15" */
export function formatDuration(seconds: number): string {
  const total = Math.max(0, Math.floor(seconds));
  const [h, m, s] = [Math.floor(total / 3600), Math.floor(total / 60) % 60, total % 60];
  const two = (n: number) => String(n).padStart(2, '0');
  return h > 0 ? `${h}:${two(m)}:${two(s)}` : `${m}:${two(s)}`;
}

/** How long ago or how long until, in words: "in 5 minutes", "2 hours ago", "now". */
export function formatRelative(time: string | number | Date, now = Date.now()): string {
  const seconds = Math.round((new Date(time).getTime() - now) / 1000);
  const relative = new Intl.RelativeTimeFormat(LOCALE, { numeric: 'auto' });
  const steps: [number, Intl.RelativeTimeFormatUnit][] = [[60, 'second'], [60, 'minute'], [24, 'hour'], [7, 'day'], [4.35, 'week'], [12, 'month'], [Infinity, 'year']];
  let value = seconds;
  for (const [size, unit] of steps) {
    if (Math.abs(value) < size) return unit === 'second' && Math.abs(value) < 5 ? 'now' : relative.format(Math.round(value), unit);
    value /= size;
  }
  return '';
}
