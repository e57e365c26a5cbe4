// What one can go live on, as one choice: stations, shows to come, or a key that is typed. Pure.
import type { Session } from '@/features/multistream/patch';
import { golive } from '@/text/en/golive';
import type { Livestream, Station } from './api';

export interface Stream {
  id: string;
  kind: 'station' | 'show';
  name: string;
  stationId: string | undefined;
}
export const BY_KEY = 'key';

export function streamsOf(stations: readonly Pick<Station, 'id' | 'name'>[], shows: readonly Pick<Livestream, 'id' | 'title' | 'station_id' | 'scheduled_at'>[], sessions: readonly Pick<Session, 'streamId' | 'title' | 'stationId'>[]): Stream[] {
  const streams: Stream[] = stations.map(({ id, name }) => ({ id, kind: 'station', name, stationId: id }));
  streams.push(...shows.map((one): Stream => ({ id: one.id, kind: 'show', name: golive.show(one.title, one.scheduled_at), stationId: one.station_id ?? undefined })));
  // What runs is there to be chosen even when its show is no longer to come.
  for (const one of sessions) if (!streams.some(({ id }) => id === one.streamId)) streams.push({ id: one.streamId, kind: one.streamId.startsWith('st_') ? 'station' : 'show', name: one.title, stationId: one.stationId ?? undefined });
  return streams;
}

/** The wanted one, else what runs, else the first with an encoder, else the first. */
export function firstChoice(streams: readonly Stream[], sessions: readonly Pick<Session, 'streamId' | 'stationId'>[], wanted: string | undefined, withEncoder: readonly string[] = []): string | undefined {
  if (wanted) {
    const there = streams.find(({ id }) => id === wanted);
    const running = sessions.find(({ streamId, stationId }) => streamId === wanted || stationId === wanted);
    return running?.streamId ?? there?.id ?? wanted;
  }
  return sessions[0]?.streamId ?? streams.find(({ id }) => withEncoder.includes(id))?.id ?? streams[0]?.id;
}
