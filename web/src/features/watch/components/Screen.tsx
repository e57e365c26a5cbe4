// Where the picture is, or will be: its room is there from the beginning, so that nothing moves.
import { Loader, Title } from '@mantine/core';
import type { ReactNode } from 'react';
import classes from './Screen.module.css';

/** Around a player. `wide`: theatre. */
export function Screen({ wide = false, children }: { wide?: boolean; children: ReactNode }) {
  return <div className={classes.screen} data-wide={wide || undefined}>{children}</div>;
}

/** Words in the place of a picture; `low`: there is something else to be seen on the page. */
export function ScreenNote({ title, picture, low = false, children }: { title?: string; picture?: string | null; low?: boolean; children?: ReactNode }) {
  return (
    <div className={`${classes.screen} ${classes.panel}`} data-low={low || undefined}>
      {picture && <img className={classes.picture} src={picture} alt="" />}
      <div className={classes.words}>
        {title && <Title order={2} size="h2">{title}</Title>}
        {children}
      </div>
    </div>
  );
}

export function ScreenLoading({ label }: { label: string }) {
  return (
    <div className={`${classes.screen} ${classes.panel}`} role="status" aria-label={label}>
      <Loader size="sm" />
    </div>
  );
}

export const counterClass = classes.counter;
