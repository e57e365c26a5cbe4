// Which kept answers an event makes old. A feature that can apply an event at once does so by useServerEvent as well.
import type { QueryClient } from '@tanstack/react-query';
import { keys } from '../api/keys';
import type { ServerEvent } from './serverEvents';

type Key = readonly unknown[];
const RENEWS: Record<string, readonly Key[]> = {
  'ingest.started': [keys.live, keys.stations, keys.livestreams],
  'ingest.changed': [],
  'ingest.lost': [keys.live],
  'ingest.refused': [],
  'destination.changed': [keys.destinations],
  'session.started': [keys.live, keys.sessions, keys.stations],
  'session.ended': [keys.live, keys.sessions, keys.stations, keys.destinations, keys.recordings],
  'livestream.changed': [keys.livestreams, keys.stations],
  'station.changed': [keys.stations, keys.live],
  'health.changed': [],
  'recording.changed': [keys.recordings],
  'recording.deleted': [keys.recordings],
  'recording.space': [keys.server],
};
// Applied by those who show it: everything they need is in the event.
const APPLIED = new Set(['destination.changed', 'metrics']);
// Many events at once are one reason to ask.
const TOGETHER_MS = 150;

export class Renewal {
  #due = new Map<string, Key>();
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(private readonly queries: QueryClient) {}

  apply(event: ServerEvent): void {
    if (event.type === 'resync') {
      void this.queries.invalidateQueries();
      return;
    }
    for (const key of RENEWS[event.type] ?? []) this.#due.set(JSON.stringify(key), key);
    if (typeof event.data.streamId === 'string' && !APPLIED.has(event.type)) {
      const key = keys.stream(event.data.streamId);
      this.#due.set(JSON.stringify(key), key);
    }
    if (this.#due.size > 0) this.#timer ??= setTimeout(() => this.#renew(), TOGETHER_MS);
  }
  stop(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#due.clear();
  }
  #renew(): void {
    const due = [...this.#due.values()];
    this.stop();
    for (const queryKey of due) void this.queries.invalidateQueries({ queryKey });
  }
}
