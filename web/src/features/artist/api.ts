// What an artist does with a show: make it, see it run, end it.
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useOwnSessions } from '@/features/multistream/api';
import { api, take, type Schemas } from '@/shared/api/client';
import { keys } from '@/shared/api/keys';
import { useServerEvent } from '@/shared/events/EventsProvider';

export type Livestream = Schemas['Livestream'];
export type LivestreamWish = Schemas['NewLivestream'];
export type SimulcastStatus = { isActive: boolean; session: Schemas['Session'] | null; ingest: Schemas['Ingest'] | null; bandwidth: Schemas['Bandwidth'] };
export type Step = 'start' | 'stop' | 'cancel' | 'archive';

// The key is for whoever asks for it, not for what is kept.
function withoutKey(livestream: Livestream): Livestream {
  const { stream_key: _key, ...shown } = livestream;
  return shown;
}
const controlKey = (id: string) => [...keys.livestream(id), 'control'];

export function useControlled(id: string) {
  return useQuery({
    queryKey: controlKey(id),
    queryFn: async () => withoutKey((await take(api.GET('/api/v1/livestreams/{id}', { params: { path: { id } } }))).livestream),
  });
}

/** The stream that carries the show: its own, or that of the station which it was begun on. */
export function useStreamOf(show: Pick<Livestream, 'id'>): string {
  const sessions = useOwnSessions();
  return sessions.data?.find(({ livestreamId }) => livestreamId === show.id)?.streamId ?? show.id;
}

/** How the show stands: its session, its destinations, what arrives. Kept true by events. `onViewers`: how many watch, each second that it is live. */
export function useStream(id: string, onViewers: (count: number) => void) {
  const queries = useQueryClient();
  const queryKey = [...keys.stream(id), 'status'];
  useServerEvent('destination.changed', (data) => {
    if (data.streamId !== id) return;
    queries.setQueryData<SimulcastStatus>(queryKey, (old) => old && withDestination(old, data));
  });
  useServerEvent('metrics', (data) => {
    if (data.streamId !== id) return;
    if (typeof data.viewerCount === 'number') onViewers(data.viewerCount);
    queries.setQueryData<SimulcastStatus>(queryKey, (old) => old && withMetrics(old, data));
  });
  return useQuery({
    queryKey,
    queryFn: async (): Promise<SimulcastStatus> => take(api.GET('/api/simulcast/{streamId}/status', { params: { path: { streamId: id } } })),
  });
}

export function withDestination(status: SimulcastStatus, event: Record<string, unknown>): SimulcastStatus {
  if (!status.session) return status;
  const { status: state, problem, detail, lastError, connectedAt, nextRetryAt, retryCount, metrics } = event as Partial<Schemas['SessionEndpoint']>;
  const endpoints = status.session.endpoints.map((endpoint) =>
    endpoint.id === event.destinationId
      ? {
          ...endpoint,
          ...(state && { status: state }),
          ...(problem && { problem }),
          detail: detail || null,
          lastError: lastError || endpoint.lastError,
          connectedAt: connectedAt ?? null,
          nextRetryAt: nextRetryAt ?? null,
          retryCount: retryCount ?? endpoint.retryCount,
          metrics: { ...endpoint.metrics, ...metrics },
        }
      : endpoint,
  );
  return { ...status, session: { ...status.session, endpoints } };
}

type Figures = Partial<Schemas['DestinationMetrics']> & { destinationId?: string; status?: Schemas['DestinationState'] };

/** With the figures of this second: of what arrives, and of each destination. */
export function withMetrics(status: SimulcastStatus, event: Record<string, unknown>): SimulcastStatus {
  const { ingest, destinations = [] } = event as { ingest?: Partial<Schemas['Ingest']> | null; destinations?: Figures[] };
  const known = status.ingest;
  const figures = new Map(destinations.map((one) => [one.destinationId, one]));
  return {
    ...status,
    ingest: known && ingest ? { ...known, ...ingest, connected: true, silentMs: 0 } : known,
    session: status.session && {
      ...status.session,
      endpoints: status.session.endpoints.map((endpoint) => {
        const { destinationId: _id, status: state = endpoint.status, ...metrics } = figures.get(endpoint.id) ?? {};
        return { ...endpoint, status: state, metrics: { ...endpoint.metrics, ...metrics } };
      }),
    },
  };
}

