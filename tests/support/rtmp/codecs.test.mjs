import assert from 'node:assert/strict';
import { Buffer } from 'node:buffer';
import { test } from 'node:test';
import { EcmaArray, decode, encode } from './amf0.mjs';
import { ChunkReader, ChunkWriter, Type } from './chunks.mjs';
import { answer, digestOf, hello, proves } from './handshake.mjs';
import { noise } from './media.mjs';

test('AMF0 values come back as they were', () => {
  const values = ['connect', 1, { app: 'live', list: ['hvc1', 'av01'], deep: { yes: true, no: null } }, undefined, 'x'.repeat(70_000), new EcmaArray({ width: 1280 })];
  assert.deepEqual(decode(encode(...values)), values);
});

test('AMF0 matches the bytes of the specification', () => {
  assert.equal(encode('a', 1, true, null).toString('hex'), '02000161003ff0000000000000010105');
  assert.equal(encode({ a: 1 }).toString('hex'), '03000161003ff0000000000000000009');
});

const roundTrip = (messages, { chunkSize = 128, compress = true, slice = 7 } = {}) => {
  const writer = Object.assign(new ChunkWriter(), { chunkSize, compress });
  const reader = Object.assign(new ChunkReader(), { chunkSize });
  const bytes = Buffer.concat(messages.map((message) => writer.write(message)));
  const got = [];
  for (let at = 0; at < bytes.length; at += slice) got.push(...reader.read(bytes.subarray(at, at + slice)));
  return got;
};

for (const compress of [true, false]) {
  test(`chunks come back whole over every time limit, compressed headers ${compress}`, () => {
    for (const start of [0, 0xfffffe - 40, 0x7fffffff - 40, 0xffffffff - 40]) {
      const messages = Array.from({ length: 40 }, (_, n) => ({
        csid: [4, 6, 70, 400][n % 4], type: n % 2 ? Type.video : Type.audio, streamId: 1, timestamp: (start + n * 3) >>> 0, payload: noise(1 + n * 37, n),
      }));
      assert.deepEqual(roundTrip(messages, { compress }), messages);
    }
  });
}

test('a first delta of 2^24 or more is carried by every chunk of its message', () => {
  const messages = [0, 0x1000000, 0x2000001].map((timestamp) => ({ csid: 6, type: Type.video, streamId: 1, timestamp, payload: noise(300, timestamp) }));
  assert.deepEqual(roundTrip(messages), messages);
});

test('both handshakes prove themselves to each other, and a changed packet does not', () => {
  for (const scheme of [undefined, 0, 1]) {
    const c1 = hello('client', { scheme });
    const s1 = hello('server', { scheme });
    assert.equal(digestOf('client', c1) !== undefined, scheme !== undefined);
    const s2 = answer('server', c1);
    const c2 = answer('client', s1);
    assert.ok(proves('server', s2, c1));
    assert.ok(proves('client', c2, s1));
    s2[100] ^= 1;
    assert.ok(!proves('server', s2, c1));
  }
});
