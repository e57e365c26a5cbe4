// Recordings and what can be done with them. Events renew the list.
import { useInfiniteQuery, useMutation, useQuery, useQueryClient, type InfiniteData } from '@tanstack/react-query';
import { api, take, type Schemas } from '@/shared/api/client';
import { keys } from '@/shared/api/keys';
import { withRecording, without, type Recording, type RecordingPage } from './recording';

export interface Filter {
  stationId?: string;
  /** Only one's own; an administrator may see all. */
  mine: boolean;
}
const listKey = [...keys.recordings, 'list'] as const;
type Pages = InfiniteData<RecordingPage, string | undefined>;

export function useRecordings(filter: Filter) {
  return useInfiniteQuery({
    queryKey: [...listKey, filter],
    queryFn: ({ pageParam }) =>
      take(api.GET('/api/vod', { params: { query: { limit: 30, cursor: pageParam, stationId: filter.stationId, ...(filter.mine && { mine: true }) } } })),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (last) => last.nextCursor ?? undefined,
  });
}

/** Names of stations by their ids. Nothing secret of them is kept. */
export function useStationNames(mine: boolean) {
  return useQuery({
    queryKey: [...keys.stations, 'names', { mine }],
    queryFn: async () => {
      const { stations } = await take(api.GET('/api/stations', { params: { query: { limit: 200, ...(mine && { mine: true }) } } }));
      return new Map(stations.map(({ id, name }) => [id, name]));
    },
  });
}

/** As it is now: the address of a private recording is good for minutes only. */
export const readRecording = async (id: string): Promise<Recording> => (await take(api.GET('/api/vod/{id}', { params: { path: { id } } }))).asset;

export function useChangeRecording() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: async ({ id, change }: { id: string; change: Schemas['AssetChange'] }) => (await take(api.PUT('/api/vod/{id}', { params: { path: { id } }, body: change }))).asset,
    onSuccess: (asset) => {
      queries.setQueriesData<Pages>({ queryKey: listKey }, (all) => all && { ...all, pages: withRecording(all.pages, asset) });
      void queries.invalidateQueries({ queryKey: keys.recordings });
    },
  });
}

/** Gone from the screen at once; back where it was when the server refuses. */
export function useDeleteRecording() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (id: string) => take(api.DELETE('/api/vod/{id}', { params: { path: { id } } })),
    onMutate: async (id) => {
      await queries.cancelQueries({ queryKey: listKey });
      const before = queries.getQueriesData<Pages>({ queryKey: listKey });
      queries.setQueriesData<Pages>({ queryKey: listKey }, (all) => all && { ...all, pages: without(all.pages, id) });
      return before;
    },
    onError: (_, __, before) => before?.forEach(([key, data]) => queries.setQueryData(key, data)),
    onSettled: () => queries.invalidateQueries({ queryKey: keys.recordings }),
  });
}
