// A server on a machine of its own: a network namespace joined to this one by links that can be cut without a word, as
// a host that loses its power, or made to lose packets. Needs root and a kernel that allows it.
import { randomBytes } from 'node:crypto';
import { endLater } from './cleanup.mjs';
import { run } from './process.mjs';

const ip = (...words) => run('ip', words);

// Why there can be no namespaces here; undefined where there can.
export async function noNamespaces() {
  if (process.getuid() !== 0) return 'network namespaces need root';
  const name = `ec-try-${randomBytes(3).toString('hex')}`;
  try {
    await ip('netns', 'add', name);
    await ip('link', 'add', `${name}a`.slice(-15), 'type', 'veth', 'peer', 'name', `${name}b`.slice(-15), 'netns', name);
    return undefined;
  } catch (error) {
    return `network namespaces cannot be made here: ${error.message.slice(0, 200)}`;
  } finally {
    await ip('netns', 'del', name).catch(() => {});
  }
}

// Why packets cannot be lost on purpose here; undefined where they can.
export async function noLoss(machine) {
  try {
    await machine.lose('lo', 0);
    return undefined;
  } catch (error) {
    return `nftables does not work here: ${error.message.slice(0, 200)}`;
  }
}

export class Machine {
  // `links`: how many; each is its own network, this side `here`, the machine's side `there`.
  static async make(links) {
    const machine = new Machine();
    const id = randomBytes(2);
    machine.name = `ec-${id.toString('hex')}`;
    machine.links = [];
    endLater(() => machine.remove());
    await ip('netns', 'add', machine.name);
    await machine.inside('ip', 'link', 'set', 'lo', 'up');
    for (let n = 0; n < links; n += 1) await machine.#join(`10.${64 + (id[0] % 64)}.${id[1]}`, n);
    return machine;
  }

  async #join(network, n) {
    const link = { here: `${network}.${4 * n + 1}`, there: `${network}.${4 * n + 2}`, device: `${this.name}-${n}`, inner: `link${n}` };
    await ip('link', 'add', link.device, 'type', 'veth', 'peer', 'name', link.inner, 'netns', this.name);
    await ip('addr', 'add', `${link.here}/30`, 'dev', link.device);
    await ip('link', 'set', link.device, 'up');
    await this.inside('ip', 'addr', 'add', `${link.there}/30`, 'dev', link.inner);
    await this.inside('ip', 'link', 'set', link.inner, 'up');
    this.links.push(link);
  }

  // A command in the machine: {command, args} for who starts it himself, or run to its end.
  get launcher() {
    return ['ip', 'netns', 'exec', this.name];
  }
  inside(...words) {
    const [command, ...args] = [...this.launcher, ...words];
    return run(command, args);
  }

  cut({ device }) {
    return ip('link', 'set', device, 'down');
  }
  async heal({ device }) {
    await ip('link', 'set', device, 'up');
  }

  // So many of a hundred packets are lost on this link, either way. 0: none.
  async lose(inner, percent) {
    await this.inside('nft', 'add table inet faults; flush table inet faults');
    if (percent === 0) return;
    const drop = `numgen random mod 100 < ${percent} drop`;
    for (const [hook, match] of [['input', 'iifname'], ['output', 'oifname']]) {
      await this.inside('nft', `add chain inet faults ${hook} { type filter hook ${hook} priority 0; }; add rule inet faults ${hook} ${match} ${inner} ${drop}`);
    }
  }

  async remove() {
    for (const { device } of this.links) await ip('link', 'del', device).catch(() => {});
    await ip('netns', 'del', this.name).catch(() => {});
  }
}