/** Asked for once: from then on the server tells what changes. */
export function useStreamHealth(id: string, active: boolean) {
  const queries = useQueryClient();
  const queryKey = ['streamHealth', id];
  useServerEvent('health.changed', (data) => {
    if (data.streamId !== id) return;
    const { health, score, issues } = data as { health: Schemas['HealthStatus']; score: number; issues: Partial<Schemas['Health']['issues'][number]>[] };
    const told = issues.map((issue) => ({ destinationId: null, ...issue }) as Schemas['Health']['issues'][number]);
    queries.setQueryData<Schemas['Health']>(queryKey, { status: health, score, issues: told, computedAt: new Date().toISOString() });
  });
  return useQuery({
    queryKey,
    enabled: active,
    queryFn: async () => (await take(api.GET('/api/simulcast/{streamId}/health', { params: { path: { streamId: id } } }))).health,
  });
}

export function useStep(id: string) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: async (step: Step) => {
      const params = { path: { id } };
      const call = {
        start: () => api.POST('/api/v1/livestreams/{id}/start', { params }),
        stop: () => api.POST('/api/v1/livestreams/{id}/stop', { params }),
        cancel: () => api.POST('/api/v1/livestreams/{id}/cancel', { params }),
        archive: () => api.POST('/api/v1/livestreams/{id}/archive', { params }),
      }[step];
      return withoutKey((await take(call())).livestream);
    },
    onSuccess: (livestream) => {
      queries.setQueryData(controlKey(id), livestream);
      void queries.invalidateQueries({ queryKey: keys.livestreams });
      void queries.invalidateQueries({ queryKey: keys.stream(id) });
    },
  });
}

export function useSaveLivestream(id?: string) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: async (wish: LivestreamWish) => {
      if (!id) return withoutKey((await take(api.POST('/api/v1/livestreams', { body: wish }))).livestream);
      return withoutKey((await take(api.PUT('/api/v1/livestreams/{id}', { params: { path: { id } }, body: wish }))).livestream);
    },
    onSuccess: (livestream) => {
      queries.setQueryData(controlKey(livestream.id), livestream);
      void queries.invalidateQueries({ queryKey: keys.livestreams });
    },
  });
}

export interface ShowSecret {
  server: string;
  key: string | undefined;
}
/** Asked for when it is shown, and kept nowhere. */
export async function askSecret(id: string): Promise<ShowSecret> {
  const { livestream } = await take(api.GET('/api/v1/livestreams/{id}', { params: { path: { id } } }));
  return { server: livestream.rtmp_url ?? '', key: livestream.stream_key };
}
export async function rotateKey(id: string): Promise<ShowSecret> {
  const told = await take(api.POST('/api/v1/livestreams/{id}/rotate-key', { params: { path: { id } } }));
  return { server: told.rtmp_url ?? '', key: told.stream_key ?? undefined };
}

/** What a show can be given: stations, destinations, profiles. */
export function useChoices() {
  const stations = useQuery({
    queryKey: [...keys.stations, 'mine', 'choice'],
    queryFn: async () => (await take(api.GET('/api/stations', { params: { query: { mine: true, limit: 200 } } }))).stations.map(({ id, name }) => ({ id, name })),
  });
  const destinations = useQuery({
    queryKey: [...keys.destinations, 'choice'],
    queryFn: async () => (await take(api.GET('/api/destinations', { params: { query: { limit: 200 } } }))).destinations.map(({ id, name, platform, isActive }) => ({ id, name, platform, isActive })),
  });
  const profiles = useQuery({
    queryKey: [...keys.profiles, 'choice'],
    queryFn: async () => (await take(api.GET('/api/multistream/profiles', { params: { query: { limit: 200 } } }))).profiles.map(({ id, name }) => ({ id, name })),
  });
  return { stations, destinations, profiles };
}
