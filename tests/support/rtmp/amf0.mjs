// AMF0 (AMF 0 specification, 2007): values ↔ bytes. Objects become plain objects, ECMA arrays an EcmaArray.
import { Buffer } from 'node:buffer';

const Marker = { number: 0, boolean: 1, string: 2, object: 3, null: 5, undefined: 6, ecmaArray: 8, end: 9, strictArray: 10, date: 11, longString: 12 };

export class EcmaArray {
  constructor(entries = {}) {
    Object.assign(this, entries);
  }
}

const key = (text) => {
  const bytes = Buffer.from(text, 'utf8');
  const length = Buffer.alloc(2);
  length.writeUInt16BE(bytes.length);
  return Buffer.concat([length, bytes]);
};

const pairs = (object) =>
  Buffer.concat([
    ...Object.entries(object).flatMap(([name, value]) => [key(name), encodeValue(value)]),
    Buffer.from([0, 0, Marker.end]),
  ]);

function encodeValue(value) {
  if (value === null) return Buffer.from([Marker.null]);
  if (value === undefined) return Buffer.from([Marker.undefined]);
  if (typeof value === 'number') {
    const bytes = Buffer.alloc(9);
    bytes.writeDoubleBE(value, 1);
    return bytes;
  }
  if (typeof value === 'boolean') return Buffer.from([Marker.boolean, value ? 1 : 0]);
  if (typeof value === 'string') {
    const text = Buffer.from(value, 'utf8');
    if (text.length < 0x10000) return Buffer.concat([Buffer.from([Marker.string]), key(value)]);
    const head = Buffer.alloc(5);
    head[0] = Marker.longString;
    head.writeUInt32BE(text.length, 1);
    return Buffer.concat([head, text]);
  }
  if (Array.isArray(value)) {
    const head = Buffer.alloc(5);
    head[0] = Marker.strictArray;
    head.writeUInt32BE(value.length, 1);
    return Buffer.concat([head, ...value.map(encodeValue)]);
  }
  if (value instanceof EcmaArray) {
    const head = Buffer.alloc(5);
    head[0] = Marker.ecmaArray;
    head.writeUInt32BE(Object.keys(value).length, 1);
    return Buffer.concat([head, pairs(value)]);
  }
  return Buffer.concat([Buffer.from([Marker.object]), pairs(value)]);
}

export function encode(...values) {
  return Buffer.concat(values.map(encodeValue));
}

class Reader {
  constructor(bytes) {
    this.bytes = bytes;
    this.at = 0;
  }
  take(count) {
    if (this.at + count > this.bytes.length) throw new RangeError('AMF0 value is cut off');
    this.at += count;
    return this.bytes.subarray(this.at - count, this.at);
  }
  text(lengthBytes) {
    return this.take(this.take(lengthBytes).readUIntBE(0, lengthBytes)).toString('utf8');
  }
  pairs(target) {
    for (;;) {
      const name = this.text(2);
      if (name === '' && this.bytes[this.at] === Marker.end) {
        this.at += 1;
        return target;
      }
      target[name] = this.value();
    }
  }
  value() {
    const marker = this.take(1)[0];
    switch (marker) {
      case Marker.number: return this.take(8).readDoubleBE(0);
      case Marker.boolean: return this.take(1)[0] !== 0;
      case Marker.string: return this.text(2);
      case Marker.longString: return this.text(4);
      case Marker.null: return null;
      case Marker.undefined: return undefined;
      case Marker.object: return this.pairs({});
      case Marker.ecmaArray: this.take(4); return this.pairs(new EcmaArray());
      case Marker.strictArray: return Array.from({ length: this.take(4).readUInt32BE(0) }, () => this.value());
      case Marker.date: { const at = this.take(8).readDoubleBE(0); this.take(2); return new Date(at); }
      default: throw new RangeError(`AMF0 marker ${marker} is not known`);
    }
  }
}

export function decode(bytes) {
  const reader = new Reader(bytes);
  const values = [];
  while (reader.at < bytes.length) values.push(reader.value());
  return values;
}
