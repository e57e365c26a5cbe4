// What the first run reads and makes.
import { useQuery } from '@tanstack/react-query';
import { api, take, type Schemas } from '@/shared/api/client';
import { keys } from '@/shared/api/keys';

export type Station = Schemas['Station'];
export type Platform = Schemas['Platform'];

// The station's key comes with it: kept only while it is on the page.
export function useOwnStations(enabled: boolean) {
  return useQuery({
    queryKey: [...keys.stations, 'own', 'first'],
    queryFn: async () => (await take(api.GET('/api/stations', { params: { query: { mine: true, limit: 1 } } }))).stations,
    enabled,
    gcTime: 0,
  });
}

/** Whether there is any destination of this user's. */
export function useHasDestinations(userId: string | undefined) {
  return useQuery({
    queryKey: [...keys.destinations, 'setup', userId],
    queryFn: async () => {
      const { destinations } = await take(api.GET('/api/destinations', { params: { query: { limit: 200 } } }));
      return destinations.some(({ ownerId }) => ownerId === userId);
    },
    enabled: userId !== undefined,
  });
}

export function usePlatforms() {
  return useQuery({ queryKey: keys.platforms, queryFn: async () => (await take(api.GET('/api/platforms'))).platforms });
}

/** What the encoder of a station sends; events renew it. */
export function useEncoder(stationId: string) {
  return useQuery({
    queryKey: [...keys.stream(stationId), 'encoder'],
    queryFn: async () => (await take(api.GET('/api/simulcast/{streamId}/status', { params: { path: { streamId: stationId } } }))).ingest,
    staleTime: 0,
  });
}

export const createStation = (wanted: Schemas['NewStation']) => take(api.POST('/api/stations', { body: wanted }));
export const createDestination = (wanted: Schemas['NewDestination']) => take(api.POST('/api/destinations', { body: wanted }));
