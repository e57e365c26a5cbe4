// One's own account: profile, password, API tokens, sign-ins.
import { useInfiniteQuery, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { api, take, type Schemas } from '@/shared/api/client';
import { keys } from '@/shared/api/keys';
import { useSession } from '@/shared/session/useSession';

export type ApiToken = Schemas['ApiToken'];
export type Scope = ApiToken['scopes'][number];

/** What may be registered now. Asked anew each time a page needs it: an account may have been made elsewhere. */
export function useRegistration() {
  return useQuery({ queryKey: keys.registration, queryFn: () => take(api.GET('/api/auth/registration')), staleTime: 0 });
}

export function useUpdateMe() {
  const session = useSession();
  return useMutation({
    mutationFn: async (change: { name?: string; email?: string; currentPassword?: string }) => (await take(api.PUT('/api/auth/me', { body: change }))).user,
    onSuccess: (user) => session.changed(user),
    gcTime: 0,
  });
}

export const changePassword = (change: { currentPassword: string; newPassword: string }) => take(api.POST('/api/auth/password', { body: change }));

export const signOutEverywhere = () => take(api.DELETE('/api/auth/sessions'));

export function useTokens() {
  return useInfiniteQuery({
    queryKey: keys.tokens,
    queryFn: ({ pageParam }) => take(api.GET('/api/tokens', { params: { query: { cursor: pageParam, limit: 20 } } })),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (last) => last.nextCursor ?? undefined,
    // When each was last used changes elsewhere.
    staleTime: 0,
  });
}

/** The token itself goes to the one who asked, and is kept nowhere. */
export async function createToken(wanted: { name: string; scopes: Scope[]; expiresAt?: string }): Promise<string> {
  return (await take(api.POST('/api/tokens', { body: wanted }))).token;
}

export function useDeleteToken() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (id: string) => take(api.DELETE('/api/tokens/{id}', { params: { path: { id } } })),
    onSettled: () => queries.invalidateQueries({ queryKey: keys.tokens }),
  });
}
