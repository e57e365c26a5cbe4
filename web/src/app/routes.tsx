// Every page and who it is for. Each is a file of its own to the browser.
import type { ComponentType } from 'react';
import { createBrowserRouter, type RouteObject } from 'react-router';
import { Crash } from './Crash';
import { For } from './guards';
import { Shell } from './Shell';

type Module = { default: ComponentType };
type Who = 'anybody' | 'user' | 'broadcaster' | 'admin';

function page(path: string, who: Who, load: () => Promise<Module>): RouteObject {
  return {
    path,
    lazy: async () => {
      const { default: Content } = await load();
      sessionStorage.removeItem('everycast.reloaded');
      return { Component: who === 'anybody' ? Content : () => <For who={who}><Content /></For> };
    },
  };
}

export const routes: RouteObject[] = [
  {
    element: <Shell />,
    errorElement: <Crash />,
    hydrateFallbackElement: <></>,
    children: [
      page('/', 'anybody', () => import('@/features/browse/pages/HomePage')),
      page('/livestreams', 'anybody', () => import('@/features/browse/pages/BrowsePage')),
      page('/livestreams/:id', 'anybody', () => import('@/features/watch/pages/WatchPage')),
      page('/replays/:id', 'anybody', () => import('@/features/watch/pages/ReplayPage')),
      page('/tv-stations/:slug', 'anybody', () => import('@/features/stations/pages/StationPage')),
      page('/sign-in', 'anybody', () => import('@/features/account/pages/SignInPage')),
      page('/sign-up', 'anybody', () => import('@/features/account/pages/SignUpPage')),
      page('/setup', 'anybody', () => import('@/features/setup/pages/SetupPage')),
      page('/dashboard', 'broadcaster', () => import('@/features/dashboard/pages/DashboardPage')),
      page('/multistream', 'broadcaster', () => import('@/features/multistream/pages/MultistreamPage')),
      page('/artist/livestreams/create', 'broadcaster', () => import('@/features/artist/pages/CreateLivestreamPage')),
      page('/artist/livestreams/:id', 'broadcaster', () => import('@/features/artist/pages/ControlPage')),
      page('/recordings', 'broadcaster', () => import('@/features/recordings/pages/RecordingsPage')),
      page('/connections', 'broadcaster', () => import('@/features/connections/pages/ConnectionsPage')),
      page('/settings', 'user', () => import('@/features/account/pages/SettingsPage')),
      page('/admin', 'admin', () => import('@/features/admin/pages/AdminPage')),
      page('*', 'anybody', () => import('./NotFound')),
    ],
  },
];

export const makeRouter = () => createBrowserRouter(routes);
