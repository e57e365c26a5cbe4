// Between a moment and what a field of the type datetime-local holds: the viewer's own wall clock. Pure.
const two = (n: number): string => String(n).padStart(2, '0');

export function toField(time: string | null | undefined): string {
  const at = time ? new Date(time) : undefined;
  if (!at || Number.isNaN(at.getTime())) return '';
  return `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())}T${two(at.getHours())}:${two(at.getMinutes())}`;
}

/** RFC 3339 in UTC, or nothing. */
export function fromField(text: string): string | undefined {
  const at = new Date(text);
  return text && !Number.isNaN(at.getTime()) ? at.toISOString() : undefined;
}
