// The latest still picture of a live stream; where there is none (yet), its room.
import { IconAntenna } from '@tabler/icons-react';
import { useEffect, useState } from 'react';
import classes from './Shows.module.css';

// The server makes a new one about that often.
const EVERY_MS = 20_000;

export function LivePicture({ url }: { url: string | undefined }) {
  const [turn, setTurn] = useState(0);
  const [failed, setFailed] = useState(-1);
  useEffect(() => {
    if (!url) return undefined;
    const timer = setInterval(() => document.visibilityState === 'visible' && setTurn((n) => n + 1), EVERY_MS);
    return () => clearInterval(timer);
  }, [url]);
  if (!url || failed === turn) return <IconAntenna size={40} stroke={1} className={classes.none} aria-hidden="true" />;
  return <img src={`${url}${url.includes('?') ? '&' : '?'}at=${turn}`} alt="" onError={() => setFailed(turn)} />;
}
