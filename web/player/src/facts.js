// Facts: asks the server again and again what there is to watch. Events: 'facts' (detail: what it said), 'unknown' (there is
// no such thing), 'silence' (it cannot be reached; detail: {retryMs}).
import { ownAddress, withQuery } from './address.js';
import { Backoff } from './backoff.js';

const EVERY_MS = 2_500;
// Nobody looks at a page in the background.
const HIDDEN_EVERY_MS = 10_000;
const ANSWER_MS = 8_000;

// Both kinds in one form, with media where the page is.
function fromCard(card) {
  return { ...card, hlsUrl: ownAddress(card.hlsUrl), flvUrl: ownAddress(card.flvUrl), thumbnailUrl: ownAddress(card.thumbnailUrl) };
}
function fromAsset({ id, title, description, playlistUrl, thumbnailUrl, status, recordedAt }) {
  const hlsUrl = status === 'ready' ? ownAddress(playlistUrl ?? `/vod/${id}/index.m3u8`) : undefined;
  return { title, description, thumbnailUrl: ownAddress(thumbnailUrl), status, recordedAt, hlsUrl, live: false, over: false };
}

export class Facts extends EventTarget {
  #timer;
  #etag = '';
  #asking = false;
  #backoff = new Backoff({ firstMs: 1_000, mostMs: 15_000 });
  #done = false;
  #ended = new AbortController();

  // `fetch`: who asks; by itself in nobody's name.
  constructor({ id, recording, token, fetch = (url, how) => window.fetch(url, how) }) {
    super();
    Object.assign(this, { id, recording, token, fetch });
    document.addEventListener('visibilitychange', () => { if (!document.hidden) this.ask(); }, { signal: this.#ended.signal });
  }

  // Asks now, and from then on by itself.
  async ask() {
    if (this.#asking || this.#done) return;
    this.#asking = true;
    clearTimeout(this.#timer);
    let waitMs = document.hidden ? HIDDEN_EVERY_MS : EVERY_MS * (0.9 + 0.2 * Math.random());
    try {
      await this.#once();
      this.#backoff.reset();
    } catch {
      waitMs = this.#backoff.next();
      this.#tell('silence', { retryMs: waitMs });
    }
    this.#asking = false;
    if (!this.#done) this.#timer = setTimeout(() => this.ask(), waitMs);
  }

  // Nothing more can come.
  end() {
    this.#done = true;
    this.#ended.abort();
    clearTimeout(this.#timer);
  }

  async #once() {
    const headers = this.#etag ? { 'if-none-match': this.#etag } : {};
    const url = this.recording ? `/api/vod/${this.id}` : withQuery(`/api/playback/${this.id}`, { token: this.token });
    const answer = await this.fetch(url, { headers, cache: 'no-store', credentials: 'same-origin', signal: AbortSignal.timeout(ANSWER_MS) });
    if (answer.status === 304) {
      // An answer that nobody takes is a broken-off one to the browser.
      await answer.text();
      return this.#tell('same');
    }
    if (answer.status === 404 || answer.status === 400) {
      // A private recording is there for its token alone.
      if (this.recording && this.token) return this.#tell('facts', fromAsset({ id: this.id, status: 'ready' }));
      return this.#tell('unknown');
    }
    if (answer.status === 401 || answer.status === 403) return this.#tell('facts', { restricted: true, live: false, over: false });
    if (!answer.ok) throw new Error(`status ${answer.status}`);
    const body = await answer.json();
    this.#etag = answer.headers.get('etag') ?? '';
    const facts = this.recording ? fromAsset(body.asset) : fromCard(body.playback);
    // Tokens are good for minutes, and each answer brings a fresh one: the next question shows it.
    if (facts.hlsUrl) this.token = new URL(facts.hlsUrl).searchParams.get('token') ?? this.token;
    return this.#tell('facts', facts);
  }

  #tell(name, detail) {
    if (this.#done) return;
    this.dispatchEvent(new CustomEvent(name, { detail }));
  }
}
