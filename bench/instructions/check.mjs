#!/usr/bin/env node
// check.mjs: counts what a frame costs in instructions, and fails when a figure has grown by more than a tenth over
// expected.json. `check.mjs PROGRAM --record` writes what it counts there instead.
//
// Two runs that differ in nothing but the number of destinations tell what one destination costs; the rest is ingest and
// what is done once for all destinations.
import { execFile } from 'node:child_process'
import { mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'

const tolerance = 1.1
const few = 8
const many = 24
const batch = 8
const expectedFile = new URL('expected.json', import.meta.url)

const [program, option] = process.argv.slice(2)
if (!program) {
  console.error('usage: check.mjs build/release/bench/instructions/data_path [--record]')
  process.exit(2)
}

// The instructions of each part of a run, and what the program tells of itself.
async function run(destinations) {
  const folder = await mkdtemp(join(tmpdir(), 'everycast-instructions-'))
  try {
    const { stdout } = await promisify(execFile)(
      'valgrind',
      ['-q', '--tool=callgrind', '--collect-atstart=no', '--fair-sched=try', `--callgrind-out-file=${join(folder, 'out')}`,
        program, String(destinations)],
      // Copies of the C library that every processor has, so that another one counts the same.
      { env: { ...process.env, GLIBC_TUNABLES: 'glibc.cpu.hwcaps=-AVX2,-AVX,-ERMS,-FSRM,-AVX_Fast_Unaligned_Load' }, timeout: 120_000 })
    const parts = {}
    for (const name of await readdir(folder)) {
      const text = await readFile(join(folder, name), 'utf8')
      const part = /^desc: Trigger: Client Request: (\w+)$/m.exec(text)
      if (part) parts[part[1]] = Number(/^totals: (\d+)$/m.exec(text)[1])
    }
    return { ...JSON.parse(stdout), ...parts }
  } finally {
    await rm(folder, { recursive: true })
  }
}

const less = await run(few)
const more = await run(many)
const per = (part, times) => {
  const destination = (more[part] - less[part]) / (many - few) / times
  return { destination, ingest: less[part] / times - destination * few }
}
const alone = per('alone', less.alone_frames)
const together = per('together', less.together_batches * batch)
const look = per('look', less.looks)
const counted = {
  'a frame sent alone, to one destination': alone.destination,
  'a frame sent with seven others, to one destination': together.destination,
  'a frame that comes alone, at ingest and once for all': alone.ingest,
  'a frame that comes with seven others, at ingest and once for all': together.ingest,
  'a look at one connection, with what it tells': look.destination - alone.destination,
}
for (const name in counted) counted[name] = Math.round(counted[name])

if (option === '--record') {
  await writeFile(expectedFile, JSON.stringify({ compiler: less.compiler, instructions: counted }, null, 2) + '\n')
  console.log(counted)
  process.exit(0)
}

const expected = JSON.parse(await readFile(expectedFile, 'utf8'))
const comparable = expected.compiler === less.compiler
let grown = 0
for (const [name, count] of Object.entries(counted)) {
  const before = expected.instructions[name]
  const ratio = count / before
  const tooMany = !(ratio <= tolerance)
  if (tooMany) grown += 1
  console.log(`${String(count).padStart(6)} instructions, ${before} expected (${ratio.toFixed(2)}): ${name}${tooMany ? '  GROWN' : ''}`)
}
if (!comparable) {
  console.log(`notice: built by g++ ${less.compiler}, expected.json by ${expected.compiler}: the figures say nothing here`)
} else if (grown > 0) {
  console.error('more instructions than a tenth over what is expected: find out why. When it is worth it, --record them.')
  process.exit(1)
}
