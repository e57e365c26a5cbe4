// RTMP clients under a test's control: a publisher that sends exactly the messages it is given, and a player that
// records what it is sent. Independent of the product's own RTMP.
import { Buffer } from 'node:buffer';
import { once } from 'node:events';
import net from 'node:net';
import tls from 'node:tls';
import { setTimeout as wait } from 'node:timers/promises';
import { endLater } from '../cleanup.mjs';
import { decode, encode } from './amf0.mjs';
import { Type } from './chunks.mjs';
import { Connection, nextCommand } from './connection.mjs';
import { recordOf } from './server-peer.mjs';

const DEFAULT_PORT = { 'rtmp:': 1935, 'rtmps:': 443 };

export class RtmpRefused extends Error {
  constructor(step, info) {
    super(`${step} refused: ${info?.code}: ${info?.description}`);
    Object.assign(this, { step, code: info?.code, description: info?.description });
  }
}

class ClientPeer {
  // `url`: rtmp(s)://host:port/app. `scheme`: digest handshake 0 or 1. `tls`: options of tls.connect.
  // `connectObject`: more properties for connect. `amf3`: commands are typed 17. `localAddress`: where to connect from.
  constructor({ url, scheme, tls: tlsOptions = {}, connectObject = {}, amf3 = false, chunkSize = 4096, localAddress, timeoutMs = 5_000 }) {
    Object.assign(this, { url: new URL(url), rawUrl: url, scheme, tlsOptions, connectObject, amf3, chunkSize, localAddress, timeoutMs });
    this.statuses = [];
  }

  async open() {
    const { protocol, hostname: host } = this.url;
    const port = Number(this.url.port || DEFAULT_PORT[protocol]);
    const options = { host, port, localAddress: this.localAddress };
    this.socket = protocol === 'rtmps:' ? tls.connect({ servername: host, ...options, ...this.tlsOptions }) : net.connect(options);
    this.socket.setNoDelay(true);
    this.connection = new Connection(this.socket);
    this.connection.once('close', endLater(() => this.socket.destroy()));
    await once(this.socket, protocol === 'rtmps:' ? 'secureConnect' : 'connect');
    this.connection.on('command', ({ name, args }) => {
      if (name === 'onStatus') this.statuses.push(args[1]);
    });
  }

  get closed() {
    return this.connection.closed;
  }
  // Resolves when the peer has closed, with what it did ('closed', 'ECONNRESET').
  whenClosed() {
    if (this.closed) return Promise.resolve(this.connection.error?.code ?? 'closed');
    return new Promise((resolve) => this.connection.once('close', resolve));
  }

  command(name, transaction, ...args) {
    const payload = encode(name, transaction, ...args);
    if (!this.amf3) return this.connection.command(name, transaction, ...args);
    return this.connection.send({ csid: 3, type: Type.commandAmf3, payload: Buffer.concat([Buffer.from([0]), payload]) });
  }

  async #answer(step, transaction, act) {
    const coming = nextCommand(this.connection, (command) => command.transaction === transaction && /^_(result|error)$/.test(command.name), this.timeoutMs);
    act();
    const answer = await coming;
    if (answer.name === '_error') throw new RtmpRefused(step, answer.args[1]);
    return answer;
  }

  async connect() {
    await this.open();
    await this.connection.handshakeAsClient({ scheme: this.scheme });
    this.connection.setChunkSize(this.chunkSize);
    const app = `${this.url.pathname.slice(1)}${this.url.search}`;
    const object = { app, type: 'nonprivate', flashVer: 'FMLE/3.0 (compatible; ScriptedPeer)', swfUrl: this.rawUrl, tcUrl: this.rawUrl, ...this.connectObject };
    this.connectAnswer = await this.#answer('connect', 1, () => this.command('connect', 1, object));
  }

  async createStream(transaction = 4) {
    const { args } = await this.#answer('createStream', transaction, () => this.command('createStream', transaction, null));
    this.streamId = args[1];
  }

  // Sends a stream command and waits for the onStatus that answers it.
  async streamCommand(name, good, ...args) {
    const coming = nextCommand(this.connection, (command) => command.name === 'onStatus' && (command.args[1]?.level === 'error' || good.test(command.args[1]?.code)), this.timeoutMs);
    this.connection.streamCommand(this.streamId, name, 5, null, ...args);
    const status = (await coming).args[1];
    if (status.level === 'error') throw new RtmpRefused(name, status);
    return status;
  }

  close() {
    this.socket?.end();
  }
  kill() {
    this.connection?.reset();
  }
}

