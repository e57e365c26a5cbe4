// The catalogue of platforms, and how many destinations of one's own each has.
import { useQuery } from '@tanstack/react-query';
import { api, take, type Schemas } from '@/shared/api/client';
import { keys } from '@/shared/api/keys';
import { countByPlatform } from './limits';

export type Platform = Schemas['Platform'];
const MOST_PAGES = 20;

export function usePlatforms() {
  return useQuery({ queryKey: keys.platforms, queryFn: async () => (await take(api.GET('/api/platforms'))).platforms });
}

export function useCounts(userId: string) {
  return useQuery({
    queryKey: [...keys.destinations, 'counts', userId],
    queryFn: async () => {
      const all: { platform: string; ownerId: string }[] = [];
      let cursor: string | undefined;
      for (let page = 0; page < MOST_PAGES; page += 1) {
        const answer = await take(api.GET('/api/destinations', { params: { query: { limit: 200, cursor } } }));
        all.push(...answer.destinations.map(({ platform, ownerId }) => ({ platform, ownerId })));
        if (!answer.nextCursor) break;
        cursor = answer.nextCursor;
      }
      return countByPlatform(all, userId);
    },
  });
}
