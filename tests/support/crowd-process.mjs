// One process of a Crowd (crowd.mjs): makes its connections, lets bytes drip, and says on standard output what became
// of them. Its argument is the task, as JSON.
import { Buffer } from 'node:buffer';
import net from 'node:net';
import process from 'node:process';

const PER_ADDRESS = 200;
const CONNECTING_AT_ONCE = 200;
const AGAIN_AFTER_MS = 50;

const { port, from, count, network, refill, opening, drip } = JSON.parse(process.argv[2]);
const head = Buffer.from(opening, 'base64');
const drops = Buffer.from(drip, 'base64');
const told = { opened: 0, answered: 0, open: 0, most: 0, longestMs: 0 };
const sockets = new Set();
let connecting = 0;
let next = from;

const addressOf = (n) => `127.${network}.${1 + Math.floor(n / PER_ADDRESS / 250)}.${1 + (Math.floor(n / PER_ADDRESS) % 250)}`;

function join(n) {
  connecting += 1;
  const socket = net.connect({ port, host: '127.0.0.1', localAddress: addressOf(n) });
  let began;
  socket.on('error', () => {});
  socket.once('connect', () => {
    connecting -= 1;
    began = performance.now();
    told.opened += 1;
    told.open += 1;
    told.most = Math.max(told.most, told.open);
    sockets.add(socket);
    if (head.length) socket.write(head);
    fill();
  });
  socket.once('close', () => {
    if (began === undefined) connecting -= 1;
    else {
      sockets.delete(socket);
      told.open -= 1;
      told.longestMs = Math.max(told.longestMs, performance.now() - began);
    }
    if (began === undefined || refill) setTimeout(() => join(n), AGAIN_AFTER_MS);
  });
  socket.once('data', () => { told.answered += 1; });
  socket.resume();
}

function fill() {
  while (connecting < CONNECTING_AT_ONCE && next < from + count) join(next++);
}

fill();
setInterval(() => process.stdout.write(`${JSON.stringify(told)}\n`), 50);
// A tenth of them each tenth of a second, so that the bytes do not come in waves.
let tenth = 0;
if (drops.length) {
  setInterval(() => {
    const at = Math.floor(tenth / 10) % drops.length;
    let n = 0;
    for (const socket of sockets) if (n++ % 10 === tenth % 10) socket.write(drops.subarray(at, at + 1));
    tenth += 1;
  }, 100);
}
