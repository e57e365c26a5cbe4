// Everybody's accounts, and how the server is. For administrators.
import { useInfiniteQuery, useMutation, useQuery, useQueryClient, type InfiniteData } from '@tanstack/react-query';
import { ApiError, api, take, type Schemas } from '@/shared/api/client';
import { keys } from '@/shared/api/keys';
import { useSession } from '@/shared/session/useSession';
import { readinessOf, type Readiness } from './readiness';
import { withUser, type UserPage } from './users';

export type User = Schemas['User'];
export type PublicSession = Schemas['PublicSession'];
export type Role = User['role'];
export type UserChange = { role?: Role; disabled?: boolean; name?: string };

export const liveHealthKey = [...keys.live, 'admin', 'health'] as const;
export const onAirKey = [...keys.live, 'admin', 'sessions'] as const;
type Users = InfiniteData<UserPage, string | undefined>;

export function useUsers() {
  return useInfiniteQuery({
    queryKey: keys.users,
    queryFn: ({ pageParam }) => take(api.GET('/api/users', { params: { query: { cursor: pageParam, limit: 50 } } })),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (last) => last.nextCursor ?? undefined,
    // No event tells of accounts.
    staleTime: 0,
  });
}

export const createUser = (wanted: { email: string; password: string; name: string; role: Role }) => take(api.POST('/api/users', { body: wanted }));

/** At once on the screen; back again when the server refuses. */
export function useChangeUser() {
  const queries = useQueryClient();
  const session = useSession();
  const put = (user: User) => queries.setQueryData<Users>(keys.users, (all) => all && { ...all, pages: withUser(all.pages, user) });
  return useMutation({
    mutationFn: async ({ user, change }: { user: User; change: UserChange }) =>
      (await take(api.PUT('/api/users/{id}', { params: { path: { id: user.id } }, body: change }))).user,
    onMutate: async ({ user, change }) => {
      await queries.cancelQueries({ queryKey: keys.users });
      put({ ...user, ...change });
    },
    onError: (_, { user }) => put(user),
    onSuccess: (user) => {
      put(user);
      if (session.user?.id === user.id) session.changed(user);
    },
  });
}

export function useGrantTokens() {
  const queries = useQueryClient();
  const session = useSession();
  return useMutation({
    mutationFn: async ({ id, amount }: { id: string; amount: number }) => (await take(api.POST('/api/users/{id}/tokens', { params: { path: { id } }, body: { amount } }))).user,
    onSuccess: (user) => {
      queries.setQueryData<Users>(keys.users, (all) => all && { ...all, pages: withUser(all.pages, user) });
      if (session.user?.id === user.id) session.changed(user);
    },
  });
}

/** Version and readiness. What is not ready is an answer too. */
export function useReadiness() {
  return useQuery({
    queryKey: [...keys.server, 'ready'],
    queryFn: async (): Promise<Readiness & { version: string }> => {
      const { version } = await take(api.GET('/healthz'));
      try {
        return { version, ...readinessOf(await take(api.GET('/readyz'))) };
      } catch (error) {
        if (error instanceof ApiError && error.code === 'not_ready') return { version, ...readinessOf(error) };
        throw error;
      }
    },
    staleTime: 0,
  });
}

export function useLiveHealth() {
  return useQuery({ queryKey: liveHealthKey, queryFn: () => take(api.GET('/api/live/health')), staleTime: 0 });
}

export function useOnAir() {
  return useQuery({ queryKey: onAirKey, queryFn: async () => (await take(api.GET('/api/live/status'))).sessions, staleTime: 0 });
}
