// What the app uses of the player's modules (web/player/src), as TypeScript sees it.
declare module 'hls.js/dist/hls.light.min.mjs' {
  export { default } from 'hls.js/light';
}

declare module '@player/player.js' {
  export interface PlayerOptions {
    muted?: boolean;
    theatre?: boolean;
    share?: { link: string; embed: string };
  }
  export class Player extends EventTarget {
    constructor(root: HTMLElement, options?: PlayerOptions);
    readonly video: HTMLVideoElement;
    readonly active: boolean;
    toggleTheatre(): void;
    destroy(): void;
  }
}

declare module '@player/show.js' {
  import type { Player } from '@player/player.js';

  /** What is on, as the server says it. */
  export interface About {
    title?: string;
    description?: string;
    live: boolean;
    over?: boolean;
    restricted?: boolean;
    unknown?: boolean;
    startedAt?: string | null;
    viewerCount?: number;
    hlsUrl?: string;
    /** Of a recording. */
    status?: string;
  }
  export interface ShowOptions {
    id: string;
    recording: boolean;
    token: string;
    autoplay: boolean;
    engine: string;
    plain: boolean;
    /** Who asks the server. */
    fetch?: (url: string, how: RequestInit) => Promise<Response>;
  }
  export class Show extends EventTarget {
    constructor(player: Player, options: ShowOptions);
    begin(): void;
    /** Asks the server now. */
    ask(): void;
    destroy(): void;
  }
}
