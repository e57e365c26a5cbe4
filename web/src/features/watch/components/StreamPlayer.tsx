// The one player of all pages (web/player/src), as a component: it plays a stream or a recording, and says what is on.
import '@player/player.css';
import { Player } from '@player/player.js';
import { Show, type About } from '@player/show.js';
import { useEffect, useRef } from 'react';
import { authorizedFetch } from '@/shared/api/client';
import { useServerEvent } from '@/shared/events/EventsProvider';
import classes from './StreamPlayer.module.css';

export type { About };

interface Props {
  /** A playback id, or a recording's id. Another id is another player: give it as `key` too. */
  id: string;
  recording?: boolean;
  autoplay?: boolean;
  muted?: boolean;
  onAbout?: (about: About) => void;
  /** Given where the page can make room. */
  onTheatre?: (on: boolean) => void;
}

export default function StreamPlayer({ id, recording = false, autoplay = true, muted = false, onAbout, onTheatre }: Props) {
  const root = useRef<HTMLDivElement>(null);
  const show = useRef<Show | undefined>(undefined);
  const said = useRef({ onAbout, onTheatre });
  said.current = { onAbout, onTheatre };
  const theatre = onTheatre !== undefined;

  useEffect(() => {
    const player = new Player(root.current!, { muted, theatre });
    const playing = new Show(player, { id, recording, token: '', autoplay, engine: '', plain: false, fetch: askedAsUser });
    playing.addEventListener('about', (event) => said.current.onAbout?.((event as CustomEvent<About>).detail));
    player.addEventListener('theatre', (event) => said.current.onTheatre?.((event as CustomEvent<{ on: boolean }>).detail.on));
    show.current = playing;
    playing.begin();
    return () => {
      playing.destroy();
      player.destroy();
      show.current = undefined;
    };
  }, [id, recording, autoplay, muted, theatre]);

  const ask = () => show.current?.ask();
  useServerEvent('livestream.changed', ask);
  useServerEvent('station.changed', ask);
  useServerEvent('ingest.started', ask);
  useServerEvent('ingest.lost', ask);
  useServerEvent('recording.changed', ask);

  return <div ref={root} className={`player ${classes.player}`} />;
}

const askedAsUser = (url: string, how: RequestInit) => authorizedFetch(new Request(new URL(url, location.origin), how));
