// LIVE, in the colour of that state: white on red in both themes.
import { common } from '@/text/en/common';
import classes from './LiveBadge.module.css';

export function LiveBadge() {
  return <span className={classes.live}>{common.state.live}</span>;
}
