// Free ports below the range from which the system gives out its own, so that nobody takes one between here and its use.
import net from 'node:net';

const LOW = 12_000;
const HIGH = 31_000;
// What the server takes for another service, and does not connect to.
const given = new Set([15_672, 27_017, 27_018]);

const isFree = (port, host) =>
  new Promise((resolve) => {
    const probe = net.createServer();
    probe.once('error', () => resolve(false));
    probe.listen(port, host, () => probe.close(() => resolve(true)));
  });

export async function freePort() {
  for (;;) {
    const port = LOW + Math.floor(Math.random() * (HIGH - LOW));
    if (given.has(port) || !(await isFree(port, '0.0.0.0'))) continue;
    given.add(port);
    return port;
  }
}
