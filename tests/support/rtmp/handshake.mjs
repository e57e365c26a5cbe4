// The handshake (RTMP 1.0, section 5.2), plain or with Adobe's digests (the "complex" one), each side as pure functions.
import { Buffer } from 'node:buffer';
import { createHmac, randomBytes } from 'node:crypto';

export const PACKET = 1536;

const TAIL = Buffer.from('f0eec24a8068bee82e00d0d1029e7e576eec5d2d29806fab93b8e636cfeb31ae', 'hex');
const ROLES = {
  client: { text: Buffer.from('Genuine Adobe Flash Player 001'), version: [9, 0, 124, 2] },
  server: { text: Buffer.from('Genuine Adobe Flash Media Server 001'), version: [3, 5, 1, 1] },
};
const SCHEMES = [8, 772];

const hmac = (key, bytes) => createHmac('sha256', key).update(bytes).digest();
const digestOffset = (packet, base) => base + 4 + ((packet[base] + packet[base + 1] + packet[base + 2] + packet[base + 3]) % 728);
const without = (packet, at) => Buffer.concat([packet.subarray(0, at), packet.subarray(at + 32)]);

// C1 or S1. With a digest in the given scheme (0 or 1), or without one when `scheme` is undefined.
export function hello(role, { scheme } = {}) {
  const packet = randomBytes(PACKET);
  packet.writeUInt32BE(0, 0);
  packet.writeUInt32BE(0, 4);
  if (scheme === undefined) return packet;
  Buffer.from(ROLES[role].version).copy(packet, 4);
  const at = digestOffset(packet, SCHEMES[scheme]);
  hmac(ROLES[role].text, without(packet, at)).copy(packet, at);
  return packet;
}

// The digest that `role` put into its C1 or S1, or nothing when there is none.
export function digestOf(role, packet) {
  for (const base of SCHEMES) {
    const at = digestOffset(packet, base);
    const digest = packet.subarray(at, at + 32);
    if (hmac(ROLES[role].text, without(packet, at)).equals(digest)) return digest;
  }
  return undefined;
}

// C2 or S2: an echo of the peer's packet, or proof of having read its digest.
export function answer(role, peerPacket) {
  const digest = digestOf(role === 'client' ? 'server' : 'client', peerPacket);
  if (!digest) return Buffer.from(peerPacket);
  const packet = randomBytes(PACKET);
  const key = hmac(Buffer.concat([ROLES[role].text, TAIL]), digest);
  hmac(key, packet.subarray(0, PACKET - 32)).copy(packet, PACKET - 32);
  return packet;
}

// Whether S2 (from "server") or C2 (from "client") proves what it should about `ownPacket`.
export function proves(role, packet, ownPacket) {
  const digest = digestOf(role === 'client' ? 'server' : 'client', ownPacket);
  if (!digest) return packet.subarray(8).equals(ownPacket.subarray(8));
  const key = hmac(Buffer.concat([ROLES[role].text, TAIL]), digest);
  return hmac(key, packet.subarray(0, PACKET - 32)).equals(packet.subarray(PACKET - 32));
}
