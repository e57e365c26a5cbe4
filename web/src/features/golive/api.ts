// What one can go live on, and going live.
import { useQuery } from '@tanstack/react-query';
import { api, take, type Schemas } from '@/shared/api/client';
import { keys } from '@/shared/api/keys';

export type Station = Schemas['Station'];
export type Livestream = Schemas['Livestream'];
export type GoLive = Schemas['GoLive'];
export type Bandwidth = Schemas['Bandwidth'];

export const profilesKey = [...keys.profiles, 'list'] as const;

/** The key itself stays out of what is kept: it is asked for when it is used. */
const withoutKey = <T extends { streamKey?: string; stream_key?: string }>({ streamKey: _, stream_key: __, ...rest }: T): Omit<T, 'streamKey' | 'stream_key'> => rest;

export function useOwnStations() {
  return useQuery({
    queryKey: [...keys.stations, 'mine', 'keyless'],
    queryFn: async () => (await take(api.GET('/api/stations', { params: { query: { mine: true, limit: 200 } } }))).stations.map(withoutKey),
  });
}

/** One's own shows that are still to come, or are on. */
export function useOwnShows() {
  return useQuery({
    queryKey: [...keys.livestreams, 'mine', 'upcoming', 'keyless'],
    queryFn: async () => (await take(api.GET('/api/v1/livestreams', { params: { query: { mine: true, upcoming: true, limit: 50 } } }))).livestreams.map(withoutKey),
  });
}

export function useProfiles() {
  return useQuery({ queryKey: profilesKey, queryFn: async () => (await take(api.GET('/api/multistream/profiles', { params: { query: { limit: 200 } } }))).profiles });
}

/** What fanning out to these would ask of the link. */
export function useBandwidth(destinationIds: string[]) {
  return useQuery({
    queryKey: ['bandwidth', destinationIds],
    queryFn: async () => (await take(api.POST('/api/live/bandwidth', { body: { destinationIds } }))).bandwidth,
    placeholderData: (before) => before,
    gcTime: 30_000,
  });
}

export async function keyOf(stream: { id: string; kind: 'station' | 'show' }): Promise<string> {
  if (stream.kind === 'station') return (await take(api.GET('/api/stations/{id}', { params: { path: { id: stream.id } } }))).station.streamKey ?? '';
  return (await take(api.GET('/api/v1/livestreams/{id}', { params: { path: { id: stream.id } } }))).livestream.stream_key ?? '';
}

export const goLive = (wish: GoLive) => take(api.POST('/api/live/start', { body: wish }));
