// What can be done with the show now: start, end, cancel, archive; what cannot be taken back is asked about first.
import { Button } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { useConfirm } from '@/shared/components/confirm';
import { messageOf } from '@/shared/components/Feedback';
import { artist } from '@/text/en/artist';
import { useStep, type Livestream, type Step } from '../api';

export function Steps({ show }: { show: Livestream }) {
  const step = useStep(show.id);
  const confirm = useConfirm();
  const go = async (name: Step, question?: { title: string; text: string; action: string }) => {
    if (question && !(await confirm(question))) return;
    try {
      await step.mutateAsync(name);
      if (name === 'start') notifications.show({ message: artist.started, color: 'gray' });
    } catch (failure) {
      notifications.show({ message: messageOf(failure), color: 'gray' });
    }
  };
  const busy = (name: Step) => step.isPending && step.variables === name;
  if (show.status === 'live') {
    return <Button size="xs" loading={busy('stop')} onClick={() => void go('stop', { title: artist.endTitle, text: artist.endText, action: artist.end })}>{artist.end}</Button>;
  }
  if (show.status === 'scheduled') {
    return (
      <>
        <Button variant="default" size="xs" loading={busy('cancel')} onClick={() => void go('cancel', { title: artist.cancelTitle, text: artist.cancelText, action: artist.cancel })}>{artist.cancel}</Button>
        {!show.ready && <Button size="xs" title={artist.startHint} loading={busy('start')} onClick={() => void go('start')}>{artist.start}</Button>}
      </>
    );
  }
  if (show.status === 'ended') {
    return <Button variant="default" size="xs" loading={busy('archive')} onClick={() => void go('archive', { title: artist.archiveTitle, text: artist.archiveText, action: artist.archive })}>{artist.archive}</Button>;
  }
  return null;
}
