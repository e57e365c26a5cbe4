// In the place of the picture: why there is none (yet), and what one can do.
import { Button, Group, Text } from '@mantine/core';
import { Link, useLocation } from 'react-router';
import { ownAddress } from '@/shared/api/ownAddress';
import { formatDayTime } from '@/shared/format';
import { useUser } from '@/shared/session/useSession';
import { watch } from '@/text/en/watch';
import { useReplayOf, type Livestream } from '../api';
import { CalendarButton } from './CalendarButton';
import { Countdown } from './Countdown';
import { counterClass, ScreenNote } from './Screen';

export function Waiting({ show }: { show: Livestream }) {
  return (
    <ScreenNote title={watch.notStarted}>
      {show.scheduled_at ? (
        <>
          <Countdown to={show.scheduled_at} className={counterClass} />
          <Text>{watch.startsAt(formatDayTime(show.scheduled_at))} {watch.startsItself}</Text>
          <CalendarButton show={show} />
        </>
      ) : (
        <Text>{watch.noTime} {watch.startsItself}</Text>
      )}
    </ScreenNote>
  );
}

export function Over({ show }: { show: Livestream }) {
  const replay = useReplayOf(show);
  if (show.status === 'cancelled') {
    return (
      <ScreenNote title={watch.cancelledTitle}>
        <Text>{watch.cancelledText}</Text>
        <Button component={Link} to="/livestreams" variant="default">{watch.toBrowse}</Button>
      </ScreenNote>
    );
  }
  const asset = replay.data;
  const text = replay.isLoading ? ' ' : asset ? (asset.status === 'ready' ? undefined : watch.endedPreparing) : watch.endedText;
  return (
    <ScreenNote title={show.status === 'archived' ? watch.archivedTitle : watch.endedTitle} picture={ownAddress(asset?.thumbnailUrl)}>
      {text && <Text>{text}</Text>}
      {asset?.status === 'ready' && <Button component={Link} to={`/replays/${asset.id}`}>{watch.watchReplay}</Button>}
      {!asset && !replay.isLoading && <Button component={Link} to="/livestreams" variant="default">{watch.toBrowse}</Button>}
    </ScreenNote>
  );
}

/** Beside a player that has come to its end. */
export function ReplayButton({ show }: { show: Livestream }) {
  const asset = useReplayOf(show).data;
  if (asset?.status !== 'ready') return null;
  return <Button component={Link} to={`/replays/${asset.id}`} size="xs">{watch.watchReplay}</Button>;
}

export function Gate({ amount }: { amount: number }) {
  const user = useUser();
  return (
    <ScreenNote title={watch.gateTitle}>
      <Text>{user ? watch.gateTooFew(amount) : watch.gateSignedOut(amount)}</Text>
      {!user && <SignInButton />}
    </ScreenNote>
  );
}

export function SignInButton() {
  const { pathname } = useLocation();
  return <Group justify="center"><Button component={Link} to={`/sign-in?next=${encodeURIComponent(pathname)}`}>{watch.signIn}</Button></Group>;
}
