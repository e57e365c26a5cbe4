// bench/run: chooses scenarios, runs them one after another, and keeps what they measured. See that file for how to call it.
import process from 'node:process';
import { commit, machine } from './lib/measure.mjs';
import { keep, publish, verdicts } from './lib/report.mjs';
import crowds from './scenarios/crowds.mjs';
import fanout from './scenarios/fanout.mjs';
import hls from './scenarios/hls.mjs';
import hlsCost from './scenarios/hls-cost.mjs';
import latency from './scenarios/latency.mjs';
import latencyHls from './scenarios/latency-hls.mjs';
import profile from './scenarios/profile.mjs';

const SCENARIOS = [...fanout, ...latency, ...crowds, ...hls, ...hlsCost, ...latencyHls, ...profile];
const OPTIONS = ['--quick', '--list'];

function choose(args) {
  const unknown = args.filter((arg) => !OPTIONS.includes(arg) && !SCENARIOS.some(({ name }) => name === arg));
  if (unknown.length > 0) {
    console.error(`no such scenario or option: ${unknown.join(', ')}; there are ${SCENARIOS.map(({ name }) => name).join(', ')} and ${OPTIONS.join(', ')}`);
    process.exit(2);
  }
  const named = SCENARIOS.filter(({ name }) => args.includes(name));
  return named.length > 0 ? named : SCENARIOS;
}

async function measure({ name, title, run }, quick) {
  const began = performance.now();
  console.log(`\n${name}: ${title}`);
  const outcome = await run({ quick, log: (text) => console.log(`  ${text}`) });
  const result = { name, title, at: new Date().toISOString(), commit: commit(), machine: machine(), quick, ...outcome };
  keep(result);
  console.log(`${verdicts(result)}\n  (${((performance.now() - began) / 1000).toFixed(0)} s)`);
  return result.bounds.every(({ holds }) => holds);
}

const args = process.argv.slice(2);
if (args.includes('--list')) {
  for (const { name, title } of SCENARIOS) console.log(`${name.padEnd(14)} ${title}`);
  process.exit(0);
}
let all = true;
for (const scenario of choose(args)) {
  try {
    all = (await measure(scenario, args.includes('--quick'))) && all;
  } catch (error) {
    console.error(`  ${scenario.name} could not be measured: ${error.stack}`);
    all = false;
  }
  if (!args.includes('--quick')) publish(SCENARIOS.map(({ name }) => name));
}
process.exit(all ? 0 : 1);
