// Numbers and times in plain words, in the viewer's own zone.

export function countOf(count, one, many) {
  return `${new Intl.NumberFormat().format(count ?? 0)} ${count === 1 ? one : many}`;
}

const SAME_DAY = { hour: '2-digit', minute: '2-digit' };
const OTHER_DAY = { weekday: 'long', day: 'numeric', month: 'long', ...SAME_DAY };

// "20:00", or with the day where it is not today.
export function moment(text, now = new Date()) {
  const time = new Date(text);
  if (Number.isNaN(time.getTime())) return '';
  return time.toLocaleString(undefined, time.toDateString() === now.toDateString() ? SAME_DAY : OTHER_DAY);
}

const UNITS = [['d', 86_400], ['h', 3_600], ['min', 60], ['s', 1]];

// "2 d 3 h", "4 min 09 s": the two largest units that there are; an empty text for nothing.
export function timeLeft(milliseconds) {
  let seconds = Math.ceil(milliseconds / 1000);
  if (!(seconds > 0)) return '';
  const parts = [];
  for (const [unit, size] of UNITS) {
    const count = Math.floor(seconds / size);
    seconds -= count * size;
    if (count > 0 || parts.length > 0) parts.push(`${parts.length > 0 && size < 3_600 ? String(count).padStart(2, '0') : count} ${unit}`);
    if (parts.length === 2) break;
  }
  return parts.join(' ');
}

// "1:02:03", "4:05".
export function playingTime(seconds) {
  if (!Number.isFinite(seconds) || seconds < 0) return '0:00';
  const whole = Math.floor(seconds);
  const [hours, minutes, rest] = [Math.floor(whole / 3_600), Math.floor(whole / 60) % 60, whole % 60];
  const end = `${hours > 0 ? String(minutes).padStart(2, '0') : minutes}:${String(rest).padStart(2, '0')}`;
  return hours > 0 ? `${hours}:${end}` : end;
}

// "1.4 s", "0.18 s".
export function seconds(value) {
  return `${value.toFixed(value < 1 ? 2 : 1)} s`;
}
