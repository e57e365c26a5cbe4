// Goes live, and shows what runs: <GoLiveDialog opened onClose stationId?>. Its content is loaded when it is first opened; what
// runs is read from the server, so that it is the same after a reload.
import { Modal } from '@mantine/core';
import { lazy, Suspense } from 'react';
import { Loading } from '@/shared/components/Feedback';
import { common } from '@/text/en/common';
import { golive } from '@/text/en/golive';

const GoLiveContent = lazy(() => import('./GoLiveContent'));

interface Props {
  opened: boolean;
  onClose: () => void;
  /** A station or a show: chosen at first. */
  stationId?: string;
}

export function GoLiveDialog({ opened, onClose, stationId }: Props) {
  return (
    <Modal opened={opened} onClose={onClose} size={960} centered title={golive.title} closeButtonProps={{ 'aria-label': common.close }}>
      <Suspense fallback={<Loading height={420} />}>{opened && <GoLiveContent wanted={stationId} />}</Suspense>
    </Modal>
  );
}
