// How many watched, while this page looked on: what is kept of it, and the line that it makes. Pure.
export interface Sample {
  at: number;
  count: number;
}

const MOST = 720;
const APART_MS = 2_000;

/** With one more; what lies far back is thinned, so that a long show fits. */
export function withSample(samples: readonly Sample[], sample: Sample): readonly Sample[] {
  const last = samples.at(-1);
  if (last && sample.at - last.at < APART_MS && last.count === sample.count) return samples;
  const kept = [...samples, sample];
  if (kept.length <= MOST) return kept;
  return kept.filter((one, n) => n % 2 === 0 || n > MOST / 2 || one.count === Math.max(...kept.map(({ count }) => count)));
}

export interface Graph {
  line: string;
  area: string;
  most: number;
}

/** Steps: a count holds until the next is known. */
export function graphOf(samples: readonly Sample[], width: number, height: number): Graph | undefined {
  const [first, last] = [samples[0], samples.at(-1)];
  if (!first || !last || last.at === first.at) return undefined;
  const most = Math.max(...samples.map(({ count }) => count));
  const x = (at: number) => (((at - first.at) / (last.at - first.at)) * width).toFixed(1);
  const y = (count: number) => (height - (count / Math.max(1, most)) * height).toFixed(1);
  let line = `M${x(first.at)} ${y(first.count)}`;
  for (const { at, count } of samples.slice(1)) line += `H${x(at)}V${y(count)}`;
  return { line, area: `${line}V${height}H0Z`, most };
}
