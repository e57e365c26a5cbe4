// What is told in passing. What shows it is fetched when there is something for the first time.
import { notificationsStore } from '@mantine/notifications';
import { lazy, Suspense, useSyncExternalStore } from 'react';

const Notifications = lazy(async () => ({ default: (await import('@mantine/notifications')).Notifications }));

const isNeeded = () => notificationsStore.getState().notifications.length > 0;
let wasNeeded = false;

export function Toasts() {
  const needed = useSyncExternalStore(notificationsStore.subscribe, () => (wasNeeded ||= isNeeded()));
  return needed ? <Suspense><Notifications position="bottom-right" /></Suspense> : null;
}
