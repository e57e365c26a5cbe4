// Where one is on the way, and what is behind.
import { IconCheck } from '@tabler/icons-react';
import { setup as text } from '@/text/en/setup';
import { STEPS, type Step } from '../steps';
import classes from './Steps.module.css';

export function Steps({ now, finished, skipped }: { now: Step; finished: boolean; skipped?: Step }) {
  const at = STEPS.indexOf(now);
  return (
    <ol className={classes.steps} aria-label={text.progress}>
      {STEPS.map((step, index) => {
        const done = (index < at && step !== skipped) || (finished && index === at);
        return (
          <li key={step} className={classes.step} data-reached={index <= at || undefined} aria-current={index === at ? 'step' : undefined}>
            {done ? <IconCheck size={16} aria-hidden="true" /> : <span aria-hidden="true">{index + 1}</span>}
            <span>{text.steps[step]}{done && <span className={classes.hidden}> ({text.done})</span>}</span>
          </li>
        );
      })}
    </ol>
  );
}
