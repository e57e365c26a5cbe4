// Hundreds or thousands of bare connections to one port, from many addresses of 127/8, in processes of their own so that
// they do not hold up the test that watches.
import { Buffer } from 'node:buffer';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { Child } from './process.mjs';
import { waitFor } from './wait.mjs';

const PROGRAM = fileURLToPath(new URL('./crowd-process.mjs', import.meta.url));
const PER_PROCESS = 5_000;

export class Crowd {
  #parts = [];

  // Begins to connect so many times. `opening`: bytes that each sends at once. `drip`: bytes of which each sends one a
  // second, round and round. `refill`: who is thrown out comes again. `network`: the second number of their addresses.
  static gather({ port, count, network, opening = '', drip = '', refill = false }) {
    const crowd = new Crowd();
    crowd.count = count;
    for (let from = 0; from < count; from += PER_PROCESS) {
      const task = {
        port, network, refill, from, count: Math.min(PER_PROCESS, count - from),
        opening: Buffer.from(opening).toString('base64'), drip: Buffer.from(drip).toString('base64'),
      };
      const part = { child: new Child(process.execPath, [PROGRAM, JSON.stringify(task)]), told: { opened: 0, answered: 0, open: 0, most: 0, longestMs: 0 } };
      part.child.on('line', (line) => { if (line.startsWith('{')) part.told = JSON.parse(line); });
      crowd.#parts.push(part);
    }
    return crowd;
  }

  // Waits until all came in, and gives the crowd.
  async complete(timeoutMs = 30_000) {
    await waitFor(`${this.count} connections to be made`, () => this.opened >= this.count, { timeoutMs, describe: () => this.told });
    return this;
  }

  get told() {
    return this.#parts.map(({ told }) => told);
  }
  #sum(name) {
    return this.told.reduce((total, told) => total + told[name], 0);
  }
  // How many connections were made, and how many are left.
  get opened() {
    return this.#sum('opened');
  }
  get open() {
    return this.#sum('open');
  }
  // To how many the other end said something.
  get answered() {
    return this.#sum('answered');
  }
  // How many were there at once, at most.
  get most() {
    return this.#sum('most');
  }
  // The longest that any of those that are gone was there.
  get longestMs() {
    return Math.max(...this.told.map(({ longestMs }) => longestMs));
  }

  // Waits until all have come and gone.
  gone(timeoutMs) {
    return waitFor('the crowd to be gone', () => this.opened >= this.count && this.open === 0, { timeoutMs, describe: () => this.told });
  }
  leave() {
    return Promise.all(this.#parts.map(({ child }) => child.kill()));
  }
}
