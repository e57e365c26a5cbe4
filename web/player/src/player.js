// Player: a video with its controls and a place for words over it. It plays what it is given and knows nothing of streams'
// lives: show.js does. Events: 'play' (somebody wants to watch), 'trouble' (detail: {why}), 'ended', 'picture' (the first one).
import { Controls } from './controls.js';
import { chooseEngine } from './engines.js';
import { make } from './make.js';
import { Stage } from './stage.js';

const SLOW_TICK_MS = 500;
const POSTER_AGAIN_MS = 10_000;

export class Player extends EventTarget {
  #engine;
  #turn = 0;
  #posterFailedAt = -Infinity;

  constructor(root, { muted = false } = {}) {
    super();
    this.root = root;
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
    setInterval(() => this.#tick(), SLOW_TICK_MS);
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
