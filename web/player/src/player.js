// Player: a video with its controls and a place for words over it. It plays what it is given and knows nothing of streams'
// lives: show.js does. Events: 'play' (somebody wants to watch), 'trouble' (detail: {why}), 'ended', 'picture' (the first one),
// 'pace' (detail: {steady}: somebody wants whole segments, or low latency), 'theatre' (detail: {on}).
import { Controls } from './controls.js';
import { chooseEngine } from './engines.js';
import { make } from './make.js';
import { Stage } from './stage.js';

const SLOW_TICK_MS = 500;
const POSTER_AGAIN_MS = 10_000;

// The best first, and first of all what fits by itself.
function qualities(engine, levels) {
  const choice = (label, id) => ({ label, chosen: engine.level() === id, choose: () => engine.setLevel(id) });
  const byHeight = [...levels].sort((one, other) => other.height - one.height || other.bitrate - one.bitrate);
  return [choice('Auto', -1), ...byHeight.map(({ id, height, bitrate }) => choice(height ? `${height}p` : `${Math.round(bitrate / 1000)} kbit/s`, id))];
}

function captionChoices(tracks) {
  const only = (wanted) => () => tracks.forEach((track) => { track.mode = track === wanted ? 'showing' : 'disabled'; });
  const off = { label: 'Off', chosen: tracks.every(({ mode }) => mode !== 'showing'), choose: only(undefined) };
  return [off, ...tracks.map((track) => ({ label: track.label || track.language || 'Captions', chosen: track.mode === 'showing', choose: only(track) }))];
}

export class Player extends EventTarget {
  #engine;
  #turn = 0;
  #posterFailedAt = -Infinity;
  #timer;
  #gone = new AbortController();

