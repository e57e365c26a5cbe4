// One RTMP connection after its handshake, either side: messages in and out over a socket.
import { Buffer } from 'node:buffer';
import { EventEmitter, once } from 'node:events';
import { decode, encode } from './amf0.mjs';
import { ChunkReader, ChunkWriter, Type } from './chunks.mjs';
import { PACKET, answer, digestOf, hello, proves } from './handshake.mjs';

const u32 = (value) => {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value >>> 0);
  return bytes;
};

// Events: 'message' ({type, streamId, timestamp, payload}), 'command' ({name, transaction, args, streamId}), 'close' (reason).
export class Connection extends EventEmitter {
  constructor(socket) {
    super();
    this.socket = socket;
    this.reader = new ChunkReader();
    this.writer = new ChunkWriter();
    this.bytesIn = 0;
    this.peerWindow = 2_500_000;
    this.acknowledge = true;
    this.fragment = 0;
    this.closed = false;
    this.#acked = 0;
    this.#held = [];
    socket.on('error', (error) => { this.error = error; });
    socket.on('close', () => {
      this.closed = true;
      this.emit('close', this.error?.code ?? 'closed');
    });
    socket.on('data', (bytes) => this.#received(bytes));
  }

  #acked;
  #held;
  #wanted;
  #open = false;

  #received(bytes) {
    this.bytesIn += bytes.length;
    this.emit('bytes', this.bytesIn);
    if (this.#open) return this.#chunks(bytes);
    this.#held.push(bytes);
    this.#wanted?.();
  }

  #chunks(bytes) {
    try {
      for (const message of this.reader.read(bytes)) this.#message(message);
    } catch (error) {
      this.error = error;
      this.emit('malformed', error);
      this.socket.destroy();
    }
    if (this.acknowledge && this.bytesIn - this.#acked >= this.peerWindow / 2) {
      this.#acked = this.bytesIn;
      this.send({ csid: 2, type: Type.acknowledgement, payload: u32(this.bytesIn) });
    }
  }

  #message(message) {
    const { type, payload, streamId } = message;
    if (type === Type.windowAckSize) this.peerWindow = payload.readUInt32BE(0);
    if (type === Type.userControl && payload.readUInt16BE(0) === 6) this.control(7, payload.readUInt32BE(2));
    this.emit('message', message);
    if (type !== Type.command && type !== Type.commandAmf3) return;
    const [name, transaction, ...args] = decode(type === Type.commandAmf3 ? payload.subarray(1) : payload);
    this.emit('command', { name, transaction, args, streamId });
  }

  // The next `count` bytes of the handshake.
  async #take(count) {
    for (;;) {
      const bytes = Buffer.concat(this.#held);
      if (bytes.length >= count) {
        this.#held = [bytes.subarray(count)];
        return bytes.subarray(0, count);
      }
      if (this.closed) throw new Error(`closed in the handshake (${this.error?.code ?? 'end of stream'})`);
      await new Promise((resolve) => {
        this.#wanted = resolve;
        this.socket.once('close', resolve);
      });
    }
  }

  #begin() {
    this.#open = true;
    const rest = Buffer.concat(this.#held);
    this.#held = [];
    if (rest.length) queueMicrotask(() => this.#chunks(rest));
  }

  // `scheme`: 0 or 1 for a digest, nothing for the plain handshake.
  async handshakeAsClient({ scheme } = {}) {
    const own = hello('client', { scheme });
    this.write(Buffer.concat([Buffer.from([3]), own]));
    const theirs = await this.#take(1 + PACKET);
    if (theirs[0] !== 3) throw new Error(`S0 is ${theirs[0]}`);
    this.write(answer('client', theirs.subarray(1)));
    const proof = await this.#take(PACKET);
    this.handshakeProven = proves('server', proof, own);
    this.#begin();
  }

  // `stopAt`: never go past 's0' (say nothing), 's1' (S0 and S1, no S2) or 'c2' (everything said, nothing read after it).
  // Gives false when it stopped there.
  async handshakeAsServer({ stopAt } = {}) {
    const theirs = (await this.#take(1 + PACKET)).subarray(1);
    if (stopAt === 's0') return false;
    const own = hello('server', { scheme: digestOf('client', theirs) ? 0 : undefined });
    this.write(Buffer.concat([Buffer.from([3]), own]));
    if (stopAt === 's1') return false;
    this.write(answer('server', theirs));
    await this.#take(PACKET);
    if (stopAt === 'c2') return false;
    this.#begin();
    return true;
  }

  write(bytes) {
    if (this.closed || this.socket.writableEnded) return false;
    if (!this.fragment) return this.socket.write(bytes);
    for (let at = 0; at < bytes.length; at += this.fragment) this.socket.write(bytes.subarray(at, at + this.fragment));
    return true;
  }

  // Resolves at once, or when the socket has room again.
  async drained() {
    if (!this.socket.writableNeedDrain || this.closed) return;
    await Promise.race([once(this.socket, 'drain'), new Promise((resolve) => this.once('close', resolve))]).catch(() => {});
  }

  send(message) {
    return this.write(this.writer.write(message));
  }

  command(name, transaction, ...args) {
    return this.send({ csid: 3, type: Type.command, payload: encode(name, transaction, ...args) });
  }

  streamCommand(streamId, name, transaction, ...args) {
    return this.send({ csid: 8, type: Type.command, streamId, payload: encode(name, transaction, ...args) });
  }

  control(event, value) {
    return this.send({ csid: 2, type: Type.userControl, payload: Buffer.concat([Buffer.from([0, event]), u32(value)]) });
  }

  setChunkSize(size) {
    this.send({ csid: 2, type: Type.setChunkSize, payload: u32(size) });
    this.writer.chunkSize = size;
  }

  windowAckSize(size) {
    return this.send({ csid: 2, type: Type.windowAckSize, payload: u32(size) });
  }

  setPeerBandwidth(size, limit = 2) {
    return this.send({ csid: 2, type: Type.setPeerBandwidth, payload: Buffer.concat([u32(size), Buffer.from([limit])]) });
  }

  acknowledgement(total) {
    return this.send({ csid: 2, type: Type.acknowledgement, payload: u32(total) });
  }

  // The peer sees RST, not FIN.
  reset() {
    this.socket.resetAndDestroy?.() ?? this.socket.destroy();
  }

  end() {
    this.socket.end();
  }
}

// Waits for a command of the peer's that `wanted` accepts; fails when the connection closes first or the time is up.
export function nextCommand(connection, wanted, timeoutMs = 5_000) {
  return new Promise((resolve, reject) => {
    const finish = (act, value) => {
      clearTimeout(timer);
      connection.off('command', check);
      connection.off('close', closed);
      act(value);
    };
    const check = (command) => wanted(command) && finish(resolve, command);
    const closed = (reason) => finish(reject, new Error(`the peer closed (${reason}) before it answered`));
    const timer = setTimeout(() => finish(reject, new Error(`no answer within ${timeoutMs} ms`)), timeoutMs);
    connection.on('command', check);
    connection.on('close', closed);
    if (connection.closed) closed(connection.error?.code ?? 'closed');
  });
}
