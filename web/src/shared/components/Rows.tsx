// A list of things, one under the other, with a line between.
import type { ReactNode } from 'react';
import classes from './Rows.module.css';

export function Rows({ label, children }: { label: string; children: ReactNode }) {
  return <ul className={classes.rows} aria-label={label}>{children}</ul>;
}

export function Row({ children }: { children: ReactNode }) {
  return <li className={classes.row}>{children}</li>;
}
