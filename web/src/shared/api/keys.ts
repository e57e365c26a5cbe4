// The names under which answers of the server are kept. The first word is what server-sent events renew: see shared/events.
export const keys = {
  me: ['me'] as const,
  registration: ['registration'] as const,
  stations: ['stations'] as const,
  station: (idOrSlug: string) => ['stations', idOrSlug] as const,
  livestreams: ['livestreams'] as const,
  livestreamList: (filter: object) => ['livestreams', 'list', filter] as const,
  livestream: (id: string) => ['livestreams', id] as const,
  destinations: ['destinations'] as const,
  platforms: ['platforms'] as const,
  profiles: ['profiles'] as const,
  sessions: ['sessions'] as const,
  session: (id: string) => ['sessions', id] as const,
  live: ['live'] as const,
  /** The fan-out of one stream: status, health, metrics. */
  stream: (id: string) => ['stream', id] as const,
  recordings: ['recordings'] as const,
  recording: (id: string) => ['recordings', id] as const,
  tokens: ['tokens'] as const,
  signIns: ['signIns'] as const,
  users: ['users'] as const,
  server: ['server'] as const,
};
