// Profiles: named sets of destinations.
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { api, take, type Schemas } from '@/shared/api/client';
import { keys } from '@/shared/api/keys';

export type Profile = Schemas['Profile'];
export type NewProfile = Schemas['NewProfile'];

export function useSaveProfile() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: async ({ id, wanted }: { id?: string; wanted: NewProfile }) =>
      id
        ? (await take(api.PUT('/api/multistream/profiles/{id}', { params: { path: { id } }, body: wanted }))).profile
        : (await take(api.POST('/api/multistream/profiles', { body: wanted }))).profile,
    // One that becomes the default takes it from another.
    onSuccess: () => queries.invalidateQueries({ queryKey: keys.profiles }),
  });
}

export function useDeleteProfile() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (id: string) => take(api.DELETE('/api/multistream/profiles/{id}', { params: { path: { id } } })),
    onSuccess: () => queries.invalidateQueries({ queryKey: keys.profiles }),
  });
}