  // `theatre`: there is a page around that can make room. `share`: {link, embed}, the addresses to give away.
  constructor(root, { muted = false, theatre = false, share } = {}) {
    super();
    this.root = root;
    this.options = { theatre, share };
    this.video = make('video', { playsinline: '', preload: 'none', 'aria-label': 'Video' });
    this.video.muted = muted;
    this.poster = make('img', { class: 'poster', alt: '', hidden: '' });
    this.poster.addEventListener('error', () => {
      this.poster.hidden = true;
      this.#posterFailedAt = performance.now();
    });
    this.stage = new Stage();
    this.controls = new Controls(this);
    root.tabIndex = -1;
    root.setAttribute('role', 'region');
    root.setAttribute('aria-label', 'Player');
    root.append(this.video, this.poster, this.stage.element, this.controls.element);
    this.stage.onPlay = () => this.dispatchEvent(new Event('play'));
    this.video.addEventListener('ended', () => this.dispatchEvent(new Event('ended')));
    this.video.addEventListener('playing', () => {
      this.poster.hidden = true;
      this.dispatchEvent(new Event('picture'));
    });
    for (const name of ['waiting', 'playing', 'seeking', 'seeked', 'emptied']) this.video.addEventListener(name, () => this.#busy(name));
    this.#timer = setInterval(() => this.#tick(), SLOW_TICK_MS);
  }

  // Aborted when the player goes: what listens to the document goes with it.
  get gone() {
    return this.#gone.signal;
  }
  get active() {
    return this.#engine !== undefined;
  }
  get latency() {
    return this.#engine?.latency();
  }
  // As near to live as this way of playing gets.
  get atLiveEdge() {
    const behind = this.latency;
    return behind === undefined || behind <= this.#engine.slack();
  }
  // There is more to show without asking anybody.
  get hasMore() {
    const { buffered, currentTime } = this.video;
    return buffered.length > 0 && buffered.end(buffered.length - 1) - currentTime > 0.3;
  }

  // {hlsUrl, flvUrl, live, engine: what the page's address wants, plain, startAt: seconds}
  async open({ hlsUrl, flvUrl, live, engine = '', plain = false, startAt }) {
    this.close();
    const turn = this.#turn;
    const start = chooseEngine(this.video, { wanted: engine, flvUrl });
    if (!start) {
      this.dispatchEvent(new CustomEvent('trouble', { detail: { why: 'unsupported' } }));
      return;
    }
    this.live = live;
    this.plain = plain;
    this.controls.mode(live);
    this.root.classList.add('busy');
    this.#engine = { latency: () => undefined, slack: () => 0, keepUp() {}, toLiveEdge() {}, stop() {} };
    const onTrouble = (detail) => {
      if (turn !== this.#turn) return;
      this.#engine = undefined;
      this.dispatchEvent(new CustomEvent('trouble', { detail }));
    };
    try {
      const isFlv = engine.startsWith('flv') && flvUrl;
      const started = await start(this.video, isFlv ? flvUrl : hlsUrl, { onTrouble, live, plain, startAt, socket: engine === 'flv-ws' });
      if (turn !== this.#turn) return void started.stop();
      // Trouble may have come before the start was over.
      if (this.#engine) this.#engine = started;
      this.root.dataset.engine = started.name;
    } catch {
      onTrouble({ why: 'network', text: 'The player itself could not be fetched.' });
      return;
    }
    await this.play();
  }

  close() {
    this.#turn += 1;
    this.#engine?.stop();
    this.#engine = undefined;
    this.root.classList.remove('busy');
    delete this.root.dataset.engine;
  }

  // Leaves the place as it was found.
  destroy() {
    if (this.gone.aborted) return;
    this.close();
    clearInterval(this.#timer);
    this.#gone.abort();
    this.controls.destroy();
    this.root.replaceChildren();
    this.root.classList.remove('busy', 'paused', 'resting', 'theatre');
    delete this.root.dataset.stage;
  }

  // Browsers let a page make sound only after a touch: then it plays without, and offers it.
  async play() {
    const turn = this.#turn;
    try {
      await this.video.play();
      this.controls.offerSound(false);
    } catch (refused) {
      if (refused.name !== 'NotAllowedError' || turn !== this.#turn) return;
      this.video.muted = true;
      await this.video.play().then(() => this.controls.offerSound(true), () => {});
    }
  }

  pause() {
    this.video.pause();
  }
  toggle() {
    if (!this.active) return void this.dispatchEvent(new Event('play'));
    if (!this.video.paused) return void this.pause();
    if (this.live && !this.atLiveEdge) this.toLiveEdge();
    return void this.play();
  }
  toggleSound() {
    this.video.muted = !this.video.muted;
    if (!this.video.muted && this.video.volume === 0) this.video.volume = 0.5;
    this.controls.offerSound(false);
  }
  toLiveEdge() {
    this.#engine?.toLiveEdge();
    if (this.video.paused) this.play();
  }
  toggleFullscreen() {
    if (document.fullscreenElement) return void document.exitFullscreen();
    if (this.root.requestFullscreen) return void this.root.requestFullscreen().catch(() => {});
    return void this.video.webkitEnterFullscreen?.();
  }

  toggleTheatre() {
    const on = this.root.classList.toggle('theatre');
    this.dispatchEvent(new CustomEvent('theatre', { detail: { on } }));
  }
  // By so many seconds; live, as far back as there is something.
  seekBy(seconds) {
    const { video } = this;
    const last = video.seekable.length - 1;
    if (last < 0) return;
    const to = video.currentTime + seconds;
    if (this.live && seconds > 0 && to >= video.seekable.end(last) - 1) return void this.toLiveEdge();
    if (this.live) this.#engine?.stray?.();
    video.currentTime = Math.min(Math.max(video.seekable.start(0), to), video.seekable.end(last));
  }
  changeVolume(by) {
    this.video.volume = Math.min(1, Math.max(0, this.video.volume + by));
    this.video.muted = this.video.volume === 0;
  }

  // What can be chosen about the picture: [{name, choices: [{label, chosen, choose()}]}].
  get choices() {
    const groups = [];
    const engine = this.#engine;
    const levels = engine?.levels?.() ?? [];
    if (levels.length > 1) groups.push({ name: 'Quality', choices: qualities(engine, levels) });
    if (this.live && engine?.name === 'hls') {
      const pace = (label, steady) => ({ label, chosen: this.plain === steady, choose: () => this.plain !== steady && this.dispatchEvent(new CustomEvent('pace', { detail: { steady } })) });
      groups.push({ name: 'Delay', choices: [pace('Low latency', false), pace('Steady', true)] });
    }
    const tracks = this.captions;
    if (tracks.length > 0) groups.push({ name: 'Captions', choices: captionChoices(tracks) });
    return groups;
  }
  get captions() {
    return [...this.video.textTracks].filter(({ kind }) => kind === 'subtitles' || kind === 'captions');
  }
  toggleCaptions() {
    const tracks = this.captions;
    const shown = tracks.some(({ mode }) => mode === 'showing');
    tracks.forEach((track, n) => { track.mode = !shown && n === 0 ? 'showing' : 'disabled'; });
  }

  // Again and again: a stream that has just begun has no picture yet.
  showPoster(url) {
    const failed = performance.now() - this.#posterFailedAt;
    if (!url || failed < POSTER_AGAIN_MS || (failed === Infinity && this.poster.getAttribute('src') === url)) return;
    this.#posterFailedAt = -Infinity;
    this.poster.src = url;
    this.poster.hidden = this.video.currentTime > 0;
  }
  caption(title, address) {
    this.controls.caption(title, address);
  }

  #busy(name) {
    this.root.classList.toggle('busy', this.active && ['waiting', 'seeking', 'emptied'].includes(name));
  }
  #tick() {
    if (!this.active) return;
    if (this.live && !this.video.paused) this.#engine.keepUp();
    this.controls.refresh();
  }
}
