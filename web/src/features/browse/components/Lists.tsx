import { Skeleton } from '@mantine/core';
import type { Show } from '../shows';
import { ShowCard } from './ShowCard';
import { ShowRow } from './ShowRow';
import classes from './Shows.module.css';

export function ShowGrid({ shows, label }: { shows: readonly Show[]; label: string }) {
  return <ul className={classes.grid} aria-label={label}>{shows.map((show) => <ShowCard key={show.id} show={show} />)}</ul>;
}

export function ShowRows({ shows, label }: { shows: readonly Show[]; label: string }) {
  return <ul className={classes.rows} aria-label={label}>{shows.map((show) => <ShowRow key={show.id} show={show} />)}</ul>;
}

/** The room that cards take. */
export function GridLoading({ label, count = 4 }: { label: string; count?: number }) {
  return (
    <div className={classes.grid} role="status" aria-label={label}>
      {Array.from({ length: count }, (_, n) => (
        <div key={n}>
          <Skeleton className={classes.picture} />
          <div className={classes.words}><Skeleton h={16} w="80%" /><Skeleton h={12} mt={8} w="50%" /></div>
        </div>
      ))}
    </div>
  );
}
