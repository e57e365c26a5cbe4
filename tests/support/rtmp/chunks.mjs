// The chunk layer (RTMP 1.0, section 5.3): messages ↔ chunks. A message is {type, streamId, timestamp, payload}, its
// timestamp the 32 bits on the wire.
import { Buffer } from 'node:buffer';

export const Type = {
  setChunkSize: 1, abort: 2, acknowledgement: 3, userControl: 4, windowAckSize: 5, setPeerBandwidth: 6,
  audio: 8, video: 9, dataAmf3: 15, commandAmf3: 17, data: 18, command: 20, aggregate: 22,
};

const EXTENDED = 0xffffff;
const HEADER_BYTES = [11, 7, 3, 0];

const basicHeader = (fmt, csid) => {
  if (csid < 64) return Buffer.from([(fmt << 6) | csid]);
  if (csid < 320) return Buffer.from([fmt << 6, csid - 64]);
  return Buffer.from([(fmt << 6) | 1, (csid - 64) & 0xff, (csid - 64) >> 8]);
};

// Writes each message with the shortest header that says it (`compress`), or with whole headers only.
export class ChunkWriter {
  chunkSize = 128;
  compress = true;
  #streams = new Map();

  write({ csid, type, streamId = 0, timestamp = 0, payload }) {
    const last = this.#streams.get(csid);
    const now = timestamp >>> 0;
    const delta = last ? (now - last.timestamp) >>> 0 : 0;
    let fmt = 0;
    if (this.compress && last && last.streamId === streamId && delta < 0x80000000) {
      fmt = 1;
      if (last.type === type && last.length === payload.length) fmt = last.delta === delta ? 3 : 2;
    }
    const time = fmt === 0 ? now : delta;
    const extended = time >= EXTENDED;
    const header = Buffer.alloc(HEADER_BYTES[fmt]);
    if (fmt < 3) header.writeUIntBE(extended ? EXTENDED : time, 0, 3);
    if (fmt < 2) {
      header.writeUIntBE(payload.length, 3, 3);
      header[6] = type;
    }
    if (fmt === 0) header.writeUInt32LE(streamId, 7);
    const suffix = Buffer.alloc(extended ? 4 : 0);
    if (extended) suffix.writeUInt32BE(time);

    const parts = [basicHeader(fmt, csid), header, suffix];
    for (let at = 0; at < payload.length || at === 0; at += this.chunkSize) {
      if (at > 0) parts.push(basicHeader(3, csid), suffix);
      parts.push(payload.subarray(at, at + this.chunkSize));
    }
    // After a type 0, implementations disagree on which delta a type 3 repeats: a type 2 says it anew.
    this.#streams.set(csid, { streamId, type, length: payload.length, timestamp: now, delta: fmt === 0 ? undefined : delta });
    return Buffer.concat(parts);
  }
}

export class ChunkReader {
  chunkSize = 128;
  #pending = Buffer.alloc(0);
  #streams = new Map();

  // Gives the messages that these bytes complete. Chunk size and abort are obeyed here, and given all the same.
  *read(bytes) {
    this.#pending = this.#pending.length ? Buffer.concat([this.#pending, bytes]) : bytes;
    for (;;) {
      const { used, message } = this.#chunk(this.#pending);
      if (!used) return;
      this.#pending = this.#pending.subarray(used);
      if (!message) continue;
      if (message.type === Type.setChunkSize) this.chunkSize = message.payload.readUInt32BE(0) & 0x7fffffff;
      if (message.type === Type.abort) this.#streams.get(message.payload.readUInt32BE(0))?.parts.splice(0);
      yield message;
    }
  }

  #chunk(bytes) {
    const nothing = { used: 0 };
    if (bytes.length < 1) return nothing;
    const fmt = bytes[0] >> 6;
    let csid = bytes[0] & 0x3f;
    let at = 1;
    if (csid < 2) {
      at = csid + 2;
      if (bytes.length < at) return nothing;
      csid = 64 + bytes[1] + (at === 3 ? bytes[2] * 256 : 0);
    }
    const known = this.#streams.get(csid);
    if (!known && fmt !== 0) throw new RangeError(`chunk stream ${csid} begins with a type ${fmt} header`);
    const stream = known ? { ...known } : { parts: [], got: 0, timestamp: 0 };
    const headerEnd = at + HEADER_BYTES[fmt];
    if (bytes.length < headerEnd) return nothing;
    const fresh = stream.got === 0;
    if (fmt < 3) stream.field = bytes.readUIntBE(at, 3);
    if (fmt < 2) {
      stream.length = bytes.readUIntBE(at + 3, 3);
      stream.type = bytes[at + 6];
    }
    if (fmt === 0) stream.streamId = bytes.readUInt32LE(at + 7);
    at = headerEnd;
    let time = stream.field;
    if (stream.field === EXTENDED) {
      if (bytes.length < at + 4) return nothing;
      time = bytes.readUInt32BE(at);
      at += 4;
    }
    if (fresh) stream.timestamp = fmt === 0 ? time : (stream.timestamp + time) >>> 0;
    const size = Math.min(this.chunkSize, stream.length - stream.got);
    if (bytes.length < at + size) return nothing;
    stream.parts = fresh ? [] : known.parts;
    stream.parts.push(bytes.subarray(at, at + size));
    stream.got += size;
    const done = stream.got === stream.length;
    const message = done && {
      csid, type: stream.type, streamId: stream.streamId, timestamp: stream.timestamp, payload: Buffer.concat(stream.parts),
    };
    if (done) Object.assign(stream, { parts: [], got: 0 });
    this.#streams.set(csid, stream);
    return { used: at + size, message };
  }
}
