import { createContext, useContext, useSyncExternalStore } from 'react';
import type { Session, User } from './session';

export const SessionContext = createContext<Session | undefined>(undefined);

export function useSession(): Session {
  const session = useContext(SessionContext);
  if (!session) throw new Error('there is no session around this component');
  return session;
}

/** Who is signed in, if anybody. */
export function useUser(): User | undefined {
  const session = useSession();
  return useSyncExternalStore(session.subscribe, () => session.user);
}

/** False until it is known whether somebody is signed in. */
export function useSessionReady(): boolean {
  const session = useSession();
  return useSyncExternalStore(session.subscribe, () => session.ready);
}
