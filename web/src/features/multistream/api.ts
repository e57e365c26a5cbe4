// Destinations and the sessions that run now, as the server tells of them. An administrator is told of everybody's: these pages
// show one's own.
import { useMutation, useQuery, useQueryClient, type QueryClient } from '@tanstack/react-query';
import { notifications } from '@mantine/notifications';
import { api, take, type Schemas } from '@/shared/api/client';
import { keys } from '@/shared/api/keys';
import { messageOf } from '@/shared/components/Feedback';
import { useUser } from '@/shared/session/useSession';
import { multistream } from '@/text/en/multistream';
import type { Destination, Session } from './patch';

export type Platform = Schemas['Platform'];
export type NewDestination = Schemas['NewDestination'];
export type DestinationChange = Schemas['DestinationChange'];

const PAGE = 200;
const MOST_PAGES = 20;
export const destinationsKey = [...keys.destinations, 'all'] as const;
export const ownSessionsKey = [...keys.live, 'own'] as const;

async function allDestinations(): Promise<Destination[]> {
  const all: Destination[] = [];
  let cursor: string | undefined;
  for (let page = 0; page < MOST_PAGES; page += 1) {
    const answer = await take(api.GET('/api/destinations', { params: { query: { limit: PAGE, cursor } } }));
    all.push(...answer.destinations);
    if (!answer.nextCursor) break;
    cursor = answer.nextCursor;
  }
  return all;
}

export function useDestinations() {
  const userId = useUser()?.id;
  return useQuery({
    queryKey: destinationsKey,
    queryFn: allDestinations,
    select: (all: readonly Destination[]) => (all.every(({ ownerId }) => ownerId === userId) ? all : all.filter(({ ownerId }) => ownerId === userId)),
  });
}

export function usePlatforms() {
  return useQuery({ queryKey: [...keys.platforms, 'list'], queryFn: async () => (await take(api.GET('/api/platforms'))).platforms, gcTime: Number.POSITIVE_INFINITY });
}

/** What runs now, newest first. */
export function useOwnSessions() {
  const userId = useUser()?.id;
  return useQuery({
    queryKey: ownSessionsKey,
    queryFn: async (): Promise<readonly Session[]> => (await take(api.GET('/api/rtmp/status'))).sessions,
    select: (all: readonly Session[]) => all.filter((one) => one.userId === userId).sort((a, b) => b.startedAt.localeCompare(a.startedAt)),
  });
}

export const streamStatusQuery = (streamId: string) => ({
  queryKey: [...keys.stream(streamId), 'status'],
  queryFn: () => take(api.GET('/api/simulcast/{streamId}/status', { params: { path: { streamId } } })),
});

/** How one stream stands: its encoder, the last session, and what it asks of the link. */
export function useStreamStatus(streamId: string | undefined) {
  return useQuery({ ...streamStatusQuery(streamId ?? ''), enabled: streamId !== undefined });
}

export type Health = Pick<Schemas['Health'], 'status' | 'score' | 'issues'>;
export const healthKey = (sessionId: string) => ['health', sessionId] as const;

/** Asked for once: events tell what changes. It is not there for a session that is over. */
export function useHealth({ sessionId, streamId, isActive }: Pick<Session, 'sessionId' | 'streamId' | 'isActive'>) {
  return useQuery({
    queryKey: healthKey(sessionId),
    queryFn: async (): Promise<Health> => (await take(api.GET('/api/simulcast/{streamId}/health', { params: { path: { streamId } } }))).health,
    enabled: isActive,
  });
}

export function useCreateDestination() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: async (wanted: NewDestination) => (await take(api.POST('/api/destinations', { body: wanted }))).destination,
    onSuccess: (made) => queries.setQueryData<readonly Destination[]>(destinationsKey, (all) => all && [made, ...all.filter(({ id }) => id !== made.id)]),
  });
}

export function useChangeDestination() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: async ({ id, change }: { id: string; change: DestinationChange }) => (await take(api.PUT('/api/destinations/{id}', { params: { path: { id } }, body: change }))).destination,
    onSuccess: (changed) => replaceDestination(queries, changed),
  });
}