export class ScriptedPublisher extends ClientPeer {
  sent = [];

  async publish(key) {
    await this.connect();
    this.command('releaseStream', 2, null, key);
    this.command('FCPublish', 3, null, key);
    await this.createStream();
    await this.streamCommand('publish', /^NetStream\.Publish\.Start$/, key, 'live');
    return this;
  }

  // {type: 'audio' | 'video' | 'data', timestamp, payload}
  send({ type, timestamp, payload }) {
    const csid = { audio: 4, video: 6, data: 5 }[type];
    this.connection.send({ csid, type: Type[type], streamId: this.streamId, timestamp, payload });
    if (type !== 'data') this.sent.push(recordOf({ type: Type[type], timestamp, payload }));
  }

  // Sends messages as an encoder would, by their `due` (ms from the beginning; else their timestamp). `speed` 0: at once.
  // Ends early when the connection closes or `signal` aborts.
  async play(messages, { speed = 1, signal } = {}) {
    const start = performance.now();
    const first = messages[0].due ?? messages[0].timestamp;
    for (const message of messages) {
      if (this.closed || signal?.aborted) return;
      const ahead = speed ? ((message.due ?? message.timestamp) - first) / speed - (performance.now() - start) : 0;
      if (ahead > 1) await wait(ahead, undefined, { signal }).catch(() => {});
      if (this.closed || signal?.aborted) return;
      this.send(message);
      await this.connection.drained();
    }
  }

  // Several messages in one of type 22 (RTMP 1.0, section 7.1.6).
  sendAggregate(messages, timestamp) {
    const parts = messages.map(({ type, timestamp: time, payload }) => {
      const head = Buffer.alloc(11);
      head[0] = Type[type];
      head.writeUIntBE(payload.length, 1, 3);
      head.writeUIntBE(time & 0xffffff, 4, 3);
      head[7] = (time >>> 24) & 0xff;
      const tail = Buffer.alloc(4);
      tail.writeUInt32BE(11 + payload.length);
      return Buffer.concat([head, payload, tail]);
    });
    this.connection.send({ csid: 6, type: Type.aggregate, streamId: this.streamId, timestamp, payload: Buffer.concat(parts) });
    const offset = timestamp - messages[0].timestamp;
    for (const { type, timestamp: time, payload } of messages) this.sent.push(recordOf({ type: Type[type], timestamp: time + offset, payload }));
  }

  metadata(values) {
    this.send({ type: 'data', timestamp: 0, payload: encode('@setDataFrame', 'onMetaData', values) });
  }

  // Bytes that no RTMP peer would send.
  garbage(bytes) {
    this.connection.write(bytes);
  }

  // The proper end of a broadcast.
  async unpublish(key) {
    this.command('FCUnpublish', 6, null, key);
    this.command('deleteStream', 7, null, this.streamId);
    this.close();
    await this.whenClosed();
  }
}

export class RecordingPlayer extends ClientPeer {
  messages = [];
  metadata = [];

  async play(name) {
    await this.connect();
    await this.createStream();
    this.connection.on('message', (message) => {
      if (message.type === Type.audio || message.type === Type.video) this.messages.push(recordOf(message));
      if (message.type === Type.data) this.metadata.push(decode(message.payload));
    });
    await this.streamCommand('play', /^NetStream\.Play\.Start$/, name);
    return this;
  }
}
