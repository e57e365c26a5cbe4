// Stations: what anybody sees, and what their owners do.
import { useInfiniteQuery, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { api, take, type Schemas } from '@/shared/api/client';
import { keys } from '@/shared/api/keys';

export type Station = Schemas['Station'];
export type Asset = Schemas['Asset'];

const REPLAYS = 24;

// The key is for whoever asks for it, not for what is kept.
function withoutKey(station: Station): Station {
  const { streamKey: _key, ...shown } = station;
  return shown;
}

export function useStation(idOrSlug: string) {
  return useQuery({
    queryKey: keys.station(idOrSlug),
    queryFn: async () => withoutKey((await take(api.GET('/api/stations/{id}', { params: { path: { id: idOrSlug } } }))).station),
  });
}

export function useReplays(stationId: string) {
  return useInfiniteQuery({
    queryKey: [...keys.recordings, 'station', stationId],
    initialPageParam: undefined as string | undefined,
    queryFn: async ({ pageParam }) => take(api.GET('/api/vod', { params: { query: { stationId, limit: REPLAYS, cursor: pageParam } } })),
    getNextPageParam: (last) => last.nextCursor ?? undefined,
  });
}

/** The soonest announced show of a station. */
export function useNextShow(stationId: string) {
  return useQuery({
    queryKey: keys.livestreamList({ next: stationId }),
    queryFn: async () => {
      const { livestreams } = await take(api.GET('/api/v1/livestreams', { params: { query: { upcoming: true, limit: 200 } } }));
      const announced = livestreams.filter(({ station_id, scheduled_at }) => station_id === stationId && scheduled_at);
      announced.sort((one, other) => one.scheduled_at!.localeCompare(other.scheduled_at!));
      return announced[0] ?? null;
    },
  });
}

export interface StationWish {
  name: string;
  slug?: string;
  description: string;
}

export function useSaveStation(id?: string) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: async (wish: StationWish) => {
      const call = id ? api.PUT('/api/stations/{id}', { params: { path: { id } }, body: wish }) : api.POST('/api/stations', { body: wish });
      return withoutKey((await take(call)).station);
    },
    onSuccess: () => queries.invalidateQueries({ queryKey: keys.stations }),
  });
}

export function useDeleteStation(id: string) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: async () => take(api.DELETE('/api/stations/{id}', { params: { path: { id } } })),
    onSuccess: () => queries.invalidateQueries({ queryKey: keys.stations }),
  });
}

export interface StationSecret {
  rtmpUrl: string;
  streamKey: string | undefined;
}
const secretOf = ({ rtmpUrl, streamKey }: Station): StationSecret => ({ rtmpUrl: rtmpUrl ?? '', streamKey });

/** Asked for when it is shown, and kept nowhere. */
export async function askStationSecret(id: string): Promise<StationSecret> {
  return secretOf((await take(api.GET('/api/stations/{id}', { params: { path: { id } } }))).station);
}
export async function rotateStationKey(id: string): Promise<StationSecret> {
  return secretOf((await take(api.POST('/api/stations/{id}/rotate-key', { params: { path: { id } } }))).station);
}
