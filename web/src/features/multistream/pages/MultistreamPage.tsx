// Destinations and profiles, and above them what runs now.
import { Button, Tabs } from '@mantine/core';
import { IconBroadcast, IconPlus } from '@tabler/icons-react';
import { lazy, Suspense } from 'react';
import { useSearchParams } from 'react-router';
import { useProfiles } from '@/features/golive/api';
import { GoLiveDialog } from '@/features/golive/components/GoLiveDialog';
import { useGoLive } from '@/features/golive/useGoLive';
import { ProfileList } from '@/features/profiles/components/ProfileList';
import { Page } from '@/shared/components/Page';
import { useUser } from '@/shared/session/useSession';
import { golive } from '@/text/en/golive';
import { multistream } from '@/text/en/multistream';
import { useDestinations, useOwnSessions } from '../api';
import { DestinationList } from '../components/DestinationList';
import { LiveSession } from '../components/LiveSession';
import { useLiveUpdates } from '../live';

const DestinationDialog = lazy(() => import('../components/DestinationDialog'));

export default function MultistreamPage() {
  useLiveUpdates();
  const sessions = useOwnSessions();
  const destinations = useDestinations();
  const profiles = useProfiles();
  const userId = useUser()?.id;
  const dialog = useGoLive();
  // /multistream?add=twitch: a new one at that platform; the address says it, so that other pages can lead here.
  const [query, setQuery] = useSearchParams();
  const adding = query.get('add');
  const setAdding = (platform: string | undefined) =>
    setQuery((old) => {
      const next = new URLSearchParams(old);
      next.delete('add');
      if (platform !== undefined) next.set('add', platform);
      return next;
    }, { replace: true });
  const profileCount = profiles.data?.filter(({ ownerId }) => ownerId === userId).length ?? 0;
  const add = () => setAdding('');
  return (
    <Page
      title={multistream.title}
      actions={
        <>
          <Button variant="default" leftSection={<IconPlus size={16} aria-hidden="true" />} onClick={add}>{multistream.add}</Button>
          <Button leftSection={<IconBroadcast size={16} aria-hidden="true" />} onClick={() => dialog.open()}>{golive.button}</Button>
        </>
      }
    >
      {sessions.data?.map((session) => <LiveSession key={session.sessionId} session={session} onManage={dialog.open} />)}
      <Tabs defaultValue="destinations" keepMounted={false}>
        <Tabs.List mb="md">
          <Tabs.Tab value="destinations">{multistream.tabCount(multistream.destinations, destinations.data?.length ?? 0)}</Tabs.Tab>
          <Tabs.Tab value="profiles">{multistream.tabCount(multistream.profiles, profileCount)}</Tabs.Tab>
        </Tabs.List>
        <Tabs.Panel value="destinations"><DestinationList onAdd={add} /></Tabs.Panel>
        <Tabs.Panel value="profiles"><ProfileList /></Tabs.Panel>
      </Tabs>
      <GoLiveDialog opened={dialog.opened} onClose={dialog.close} stationId={dialog.streamId} />
      <Suspense>{adding !== null && <DestinationDialog platform={adding} onClose={() => setAdding(undefined)} />}</Suspense>
    </Page>
  );
}
