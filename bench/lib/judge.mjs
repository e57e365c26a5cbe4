// Bounds and whether they hold.
export const mean = (values) => values.reduce((sum, value) => sum + value, 0) / values.length;
export const median = (values) => [...values].sort((one, other) => one - other)[Math.floor(values.length / 2)];

const HOLDS = { '≤': (value, limit) => value <= limit, '≥': (value, limit) => value >= limit, '=': (value, limit) => value === limit };

export function bound(what, value, relation, limit) {
  return { what, value: Number(value.toPrecision(4)), relation, limit, holds: HOLDS[relation](value, limit) };
}
