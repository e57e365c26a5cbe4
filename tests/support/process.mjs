// Child processes of the tests: started with their output kept, and every one ended when the test process ends.
import { spawn } from 'node:child_process';
import { EventEmitter } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { endLater } from './cleanup.mjs';
import { waitFor, within } from './wait.mjs';

const running = new Set();
const folders = new Set();

process.on('exit', () => {
  for (const child of running) child.kill('SIGKILL');
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => process.exit(1));

export function temporaryFolder(name) {
  const folder = mkdtempSync(path.join(tmpdir(), `everycast-${name}-`));
  folders.add(folder);
  return folder;
}

const MOST_OUTPUT = 16 * 1024 * 1024;

// Events: 'line' (text). `output` holds both streams in the order they came. `input`: all that the child reads, or null
// to leave its standard input open.
export class Child extends EventEmitter {
  constructor(command, args, { env, cwd, input } = {}) {
    super();
    this.name = command.split('/').at(-1);
    this.output = '';
    this.process = spawn(command, args, { env: { ...process.env, ...env }, cwd, stdio: [input === undefined ? 'ignore' : 'pipe', 'pipe', 'pipe'] });
    running.add(this.process);
    const ended = endLater(() => this.kill());
    if (input !== undefined && input !== null) this.process.stdin.end(input);
    for (const stream of [this.process.stdout, this.process.stderr]) this.#collect(stream);
    // The last of its output may come after its exit.
    this.closed = new Promise((resolve) => { this.process.once('close', resolve); });
    this.exited = new Promise((resolve) => {
      const done = (code, signal) => {
        running.delete(this.process);
        ended();
        Object.assign(this, { code, signal, over: true });
        resolve({ code, signal });
      };
      this.process.once('exit', done);
      this.process.once('error', (error) => {
        this.output += `${error.message}\n`;
        done(-1);
      });
    });
  }

  #collect(stream) {
    let rest = '';
    stream.setEncoding('utf8').on('data', (text) => {
      if (this.output.length < MOST_OUTPUT) this.output += text;
      const lines = (rest + text).split('\n');
      rest = lines.pop();
      for (const line of lines) this.emit('line', line);
    });
  }

  get pid() {
    return this.process.pid;
  }

  // Waits for a line of output that matches, also among those that came already.
  async said(pattern, timeoutMs = 10_000) {
    return waitFor(`${this.name} to say ${pattern}`, () => {
      const found = pattern.exec(this.output);
      if (!found && this.over) throw new Error(`${this.name} ended first:\n${this.output.slice(-2000)}`);
      return found;
    }, { timeoutMs, describe: () => this.output.slice(-1000) });
  }

  async exit(timeoutMs = 10_000) {
    return within(timeoutMs, `${this.name} to exit`, this.exited);
  }

  // Asks, and forces after a while.
  async stop(signal = 'SIGTERM', graceMs = 3_000) {
    if (this.over) return this.exited;
    this.process.kill(signal);
    return within(graceMs, 'exit', this.exited).catch(() => this.kill());
  }

  kill() {
    this.process.kill('SIGKILL');
    return this.exited;
  }
}

// Runs a command to its end and gives its output; throws when it fails.
export async function run(command, args, { timeoutMs = 20_000, ...options } = {}) {
  const child = new Child(command, args, options);
  try {
    const { code } = await child.exit(timeoutMs);
    await within(timeoutMs, `the output of ${child.name}`, child.closed);
    if (code !== 0) throw new Error(`${child.name} ended with ${code}:\n${child.output.slice(-4000)}`);
    return child.output;
  } finally {
    if (!child.over) await child.kill();
  }
}
