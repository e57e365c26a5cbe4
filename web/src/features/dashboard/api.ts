// What was: sessions that are over, and their recordings.
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { api, take } from '@/shared/api/client';
import { keys } from '@/shared/api/keys';
import { useUser } from '@/shared/session/useSession';

// More than is shown: running ones are among them, and for an administrator others' too.
const ASKED = 30;

export function useRecentSessions(most: number) {
  const userId = useUser()?.id;
  return useQuery({
    queryKey: [...keys.sessions, 'recent'],
    queryFn: async () => (await take(api.GET('/api/multistream/sessions', { params: { query: { limit: ASKED } } }))).sessions,
    select: (all) => all.filter((one) => one.userId === userId && !one.isActive).slice(0, most),
  });
}

export function useRecentRecordings(most: number) {
  return useQuery({
    queryKey: [...keys.recordings, 'recent', most],
    queryFn: async () => (await take(api.GET('/api/vod', { params: { query: { mine: true, limit: most } } }))).assets,
  });
}

export function useCreateStation() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: async (name: string) => (await take(api.POST('/api/stations', { body: { name } }))).station,
    onSuccess: () => queries.invalidateQueries({ queryKey: keys.stations }),
  });
}

/** Server and key for the encoder, asked for when they are to be seen, and not kept. */
export function useEncoderSettings(stationId: string) {
  return useQuery({
    queryKey: ['encoderSettings', stationId],
    queryFn: async () => {
      const { station } = await take(api.GET('/api/stations/{id}', { params: { path: { id: stationId } } }));
      return { server: station.rtmpUrl ?? '', key: station.streamKey ?? '' };
    },
    gcTime: 0,
    staleTime: 0,
  });
}
