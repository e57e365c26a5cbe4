import { useQueryClient } from '@tanstack/react-query';
import { createContext, useContext, useEffect, useRef, useState, useSyncExternalStore, type ReactNode } from 'react';
import { useSessionReady, useUser } from '../session/useSession';
import { Renewal } from './renewal';
import { ServerEvents, type Connection, type ServerEvent } from './serverEvents';

const EventsContext = createContext<ServerEvents | undefined>(undefined);

/** Listens to the server in the name of who is signed in, and renews what is kept. */
export function EventsProvider({ children }: { children: ReactNode }) {
  const queries = useQueryClient();
  const ready = useSessionReady();
  const userId = useUser()?.id;
  const [events] = useState(() => new ServerEvents());

  useEffect(() => {
    if (!ready) return undefined;
    const renewal = new Renewal(queries);
    const deaf = events.listen((event) => renewal.apply(event));
    events.start();
    return () => {
      deaf();
      renewal.stop();
      events.stop();
    };
  }, [events, queries, ready, userId]);

  return <EventsContext.Provider value={events}>{children}</EventsContext.Provider>;
}

function useEvents(): ServerEvents {
  const events = useContext(EventsContext);
  if (!events) throw new Error('there are no events around this component');
  return events;
}

/** Calls `apply` with each event of this type. `apply` may change from one rendering to the next. */
export function useServerEvent(type: string, apply: (data: Record<string, unknown>) => void): void {
  const events = useEvents();
  const latest = useRef(apply);
  latest.current = apply;
  useEffect(() => events.listen((event: ServerEvent) => event.type === type && latest.current(event.data)), [events, type]);
}

export function useConnection(): Connection {
  const events = useEvents();
  return useSyncExternalStore(events.watch, () => events.connection);
}
