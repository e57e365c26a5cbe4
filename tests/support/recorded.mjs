// Recordings as the system tests look at them: what they are asked for, and what stands on the disk.
import assert from 'node:assert/strict';
import { closeSync, fstatSync, openSync, readdirSync, readSync } from 'node:fs';
import path from 'node:path';
import { run } from './process.mjs';
import { waitFor } from './wait.mjs';

export function filesOf(server, asset) {
  const folder = path.join(server.dataDir, 'recordings', asset);
  const number = (name) => Number.parseInt(name, 10);
  return readdirSync(folder).filter((name) => /^\d+\.mp4$/.test(name)).sort((one, other) => number(one) - number(other)).map((name) => path.join(folder, name));
}

// The types of a file's boxes, one behind the other.
export function boxesOf(file) {
  const fd = openSync(file, 'r');
  try {
    const header = Buffer.alloc(8);
    const types = [];
    for (let at = 0, { size } = fstatSync(fd); at < size; at += header.readUInt32BE(0)) {
      if (readSync(fd, header, 0, 8, at) < 8 || header.readUInt32BE(0) < 8) return [...types, 'torn'];
      types.push(header.toString('latin1', 4, 8));
    }
    return types;
  } finally {
    closeSync(fd);
  }
}
export const isClosed = (file) => boxesOf(file).at(-1) === 'mfra';

// Every frame of it. Anything that is said besides is a complaint.
export async function decode(file) {
  const said = await run('ffprobe', ['-v', 'warning', '-show_entries', 'format=duration,start_time', '-of', 'default=nk=1:nw=1', file]);
  assert.match(said, /^[\d.]+\n[\d.]+\n$/);
  assert.equal(await run('ffmpeg', ['-nostdin', '-v', 'warning', '-xerror', '-i', file, '-f', 'null', '-'], { timeoutMs: 60_000 }), '');
  const [start, duration] = said.trim().split('\n').map(Number);
  return { start, duration };
}

// A session that is to be recorded, of a station whose encoder is there or comes.
export async function startRecorded(owner, station, more = {}) {
  const { sessionId } = await owner.post('/api/live/start', { streamKey: station.streamKey, title: 'Tonight', stationId: station.id, useMultistream: false, recordingEnabled: true, ...more });
  const asset = await waitFor('the recording', async () => (await owner.get(`/api/vod?sessionId=${sessionId}`)).assets[0], { timeoutMs: 20_000 });
  return { sessionId, id: asset.id };
}
export const firstFile = (server, id) => waitFor('its file', () => filesOf(server, id)[0], { timeoutMs: 20_000 });

export const becomes = (owner, id, ...statuses) => waitFor(`the recording to be ${statuses.join(' or ')}`, async () => {
  const { asset } = await owner.get(`/api/vod/${id}`);
  return statuses.includes(asset.status) && asset;
}, { timeoutMs: 20_000, everyMs: 100, describe: () => owner.get(`/api/vod/${id}`) });
