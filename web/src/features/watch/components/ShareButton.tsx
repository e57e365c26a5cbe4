import { Button } from '@mantine/core';
import { lazy, Suspense, useState } from 'react';
import { watch } from '@/text/en/watch';

const ShareDialog = lazy(() => import('./ShareDialog'));

/** `playable`: the playback id or recording's id, for the embed code. */
export function ShareButton({ path, playable }: { path: string; playable?: string }) {
  const [opened, setOpened] = useState(false);
  const at = (to: string) => new URL(to, location.origin).href;
  return (
    <>
      <Button variant="default" size="xs" aria-haspopup="dialog" onClick={() => setOpened(true)}>{watch.share}</Button>
      {opened && (
        <Suspense>
          <ShareDialog link={at(path)} embed={playable && at(`/embed/${playable}`)} onClose={() => setOpened(false)} />
        </Suspense>
      )}
    </>
  );
}
