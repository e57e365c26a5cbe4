// A show of ours as HLS: an encoder in, and what a player finds.
import { setTimeout as pause } from 'node:timers/promises';
import { waitFor } from '../../tests/support/wait.mjs';
import { everycast } from './systems.mjs';
import { startPublisher } from './tools.mjs';

const uris = (playlist) => playlist.split(/\r?\n/).filter((line) => line && !line.startsWith('#'));

async function getText(url, headers) {
  const answer = await fetch(url, { headers });
  if (!answer.ok) throw new Error(`${url}: ${answer.status}`);
  return answer.text();
}

export class HlsShow {
  static async start({ kbps, settings = {} }) {
    const show = new HlsShow();
    show.system = await everycast({ places: 0, settings });
    show.publisher = startPublisher({ url: show.system.url, keys: [show.system.key], kbps });
    show.url = show.system.server.url;
    show.address = new URL(show.url).host;
    show.indexPath = `/live/${show.system.playbackId}/index.m3u8`;
    await waitFor('a media playlist', async () => (await show.segments()).length > 0, { timeoutMs: 20_000, everyMs: 250 });
    return show;
  }

  // The path of a media playlist as a player is told it; each time for a viewer of its own.
  async mediaPath() {
    const index = new URL(this.indexPath, this.url);
    const { pathname, search } = new URL(uris(await getText(index))[0], index);
    return pathname + search;
  }

  // The paths of the whole segments that stand in the playlist now, the oldest first.
  async segments() {
    const path = await this.mediaPath();
    const playlist = await getText(new URL(path, this.url));
    return uris(playlist).map((uri) => new URL(uri, new URL(path, this.url))).map(({ pathname, search }) => pathname + search);
  }

  async get(path) {
    const answer = await fetch(new URL(path, this.url));
    if (!answer.ok) throw new Error(`${path}: ${answer.status}`);
    return Buffer.from(await answer.arrayBuffer());
  }

  // Waits until so many segments are there, and has the encoder vanish: the playlist stays as it is for the grace period.
  async freeze(count, timeoutMs) {
    await waitFor(`${count} segments`, async () => (await this.segments()).length >= count, { timeoutMs, everyMs: 500 });
    await this.publisher.kill();
    await pause(1_000);
  }

  get pids() {
    return this.system.pids;
  }

  async stop() {
    await this.publisher.kill();
    await this.system.stop();
  }
}
