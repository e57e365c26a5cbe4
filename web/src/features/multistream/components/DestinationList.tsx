// All destinations: one list, kept true by events.
import { Button, Stack, Text, TextInput } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { IconSearch } from '@tabler/icons-react';
import { lazy, Suspense, useCallback, useMemo, useState } from 'react';
import { useConfirm } from '@/shared/components/confirm';
import { Empty, Failure, Loading } from '@/shared/components/Feedback';
import { common } from '@/text/en/common';
import { multistream } from '@/text/en/multistream';
import { useDeleteDestination, useDestinations, useOwnSessions, usePlatforms, useSwitchDestination } from '../api';
import { endpointsById, type Destination } from '../patch';
import { DestinationRow, type RowAction } from './DestinationRow';
import classes from './Destinations.module.css';

const DestinationDialog = lazy(() => import('./DestinationDialog'));
const TestDialog = lazy(() => import('./TestDialog'));
const MANY = 8;

export function DestinationList({ onAdd }: { onAdd: () => void }) {
  const destinations = useDestinations();
  const platforms = usePlatforms();
  const sessions = useOwnSessions();
  const change = useSwitchDestination();
  const erase = useDeleteDestination();
  const confirm = useConfirm();
  const [wanted, setWanted] = useState('');
  const [edited, setEdited] = useState<Destination>();
  const [tested, setTested] = useState<Destination>();

  const endpoints = useMemo(() => endpointsById(sessions.data), [sessions.data]);
  const catalogue = useMemo(() => new Map(platforms.data?.map((one) => [one.id, one])), [platforms.data]);
  const { mutate: switchIt } = change;
  const { mutate: eraseIt } = erase;
  const act = useCallback(
    (action: RowAction, destination: Destination) => {
      if (action === 'edit') setEdited(destination);
      else if (action === 'test') setTested(destination);
      else if (action === 'switch') switchIt({ destination, isActive: !destination.isActive });
      else
        void confirm({ title: multistream.deleteTitle(destination.name), text: multistream.deleteText, action: common.delete }).then((yes) => {
          if (yes) eraseIt(destination.id, { onSuccess: () => void notifications.show({ message: multistream.deleted(destination.name) }) });
        });
    },
    [confirm, eraseIt, switchIt],
  );

  if (destinations.isPending) return <Loading height={320} />;
  if (destinations.isError) return <Failure error={destinations.error} onRetry={() => void destinations.refetch()} />;
  const all = destinations.data;
  if (all.length === 0) return <Empty title={multistream.emptyTitle} action={<Button onClick={onAdd}>{multistream.addFirst}</Button>}>{multistream.emptyText}</Empty>;
  const needle = wanted.trim().toLowerCase();
  const shown = needle ? all.filter(({ name, platform }) => name.toLowerCase().includes(needle) || platform.includes(needle)) : all;
  return (
    <Stack gap="sm">
      {all.length > MANY && (
        <TextInput value={wanted} onChange={(event) => setWanted(event.currentTarget.value)} aria-label={multistream.filter} placeholder={multistream.filter} leftSection={<IconSearch size={16} aria-hidden="true" />} maw={320} />
      )}
      {shown.length === 0 ? <Text c="dimmed">{multistream.noMatch}</Text> : (
        <ul className={classes.list} aria-label={multistream.destinations}>
          {shown.map((one) => {
            const platform = catalogue.get(one.platform);
            return <DestinationRow key={one.id} destination={one} endpoint={endpoints.get(one.id)} platformName={platform?.name ?? one.platform} keyHelp={platform?.key.help} onAction={act} />;
          })}
        </ul>
      )}
      <Suspense>
        {edited && <DestinationDialog destination={edited} onClose={() => setEdited(undefined)} />}
        {tested && <TestDialog destination={tested} onClose={() => setTested(undefined)} />}
      </Suspense>
    </Stack>
  );
}