function replaceDestination(queries: QueryClient, changed: Destination): void {
  queries.setQueryData<readonly Destination[]>(destinationsKey, (all) => all?.map((one) => (one.id === changed.id ? changed : one)));
}

/** At once on the screen, and back again with the server's words when it refuses. */
export function useSwitchDestination() {
  const queries = useQueryClient();
  const set = (id: string, isActive: boolean) =>
    queries.setQueryData<readonly Destination[]>(destinationsKey, (all) => all?.map((one) => (one.id === id ? { ...one, isActive } : one)));
  return useMutation({
    mutationFn: async ({ destination, isActive }: { destination: Destination; isActive: boolean }) =>
      (await take(api.PUT('/api/destinations/{id}', { params: { path: { id: destination.id } }, body: { isActive } }))).destination,
    onMutate: async ({ destination, isActive }) => {
      await queries.cancelQueries({ queryKey: destinationsKey });
      set(destination.id, isActive);
    },
    onError: (error, { destination, isActive }) => {
      set(destination.id, !isActive);
      notifications.show({ title: multistream.notSwitched(destination.name), message: messageOf(error), autoClose: 8000 });
    },
    onSuccess: (changed) => replaceDestination(queries, changed),
  });
}

export function useDeleteDestination() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (id: string) => take(api.DELETE('/api/destinations/{id}', { params: { path: { id } } })),
    onMutate: async (id) => {
      await queries.cancelQueries({ queryKey: destinationsKey });
      const before = queries.getQueryData<readonly Destination[]>(destinationsKey);
      queries.setQueryData<readonly Destination[]>(destinationsKey, (all) => all?.filter((one) => one.id !== id));
      return before;
    },
    onError: (error, id, before) => {
      const name = before?.find((one) => one.id === id)?.name ?? '';
      queries.setQueryData(destinationsKey, before);
      notifications.show({ title: multistream.notDeleted(name), message: messageOf(error), autoClose: 8000 });
    },
    onSettled: () => Promise.all([queries.invalidateQueries({ queryKey: keys.profiles }), queries.invalidateQueries({ queryKey: keys.live })]),
  });
}

export const testDestination = async (id: string) => (await take(api.POST('/api/destinations/{id}/test-connection', { params: { path: { id } } }))).test;

/** What can be done to a running session. Each answers with how it stands then. */
export function useSessionActions(session: Pick<Session, 'sessionId' | 'streamId'>) {
  const queries = useQueryClient();
  const { sessionId, streamId } = session;
  const settle = (now: Session) => {
    queries.setQueryData<readonly Session[]>(ownSessionsKey, (all) =>
      now.isActive ? all?.map((one) => (one.sessionId === now.sessionId ? { ...now, events: [] } : one)) : all?.filter((one) => one.sessionId !== now.sessionId),
    );
    void queries.invalidateQueries({ queryKey: keys.stream(streamId) });
  };
  const failed = (name: string) => (error: unknown) => void notifications.show({ title: multistream.session.failed(name), message: messageOf(error), autoClose: 8000 });
  return {
    retry: (id: string, name: string) =>
      take(api.POST('/api/multistream/sessions/{id}/destinations/{destinationId}/retry', { params: { path: { id: sessionId, destinationId: id } } }))
        .then((answer) => settle(answer.session))
        .catch(failed(name)),
    remove: (id: string, name: string) =>
      take(api.DELETE('/api/simulcast/{streamId}/destinations/{id}', { params: { path: { streamId, id } } }))
        .then((answer) => settle(answer.session))
        .catch(failed(name)),
    add: (id: string, name: string) =>
      take(api.POST('/api/simulcast/{streamId}/destinations', { params: { path: { streamId } }, body: { destinationId: id } }))
        .then((answer) => settle(answer.session))
        .catch(failed(name)),
    stop: async () => {
      const { session: ended } = await take(api.POST('/api/live/stop', { body: { sessionId } }));
      settle(ended);
      return ended;
    },
  };
}
