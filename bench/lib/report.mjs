// What was measured, as build/bench/<scenario>.json and as the tables in docs/performance.md.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const RESULTS = path.join(ROOT, 'build/bench');
const PAGE = path.join(ROOT, 'docs/performance.md');
const BEGIN = '<!-- Written by bench/run from here: -->';
const END = '<!-- to here. -->';

export function keep(result) {
  mkdirSync(RESULTS, { recursive: true });
  writeFileSync(path.join(RESULTS, `${result.quick ? 'quick-' : ''}${result.name}.json`), `${JSON.stringify(result, null, 2)}\n`);
}

function kept(name) {
  try {
    return JSON.parse(readFileSync(path.join(RESULTS, `${name}.json`), 'utf8'));
  } catch {
    return undefined;
  }
}

const line = (cells) => `| ${cells.join(' | ')} |`;
const cell = (value) => (typeof value === 'number' ? value.toLocaleString('en', { maximumFractionDigits: 4 }) : String(value));

function table(rows) {
  const columns = [...new Set(rows.flatMap(Object.keys))];
  return [line(columns), line(columns.map(() => '---')), ...rows.map((row) => line(columns.map((column) => cell(row[column] ?? ''))))].join('\n');
}

const verdict = ({ what, value, relation, limit, holds }) => `* ${holds ? 'holds' : '**does not hold**'}: ${what} ${cell(value)} ${relation} ${cell(limit)}`;

function section({ title, at, commit, machine, bounds, rows }) {
  const { cpu, cores, memoryGiB, kernel, congestionControl, virtual } = machine;
  const where = `${at.slice(0, 16).replace('T', ' ')} UTC, commit ${commit}; ${cores} × ${cpu}${virtual ? ' (virtual)' : ''}, ${memoryGiB} GiB, ${kernel}, ${congestionControl}`;
  return `### ${title}\n\n${where}.\n\n${table(rows)}\n\n${bounds.map(verdict).join('\n')}\n`;
}

// Puts the newest result of each of these scenarios into the page.
export function publish(names) {
  const found = names.map(kept).filter(Boolean);
  const page = readFileSync(PAGE, 'utf8');
  const [begin, end] = [page.indexOf(BEGIN), page.indexOf(END)];
  if (begin < 0 || end < begin) throw new Error(`${PAGE} has no place for the table`);
  writeFileSync(PAGE, `${page.slice(0, begin + BEGIN.length)}\n\n${found.map(section).join('\n')}\n${page.slice(end)}`);
}

export const verdicts = ({ bounds }) => bounds.map((one) => `  ${verdict(one).slice(2)}`).join('\n');
