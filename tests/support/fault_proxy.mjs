// The fault proxy (fault_proxy.h) as a child process: what stands between a server and its peers, and breaks it.
import { fileURLToPath } from 'node:url';
import { Child } from './process.mjs';
import { within } from './wait.mjs';

const PROGRAM = fileURLToPath(new URL('../../build/release/fault_proxy', import.meta.url));

// { admission: 'closed_port', hang: 's0', reset_after_ms: 500, up: { rate: 60_000 }, down: { stop_reading: true } }
function words({ admission, hang, up = {}, down = {}, ...others } = {}) {
  const flow = (way, faults) => Object.entries(faults).map(([name, value]) => `${way}.${name}=${Number(value)}`);
  return [admission, hang && `hang=${hang}`, ...Object.entries(others).map(([name, value]) => `${name}=${value}`),
    ...flow('up', up), ...flow('down', down)].filter(Boolean);
}

// A port that forwards to a target. `set` without faults heals it.
class Door {
  constructor(proxy, id, port) {
    Object.assign(this, { proxy, id, port });
  }
  set(faults) {
    return this.proxy.command('set', this.id, ...words(faults));
  }
  // One connection alone, by its number from 0; it may be yet to come.
  setConnection(number, faults) {
    return this.proxy.command('set', `${this.id}/${number}`, ...words(faults));
  }
  // The connections that are there.
  reset() {
    return this.proxy.command('reset', this.id);
  }
  close() {
    return this.proxy.command('close', this.id);
  }
  async counters() {
    const [open, accepted, bytesUp, bytesDown] = (await this.proxy.command('counters', this.id)).map(Number);
    return { open, accepted, bytesUp, bytesDown };
  }
}

class FaultProxy {
  #answers = [];

  constructor() {
    this.child = new Child(PROGRAM, [], { input: null });
    this.child.on('line', (line) => this.#answers.shift()?.(line));
    this.child.exited.then(() => this.#answers.splice(0).forEach((answer) => answer('error the proxy ended')));
  }

  // Gives the words of the answer after its first.
  async command(...parts) {
    const text = parts.join(' ');
    const answer = new Promise((resolve) => this.#answers.push(resolve));
    this.child.process.stdin.write(`${text}\n`);
    const [kind, ...rest] = (await within(5_000, `the fault proxy to answer "${text}"`, answer)).split(' ');
    if (kind === 'error') throw new Error(`fault proxy, "${text}": ${rest.join(' ')}`);
    return rest;
  }

  // `target`: a port, or "host:port". `listen`: an address of this machine.
  async open(target, faults, { listen = '127.0.0.1', receiveBuffer } = {}) {
    const settings = [`listen=${listen}`, ...(receiveBuffer === undefined ? [] : [`receive_buffer=${receiveBuffer}`])];
    const [id, port] = await this.command('open', target, ...settings, ...words(faults));
    return new Door(this, id, Number(port));
  }

  stop() {
    return this.child.stop();
  }
}

export function startFaultProxy() {
  return new FaultProxy();
}
