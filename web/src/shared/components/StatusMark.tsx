// A state in colour, shape and word, so that it is told without seeing colours.
import classes from './StatusMark.module.css';

export type Tone = 'good' | 'wait' | 'bad' | 'off';

interface Props {
  tone: Tone;
  label: string;
  /** Only the shape is seen; the word is still read out and shown as a tip. */
  iconOnly?: boolean;
  size?: number;
}

const SHAPES: Record<Tone, string> = {
  // A full circle, a half one, a cross in a diamond, an empty ring.
  good: 'M8 1.5a6.5 6.5 0 1 1 0 13 6.5 6.5 0 0 1 0-13z',
  wait: 'M8 1.5a6.5 6.5 0 1 1 0 13 6.5 6.5 0 0 1 0-13zm0 1.8v9.4a4.7 4.7 0 0 0 0-9.4z',
  bad: 'M8 .8 15.2 8 8 15.2.8 8zM5.9 4.9l-1 1L7 8l-2.1 2.1 1 1L8 9l2.1 2.1 1-1L9 8l2.1-2.1-1-1L8 7z',
  off: 'M8 1.5a6.5 6.5 0 1 1 0 13 6.5 6.5 0 0 1 0-13zm0 2a4.5 4.5 0 1 0 0 9 4.5 4.5 0 0 0 0-9z',
};

export function StatusMark({ tone, label, iconOnly = false, size = 12 }: Props) {
  return (
    <span className={classes.mark} data-tone={tone} title={iconOnly ? label : undefined}>
      <svg width={size} height={size} viewBox="0 0 16 16" fill="currentColor" fillRule="evenodd" aria-hidden="true">
        <path d={SHAPES[tone]} />
      </svg>
      {iconOnly ? <span className={classes.hidden}>{label}</span> : <span>{label}</span>}
    </span>
  );
}
