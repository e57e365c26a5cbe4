// The frame of all pages: where one can go, who is signed in, and whether the server is heard.
import { ActionIcon, Anchor, Burger, Button, Group, NavLink, Text, UnstyledButton, useMantineColorScheme } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { IconAntenna, IconBroadcast, IconCalendarPlus, IconHome, IconLayoutDashboard, IconMoon, IconPlugConnected, IconServerCog, IconSettings, IconSun, IconTelescope, IconVideo, type Icon } from '@tabler/icons-react';
import { lazy, Suspense, useEffect, useState } from 'react';
import { Link, Outlet, useLocation } from 'react-router';
import { StatusMark } from '@/shared/components/StatusMark';
import { useConnection } from '@/shared/events/EventsProvider';
import { useSessionReady, useUser } from '@/shared/session/useSession';
import { common } from '@/text/en/common';
import classes from './Shell.module.css';

// What a menu needs is fetched when it is opened for the first time.
const AccountMenu = lazy(() => import('./AccountMenu'));

interface Place {
  to: string;
  label: string;
  icon: Icon;
}
const PUBLIC: Place[] = [
  { to: '/', label: common.nav.home, icon: IconHome },
  { to: '/livestreams', label: common.nav.browse, icon: IconTelescope },
];
const BROADCASTER: Place[] = [
  { to: '/dashboard', label: common.nav.dashboard, icon: IconLayoutDashboard },
  { to: '/multistream', label: common.nav.multistream, icon: IconBroadcast },
  { to: '/artist/livestreams/create', label: common.nav.schedule, icon: IconCalendarPlus },
  { to: '/recordings', label: common.nav.recordings, icon: IconVideo },
  { to: '/connections', label: common.nav.connections, icon: IconPlugConnected },
];

export function Shell() {
  const [opened, menu] = useDisclosure(false);
  const { pathname } = useLocation();
  const user = useUser();
  const ready = useSessionReady();
  useEffect(() => menu.close(), [pathname]);

  const own = user && user.role !== 'viewer' ? BROADCASTER : [];
  const account: Place[] = user ? [{ to: '/settings', label: common.nav.settings, icon: IconSettings }] : [];
  if (user?.role === 'admin') account.push({ to: '/admin', label: common.nav.admin, icon: IconServerCog });

  return (
    <>
      <a className="skip" href="#content">{common.nav.skip}</a>
      <header className={classes.header}>
        <Group h="100%" px="md" justify="space-between" wrap="nowrap">
          <Group gap="sm" wrap="nowrap">
            <Burger opened={opened} onClick={menu.toggle} hiddenFrom="sm" size="sm" aria-label={common.nav.openMenu} aria-expanded={opened} />
            <Anchor component={Link} to="/" underline="never" c="inherit">
              <Group gap="xs" wrap="nowrap">
                <IconAntenna size={22} aria-hidden="true" />
                <Text fw={650} size="lg">{common.product}</Text>
              </Group>
            </Anchor>
          </Group>
          <Group gap="sm" wrap="nowrap">
            <ConnectionNote />
            <SchemeSwitch />
            {ready && (user ? <Account name={user.name} /> : <Button component={Link} to="/sign-in" size="xs" variant="default">{common.nav.signIn}</Button>)}
          </Group>
        </Group>
      </header>
      <div className={classes.body}>
        <nav className={classes.nav} data-opened={opened || undefined} aria-label={common.nav.main}>
          {[...PUBLIC, ...own, ...account].map(({ to, label, icon: Mark }) => (
            <NavLink
              key={to}
              component={Link}
              to={to}
              label={label}
              active={pathname === to || (to !== '/' && to !== '/livestreams' && pathname.startsWith(`${to}/`))}
              aria-current={pathname === to ? 'page' : undefined}
              leftSection={<Mark size={18} stroke={1.6} aria-hidden="true" />}
            />
          ))}
        </nav>
        <main id="content" tabIndex={-1} className={classes.main}>
          <Outlet />
        </main>
      </div>
    </>
  );
}

function Account({ name }: { name: string }) {
  const [asked, setAsked] = useState(false);
  const label = <Text truncate fw={500}>{name}</Text>;
  const button = <UnstyledButton maw={200} aria-haspopup="menu" aria-expanded={false} onClick={() => setAsked(true)}>{label}</UnstyledButton>;
  return asked ? <Suspense fallback={button}><AccountMenu>{label}</AccountMenu></Suspense> : button;
}

function ConnectionNote() {
  const connection = useConnection();
  return (
    <div role="status" aria-live="polite">
      {connection === 'lost' && <StatusMark tone="wait" label={common.reconnecting} />}
    </div>
  );
}

function SchemeSwitch() {
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  const dark = colorScheme === 'dark';
  const label = dark ? common.nav.toLight : common.nav.toDark;
  return (
    <ActionIcon variant="subtle" color="gray" size="lg" title={label} aria-label={label} onClick={() => setColorScheme(dark ? 'light' : 'dark')}>
      {dark ? <IconSun size={18} /> : <IconMoon size={18} />}
    </ActionIcon>
  );
}
