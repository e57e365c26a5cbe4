// A name server under a test's control: UDP on loopback, A and AAAA, time to live 0, and a memory of what was asked.
import { Buffer } from 'node:buffer';
import dgram from 'node:dgram';
import { once } from 'node:events';
import net from 'node:net';
import { endLater } from './cleanup.mjs';

const TYPES = { A: 1, AAAA: 28 };
const INTERNET = 1;
const SERVER_FAILURE = 2;
const NO_SUCH_NAME = 3;

function bytesOf(address) {
  if (net.isIPv4(address)) return Buffer.from(address.split('.').map(Number));
  const dotted = /^(.*:)(\d+\.\d+\.\d+\.\d+)$/.exec(address);
  const text = dotted ? `${dotted[1]}${bytesOf(dotted[2]).toString('hex').replace(/^(.{4})/, '$1:')}` : address;
  const [head, tail] = text.split('::').map((part) => (part ? part.split(':') : []));
  const groups = tail ? [...head, ...Array(8 - head.length - tail.length).fill('0'), ...tail] : head;
  return Buffer.from(groups.map((group) => group.padStart(4, '0')).join(''), 'hex');
}

function questionOf(packet) {
  const labels = [];
  let at = 12;
  while (packet[at]) {
    labels.push(packet.subarray(at + 1, at + 1 + packet[at]).toString('latin1'));
    at += 1 + packet[at];
  }
  return { name: labels.join('.').toLowerCase(), type: packet.readUInt16BE(at + 1), end: at + 5 };
}

export class NameServer {
  // `answer(name, round)`: the addresses that a name has, IPv4 and IPv6 together; `round` counts the questions for this
  // name and type, from 0. None: the name does not exist. 'fails' answers SERVFAIL, 'never' nothing at all.
  constructor(answer) {
    this.answer = answer;
    this.asked = new Map();
  }

  async listen() {
    this.socket = dgram.createSocket('udp4');
    this.socket.on('message', (packet, from) => this.#reply(packet, from));
    this.socket.bind(0, '127.0.0.1');
    await once(this.socket, 'listening');
    endLater(() => this.close());
    return this;
  }

  // As the setting dns_servers takes it.
  get address() {
    return `127.0.0.1:${this.socket.address().port}`;
  }

  #reply(packet, from) {
    const { name, type, end } = questionOf(packet);
    const family = type === TYPES.A ? 4 : 6;
    const key = `${name} ${family}`;
    const round = this.asked.get(key) ?? 0;
    this.asked.set(key, round + 1);
    const found = this.answer(name, round);
    if (found === 'never') return;
    const known = Array.isArray(found) ? found : [];
    const records = known.filter((address) => net.isIP(address) === family && (type === TYPES.A || type === TYPES.AAAA)).map(bytesOf);
    const head = Buffer.from(packet.subarray(0, end));
    head.writeUInt16BE(0x8180 | (found === 'fails' ? SERVER_FAILURE : found ? 0 : NO_SUCH_NAME), 2);
    head.writeUInt16BE(1, 4);
    head.writeUInt16BE(records.length, 6);
    head.fill(0, 8, 12);
    const bodies = records.map((bytes) => {
      const fixed = Buffer.alloc(12);
      fixed.writeUInt16BE(0xc00c, 0);
      fixed.writeUInt16BE(type, 2);
      fixed.writeUInt16BE(INTERNET, 4);
      fixed.writeUInt16BE(bytes.length, 10);
      return Buffer.concat([fixed, bytes]);
    });
    this.socket.send(Buffer.concat([head, ...bodies]), from.port, from.address);
  }

  close() {
    this.socket?.close();
    this.socket = undefined;
  }
}
