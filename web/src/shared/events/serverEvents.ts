// Server-sent events over fetch, since EventSource cannot show who asks. One connection a tab; it is opened again for as long as
// it takes, with the last id seen, so that nothing between is lost.
import { createParser } from 'eventsource-parser';
import { ApiError, authorizedFetch } from '../api/client';

export interface ServerEvent {
  type: string;
  data: Record<string, unknown>;
}
/** 'lost' only when it has been so for longer than a blink. */
export type Connection = 'connecting' | 'open' | 'lost';

const RETRY_MS = [500, 1_000, 2_000, 4_000, 8_000];
const BLINK_MS = 1_500;
// The server says something every 15 s.
const SILENCE_MS = 40_000;

export class ServerEvents {
  #lastId = '';
  #stop: AbortController | undefined;
  #connection: Connection = 'connecting';
  #listeners = new Set<(event: ServerEvent) => void>();
  #watchers = new Set<() => void>();

  get connection(): Connection {
    return this.#connection;
  }
  watch = (watcher: () => void): (() => void) => {
    this.#watchers.add(watcher);
    return () => this.#watchers.delete(watcher);
  };
  listen(listener: (event: ServerEvent) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  start(): void {
    this.stop();
    this.#stop = new AbortController();
    this.#become('connecting');
    void this.#run(this.#stop.signal);
  }
  stop(): void {
    this.#stop?.abort();
    this.#stop = undefined;
    this.#lastId = '';
  }

  async #run(signal: AbortSignal): Promise<void> {
    let failures = 0;
    let hadGap = false;
    while (!signal.aborted) {
      const blink = setTimeout(() => !signal.aborted && this.#become('lost'), failures === 0 ? BLINK_MS : 0);
      try {
        await this.#listenOnce(signal, () => {
          clearTimeout(blink);
          failures = 0;
          this.#become('open');
          // What happened before the first event with an id cannot be given again.
          if (hadGap && !this.#lastId) this.#tell({ type: 'resync', data: {} });
        });
      } catch (failure) {
        if (signal.aborted) break;
        if (failure instanceof ApiError && failure.status >= 400 && failure.status < 500) this.#lastId = '';
        failures += 1;
      } finally {
        clearTimeout(blink);
      }
      if (signal.aborted) break;
      hadGap = true;
      if (failures > 0) {
        if (failures > 1) this.#become('lost');
        await pause(RETRY_MS[Math.min(failures, RETRY_MS.length) - 1]!, signal);
      }
    }
  }

  async #listenOnce(signal: AbortSignal, onOpen: () => void): Promise<void> {
    const attempt = new AbortController();
    const end = () => attempt.abort();
    signal.addEventListener('abort', end, { once: true });
    let silence: ReturnType<typeof setTimeout> | undefined;
    const heard = () => {
      clearTimeout(silence);
      silence = setTimeout(end, SILENCE_MS);
    };
    heard();
    try {
      const headers: Record<string, string> = { Accept: 'text/event-stream' };
      if (this.#lastId) headers['Last-Event-ID'] = this.#lastId;
      const response = await authorizedFetch(new Request(new URL('/api/events', location.origin), { headers, signal: attempt.signal }));
      if (!response.ok || !response.body) throw new ApiError(response.status, 'events_refused', 'The server gives no events.');
      onOpen();
      const parser = createParser({
        onEvent: ({ event, data, id }) => {
          if (id) this.#lastId = id;
          try {
            this.#tell({ type: event ?? 'message', data: JSON.parse(data) });
          } catch {
            this.#tell({ type: 'resync', data: {} });
          }
        },
      });
      const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
      for (;;) {
        const { done, value } = await reader.read();
        if (done) return;
        heard();
        parser.feed(value);
      }
    } finally {
      clearTimeout(silence);
      signal.removeEventListener('abort', end);
    }
  }

  #tell(event: ServerEvent): void {
    for (const listener of this.#listeners) listener(event);
  }
  #become(connection: Connection): void {
    if (this.#connection === connection) return;
    this.#connection = connection;
    for (const watcher of this.#watchers) watcher();
  }
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer);
      signal.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    signal.addEventListener('abort', done);
  });
}
