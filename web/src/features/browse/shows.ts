// What the lists show of a livestream or of a station that is on the air without one. Pure.
import type { Schemas } from '@/shared/api/client';

type Livestream = Schemas['Livestream'];
type Station = Schemas['Station'];

export interface Show {
  id: string;
  to: string;
  title: string;
  status: Livestream['status'];
  stationName?: string;
  picture?: string;
  viewers: number;
  gated: boolean;
  scheduledAt?: string;
  startedAt?: string;
  endedAt?: string;
}

export const FILTERS = ['live', 'upcoming', 'past', 'all'] as const;
export type Filter = (typeof FILTERS)[number];

export function filterOf(text: string | null): Filter {
  return FILTERS.find((filter) => filter === text) ?? 'all';
}

/** The still picture beside a live playlist, with the same right to see it; only from this server. */
export function pictureOf(hlsUrl: string | null | undefined, origin: string): string | undefined {
  if (!hlsUrl) return undefined;
  const url = new URL(hlsUrl, origin);
  if (!url.pathname.endsWith('/index.m3u8') || !url.pathname.startsWith('/live/')) return undefined;
  return `${url.pathname.slice(0, -'index.m3u8'.length)}thumbnail.jpg${url.search}`;
}

export function showOf(livestream: Livestream, stations: ReadonlyMap<string, Station>, origin: string): Show {
  const station = livestream.station_id ? stations.get(livestream.station_id) : undefined;
  return {
    id: livestream.id,
    to: `/livestreams/${livestream.id}`,
    title: livestream.title,
    status: livestream.status,
    stationName: station?.name,
    picture: pictureOf(livestream.hls_url, origin),
    viewers: livestream.viewer_count,
    gated: livestream.token_gate_amount > 0,
    scheduledAt: livestream.scheduled_at ?? undefined,
    startedAt: livestream.started_at ?? undefined,
    endedAt: livestream.ended_at ?? undefined,
  };
}

/** Stations whose encoder sends without a show of its own. */
export function stationShows(stations: readonly Station[], origin: string): Show[] {
  return stations.flatMap((station) => {
    const now = station.currentLivestream;
    if (!station.isLive || !now || now.livestreamId) return [];
    return [
      {
        id: station.id,
        to: `/tv-stations/${station.slug}`,
        title: now.title || station.name,
        status: 'live' as const,
        stationName: station.name,
        picture: pictureOf(now.playback.hlsUrl, origin),
        viewers: now.viewerCount,
        gated: false,
        startedAt: now.startedAt,
      },
    ];
  });
}

/** The soonest first; those without a time last. */
export function bySchedule(one: Show, other: Show): number {
  const at = ({ scheduledAt }: Show) => (scheduledAt ? new Date(scheduledAt).getTime() : Number.MAX_SAFE_INTEGER);
  return at(one) - at(other);
}
export const byViewers = (one: Show, other: Show): number => other.viewers - one.viewers;

/** What is on, what comes, what was. What does not take place is no show. */
export function inOrder(shows: readonly Show[]): Show[] {
  const those = (...statuses: Show['status'][]) => shows.filter(({ status }) => statuses.includes(status));
  return [...those('live').sort(byViewers), ...those('scheduled').sort(bySchedule), ...those('ended', 'archived')];
}
