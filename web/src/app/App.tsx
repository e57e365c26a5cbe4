import { localStorageColorSchemeManager, MantineProvider } from '@mantine/core';
import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import { RouterProvider } from 'react-router';
import { ApiError } from '@/shared/api/client';
import { ConfirmProvider } from '@/shared/components/confirm';
import { EventsProvider } from '@/shared/events/EventsProvider';
import { Session } from '@/shared/session/session';
import { SessionContext, useUser } from '@/shared/session/useSession';
import { makeRouter } from './routes';
import { theme } from './theme';
import { Toasts } from './Toasts';

const schemes = localStorageColorSchemeManager({ key: 'everycast.scheme' });
// The content security policy lets in only styles that carry it.
const nonce = () => document.querySelector<HTMLMetaElement>('meta[name=csp-nonce]')?.content ?? '';
// What keeps the page behind a dialog from scrolling makes a style too, and looks for the nonce under this name.
Object.assign(globalThis, { __webpack_nonce__: nonce() });

const makeQueries = () =>
  new QueryClient({
    defaultOptions: {
      queries: {
        // Events say when an answer is old; nothing is asked again just because time went by.
        staleTime: Number.POSITIVE_INFINITY,
        refetchOnWindowFocus: false,
        retry: (failures, error) => failures < 3 && (!(error instanceof ApiError) || error.isUnreachable || error.status >= 500),
      },
    },
  });

export function App() {
  const [queries] = useState(makeQueries);
  const [router] = useState(makeRouter);
  const [session] = useState(() => new Session());
  useEffect(() => void session.start(), [session]);
  return (
    <MantineProvider theme={theme} defaultColorScheme="dark" colorSchemeManager={schemes} getStyleNonce={nonce}>
      <QueryClientProvider client={queries}>
        <SessionContext.Provider value={session}>
          <ForgetsOthers queries={queries} />
          <EventsProvider>
            <ConfirmProvider>
              <Toasts />
              <RouterProvider router={router} />
            </ConfirmProvider>
          </EventsProvider>
        </SessionContext.Provider>
      </QueryClientProvider>
    </MantineProvider>
  );
}

/** What one account was told is not there for the next. */
function ForgetsOthers({ queries }: { queries: QueryClient }) {
  const userId = useUser()?.id;
  const [last, setLast] = useState(userId);
  useEffect(() => {
    if (last === userId) return;
    setLast(userId);
    if (last !== undefined) queries.clear();
    else void queries.invalidateQueries();
  }, [last, queries, userId]);
  return null;
}
