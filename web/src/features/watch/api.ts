// What the watch pages ask of the server.
import { useQuery } from '@tanstack/react-query';
import { api, take, type Schemas } from '@/shared/api/client';
import { keys } from '@/shared/api/keys';

export type Livestream = Schemas['Livestream'];
export type Station = Schemas['Station'];
export type Asset = Schemas['Asset'];

const REPLAY_PAGES = 3;

export function useLivestream(id: string) {
  return useQuery({
    queryKey: [...keys.livestream(id), 'watch'],
    queryFn: async () => {
      const { livestream } = await take(api.GET('/api/v1/livestreams/{id}', { params: { path: { id } } }));
      // The owner's key is for the encoder, not for this page.
      const { stream_key: _key, ...shown } = livestream;
      return shown as Livestream;
    },
  });
}

export function useStationName(id: string | null | undefined) {
  return useQuery({
    queryKey: [...keys.station(id ?? ''), 'name'],
    enabled: Boolean(id),
    queryFn: async () => {
      const { station } = await take(api.GET('/api/stations/{id}', { params: { path: { id: id! } } }));
      return { name: station.name, slug: station.slug };
    },
  });
}

export function useRecording(id: string) {
  return useQuery({
    queryKey: [...keys.recording(id), 'watch'],
    queryFn: async () => (await take(api.GET('/api/vod/{id}', { params: { path: { id } } }))).asset,
  });
}

/** The latest recording of a show that is over, if the caller may see one. */
export function useReplayOf(livestream: Livestream | undefined) {
  const over = livestream?.status === 'ended' || livestream?.status === 'archived';
  return useQuery({
    queryKey: [...keys.recordings, 'of', livestream?.id],
    enabled: over,
    queryFn: async () => {
      let cursor: string | undefined;
      for (let page = 0; page < REPLAY_PAGES; page += 1) {
        const query = { limit: 200, cursor, stationId: livestream!.station_id ?? undefined };
        const { assets, nextCursor } = await take(api.GET('/api/vod', { params: { query } }));
        const found = assets.find(({ livestreamId, status }) => livestreamId === livestream!.id && status !== 'failed');
        if (found || !nextCursor) return found ?? null;
        cursor = nextCursor;
      }
      return null;
    },
  });
}
