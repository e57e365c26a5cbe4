// What is live and what comes: livestreams, and stations that are on the air without one.
import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import { api, take } from '@/shared/api/client';
import { keys } from '@/shared/api/keys';
import { bySchedule, byViewers, inOrder, showOf, stationShows, type Filter, type Show } from './shows';

const PAGE = 48;
const STATIONS = 200;
const NONE: never[] = [];

function useStations() {
  return useQuery({
    queryKey: [...keys.stations, 'all'],
    queryFn: async () => (await take(api.GET('/api/stations', { params: { query: { limit: STATIONS } } }))).stations,
  });
}

export function useShows(filter: Filter) {
  const stations = useStations();
  const pages = useInfiniteQuery({
    queryKey: keys.livestreamList({ filter }),
    initialPageParam: undefined as string | undefined,
    queryFn: async ({ pageParam }) => {
      const query = { limit: PAGE, cursor: pageParam, active: filter === 'live' || undefined, upcoming: filter === 'upcoming' || undefined };
      return take(api.GET('/api/v1/livestreams', { params: { query } }));
    },
    getNextPageParam: (last) => last.next_cursor ?? undefined,
  });
  const shows = useMemo(() => {
    const known = stations.data ?? NONE;
    const byId = new Map(known.map((station) => [station.id, station]));
    const origin = location.origin;
    let all: Show[] = (pages.data?.pages ?? NONE).flatMap(({ livestreams }) => livestreams.map((one) => showOf(one, byId, origin)));
    if (filter === 'past') all = all.filter(({ status }) => status === 'ended' || status === 'archived');
    if (filter === 'live' || filter === 'all') all = [...stationShows(known, origin), ...all];
    if (filter === 'live') all.sort(byViewers);
    if (filter === 'upcoming') all.sort(bySchedule);
    if (filter === 'all') all = inOrder(all);
    return all;
  }, [filter, pages.data, stations.data]);
  return { ...pages, shows, isPending: pages.isPending || stations.isPending };
}
