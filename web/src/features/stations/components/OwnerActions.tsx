// What the owner of a station does on its page.
import { Button, Divider, Group, Modal, Stack } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { useState } from 'react';
import { useNavigate } from 'react-router';
import { useConfirm } from '@/shared/components/confirm';
import { messageOf } from '@/shared/components/Feedback';
import { stations } from '@/text/en/stations';
import { useDeleteStation, type Station } from '../api';
import { StationForm } from './StationForm';
import { StationKey } from './StationKey';

export default function OwnerActions({ station }: { station: Station }) {
  const [open, setOpen] = useState<'edit' | 'key'>();
  const navigate = useNavigate();
  const confirm = useConfirm();
  const remove = useDeleteStation(station.id);
  const close = () => setOpen(undefined);
  const erase = async () => {
    if (!(await confirm({ title: stations.deleteTitle(station.name), text: stations.deleteText, action: stations.delete.replace('…', '') }))) return;
    try {
      await remove.mutateAsync();
      notifications.show({ message: stations.deleted, color: 'gray' });
      await navigate('/dashboard');
    } catch (failure) {
      notifications.show({ message: messageOf(failure), color: 'gray' });
    }
  };
  return (
    <>
      <Button variant="default" size="xs" aria-haspopup="dialog" onClick={() => setOpen('key')}>{stations.key}</Button>
      <Button variant="default" size="xs" aria-haspopup="dialog" onClick={() => setOpen('edit')}>{stations.edit}</Button>
      <Modal opened={open === 'edit'} onClose={close} title={stations.editTitle} size="lg">
        <Stack>
          <StationForm
            key={station.updatedAt}
            station={station}
            onCancel={close}
            onDone={(saved) => {
              close();
              if (saved.slug !== station.slug) void navigate(`/tv-stations/${saved.slug}`, { replace: true });
            }}
          />
          <Divider />
          <Group><Button variant="default" size="xs" loading={remove.isPending} onClick={() => void erase()}>{stations.delete}</Button></Group>
        </Stack>
      </Modal>
      <Modal opened={open === 'key'} onClose={close} title={stations.keyTitle} size="lg">
        {open === 'key' && <StationKey stationId={station.id} />}
      </Modal>
    </>
  );
}
