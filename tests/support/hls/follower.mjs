// A plain player of one media playlist: it reads it again and again, remembers every segment that was listed, and can keep their
// bytes, so that a test can ask afterwards what players were given.
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { probe } from '../ffmpeg.mjs';
import { temporaryFolder } from '../process.mjs';
import { readPlaylist } from './playlist.mjs';

const EVERY_MS = 250;

export async function mediaUrlOf(index) {
  const response = await fetch(index);
  const text = await response.text();
  if (!response.ok) throw new Error(`${index}: ${response.status} ${text}`);
  return new URL(text.split('\n').find((line) => /^(media|plain)\.m3u8/.test(line)), index).href;
}
export async function readMedia(url, options) {
  const response = await fetch(url, options);
  const bytes = Buffer.from(await response.arrayBuffer());
  return { status: response.status, headers: response.headers, playlist: response.ok ? readPlaylist(bytes, () => {}) : undefined };
}

export class Follower {
  segments = new Map();  // by media sequence number: {msn, uri, map, discontinuity, duration, bytes}
  complaints = [];
  // Of answers without a playlist.
  statuses = [];

  // `index`: of the multivariant playlist.
  static async start(index) {
    const follower = new Follower();
    follower.url = (await mediaUrlOf(index)).replace('media.m3u8', 'plain.m3u8');
    follower.inits = new Map();
    follower.running = follower.#run();
    return follower;
  }

  get list() { return [...this.segments.values()].sort((a, b) => a.msn - b.msn); }
  get discontinuities() { return this.list.filter(({ discontinuity }) => discontinuity).length; }

  async #run() {
    while (!this.stopped) {
      await this.#read().catch(() => this.statuses.push(0));
      await pause(EVERY_MS);
    }
  }

  async #read() {
    const { status, playlist } = await readMedia(this.url);
    if (!playlist) return void this.statuses.push(status);
    if (this.last && playlist.mediaSequence < this.last.mediaSequence) this.complaints.push(`the media sequence went from ${this.last.mediaSequence} to ${playlist.mediaSequence}`);
    for (const segment of playlist.segments) {
      if (this.segments.has(segment.msn)) continue;
      const [bytes] = await Promise.all([this.#fetch(segment.uri), segment.map && !this.inits.has(segment.map.uri) && this.#fetch(segment.map.uri).then((init) => this.inits.set(segment.map.uri, init))]);
      this.segments.set(segment.msn, { msn: segment.msn, uri: segment.uri, map: segment.map?.uri, discontinuity: segment.discontinuity, duration: segment.duration / 1e6, bytes });
    }
    this.last = playlist;
  }

  async #fetch(uri) {
    const response = await fetch(new URL(uri, this.url));
    if (!response.ok) this.complaints.push(`${uri}: ${response.status}`);
    return Buffer.from(await response.arrayBuffer());
  }

  async stop() {
    this.stopped = true;
    await this.running;
    return this;
  }

  // What was listed, decoded as a player does it: the segments of each map behind it. Gives [{map, streams, errors}] in order.
  async decoded() {
    const runs = [];
    for (const segment of this.list) {
      if (runs.at(-1)?.map !== segment.map) runs.push({ map: segment.map, pieces: [this.inits.get(segment.map)] });
      runs.at(-1).pieces.push(segment.bytes);
    }
    const folder = temporaryFolder('followed');
    return Promise.all(runs.map(async ({ map, pieces }, n) => {
      const file = path.join(folder, `${n}.mp4`);
      writeFileSync(file, Buffer.concat(pieces));
      return { map, ...(await probe(file)) };
    }));
  }
}
