// Controls: the bar under the picture, and the keys: space or k, m, f, t for theatre, c for captions, arrows for time and sound,
// l to the live edge; in a recording j and l are longer steps.
import { iconButton, make } from './make.js';
import { Menu } from './menu.js';
import { SharePanel } from './share.js';
import { playingTime, seconds } from './words.js';

const HIDE_AFTER_MS = 3_000;
const STEP_S = 5;
const LONG_STEP_S = 10;
const VOLUME_STEP = 0.1;
const SEEK_STEPS = 1_000;
// Whoever uses these outside of the player means them there.
const OCCUPIED = 'a[href], button, input, textarea, select, summary, [contenteditable], [role=dialog], [role=menu], [role=listbox], [role=tablist], [role=slider]';

export class Controls {
  #hideTimer;
  #seeking = false;

  constructor(player) {
    this.player = player;
    this.video = player.video;
    this.playButton = iconButton('play', 'Play (k)', () => player.toggle());
    this.liveButton = make('button', { type: 'button', class: 'live', hidden: '' }, 'LIVE');
    this.liveButton.addEventListener('click', () => player.toLiveEdge());
    this.latency = make('span', { class: 'latency', title: 'How far behind live this picture is' });
    this.time = make('span', { class: 'time', hidden: '' });
    this.seek = make('input', { type: 'range', class: 'seek', min: 0, max: SEEK_STEPS, step: 1, value: 0, 'aria-label': 'Position', hidden: '' });
    this.soundButton = iconButton('sound', 'Mute (m)', () => player.toggleSound());
    this.volume = make('input', { type: 'range', class: 'volume', min: 0, max: 100, step: 1, 'aria-label': 'Volume' });
    this.choicesButton = iconButton('choices', 'Picture settings', () => {});
    this.choicesButton.hidden = true;
    this.menu = new Menu(this.choicesButton, 'Picture settings', () => player.choices, player.gone);
    const { theatre, share } = player.options;
    this.shareButton = share && iconButton('share', 'Share', () => {});
    this.sharing = share && new SharePanel(this.shareButton, share, player.gone);
    this.theatreButton = theatre && iconButton('theatre', 'Theatre (t)', () => player.toggleTheatre());
    this.wideButton = iconButton('widen', 'Full screen (f)', () => player.toggleFullscreen());
    this.offer = make('button', { type: 'button', class: 'offer', hidden: '' }, 'Unmute');
    this.offer.addEventListener('click', () => player.toggleSound());
    this.title = make('a', { class: 'caption', target: '_blank', rel: 'noopener', hidden: '' });
    const right = [this.soundButton, this.volume, this.choicesButton, this.shareButton, this.theatreButton, this.wideButton].filter(Boolean);
    const bar = make('div', { class: 'bar' }, this.playButton, this.liveButton, this.latency, this.time, make('span', { class: 'gap' }), ...right);
    const panels = [this.menu.element, this.sharing?.element].filter(Boolean);
    this.element = make('div', { class: 'controls' }, this.title, this.offer, make('div', { class: 'below' }, ...panels, this.seek, bar));
    this.#listen();
    this.#showSound();
  }

  // Live or recorded.
  mode(live) {
    this.liveButton.hidden = !live;
    this.latency.hidden = !live;
    this.seek.hidden = live;
    this.time.hidden = live;
    this.refresh();
  }
  offerSound(offered) {
    this.offer.hidden = !offered;
  }
  caption(title, address) {
    this.title.textContent = title;
    this.title.href = address;
    this.title.hidden = !title;
  }

  refresh() {
    const { paused, duration, currentTime } = this.video;
    const stopped = paused || !this.player.active;
    this.playButton.show(stopped ? 'play' : 'pause', stopped ? 'Play (k)' : 'Pause (k)');
    this.player.root.classList.toggle('paused', paused);
    this.choicesButton.hidden = this.player.choices.length === 0;
    if (this.player.live) return this.#refreshLive(paused);
    if (this.#seeking || !Number.isFinite(duration)) return;
    this.time.textContent = `${playingTime(currentTime)} / ${playingTime(duration)}`;
    this.seek.value = Math.round((currentTime / duration) * SEEK_STEPS) || 0;
    this.#showSeek(currentTime, duration);
  }

  destroy() {
    clearTimeout(this.#hideTimer);
  }

  #refreshLive(paused) {
    const behind = this.player.latency;
    const live = this.player.active && !paused && this.player.atLiveEdge;
    this.liveButton.classList.toggle('on', live);
    this.liveButton.setAttribute('aria-label', live ? 'Live' : 'Go to live');
    this.liveButton.title = live ? 'Live' : 'Go to live';
    this.latency.textContent = behind === undefined || paused ? '' : `${seconds(behind)} behind`;
  }

  #showSeek(at, duration) {
    this.seek.style.setProperty('--part', `${(100 * at) / duration}%`);
    this.seek.setAttribute('aria-valuetext', `${playingTime(at)} of ${playingTime(duration)}`);
  }
  #showSound() {
    const { muted, volume } = this.video;
    const silent = muted || volume === 0;
    this.soundButton.show(silent ? 'silence' : 'sound', silent ? 'Unmute (m)' : 'Mute (m)');
    this.volume.value = silent ? 0 : Math.round(volume * 100);
    this.volume.style.setProperty('--part', `${this.volume.value}%`);
    if (!muted) this.offer.hidden = true;
  }

  #listen() {
    const { video, player } = this;
    for (const name of ['play', 'pause', 'playing', 'timeupdate', 'durationchange']) video.addEventListener(name, () => this.refresh());
    video.addEventListener('volumechange', () => this.#showSound());
    this.volume.addEventListener('input', () => {
      video.volume = this.volume.value / 100;
      video.muted = video.volume === 0;
    });
    this.seek.addEventListener('input', () => {
      this.#seeking = true;
      const at = (this.seek.value / SEEK_STEPS) * video.duration;
      this.time.textContent = `${playingTime(at)} / ${playingTime(video.duration)}`;
      this.#showSeek(at, video.duration);
    });
    this.seek.addEventListener('change', () => {
      this.#seeking = false;
      if (Number.isFinite(video.duration)) video.currentTime = (this.seek.value / SEEK_STEPS) * video.duration;
    });
    const { gone: signal } = player;
    document.addEventListener('keydown', (event) => this.#key(event), { signal });
    player.addEventListener('theatre', ({ detail }) => this.theatreButton?.show(detail.on ? 'desk' : 'theatre', detail.on ? 'Leave theatre (t)' : 'Theatre (t)'));
    document.addEventListener('fullscreenchange', () => {
      const wide = document.fullscreenElement !== null;
      this.wideButton.show(wide ? 'narrow' : 'widen', wide ? 'Leave full screen (f)' : 'Full screen (f)');
    }, { signal });
    const { root } = player;
    for (const name of ['pointermove', 'pointerdown', 'focusin', 'keydown']) root.addEventListener(name, () => this.#wake(), { signal });
    root.addEventListener('pointerleave', () => this.#rest(), { signal });
    // A finger shows the bar first; a mouse plays and pauses.
    video.addEventListener('click', (event) => { if (event.pointerType !== 'touch') player.toggle(); });
    video.addEventListener('dblclick', () => player.toggleFullscreen());
    this.#wake();
  }

  #wake() {
    this.player.root.classList.remove('resting');
    clearTimeout(this.#hideTimer);
    this.#hideTimer = setTimeout(() => this.#rest(), HIDE_AFTER_MS);
  }
  #rest() {
    // Whoever goes through the buttons by keys keeps them.
    if (this.video.paused || this.element.querySelector(':focus-visible, .menu:not([hidden])')) return;
    this.player.root.classList.add('resting');
  }

  #key(event) {
    if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
    const { target } = event;
    const { root } = this.player;
    const inside = root.contains(target) || document.fullscreenElement === root;
    if (!inside && target.closest(OCCUPIED)) return;
    if (target.closest('input:not([type=range]), textarea, select, [contenteditable]')) return;
    const key = event.key.toLowerCase();
    // Elsewhere they move the page.
    if (['arrowup', 'arrowdown'].includes(key) && !inside) return;
    // A button and a slider have their own meaning for these.
    if (key === ' ' && target.closest('button, a')) return;
    if (key.startsWith('arrow') && target.closest('input')) return;
    const action = this.#actions()[key];
    if (!action) return;
    event.preventDefault();
    action();
    this.#wake();
  }
  #actions() {
    const { player, video } = this;
    const step = (by) => () => player.seekBy(by);
    const always = {
      ' ': () => player.toggle(),
      k: () => player.toggle(),
      m: () => player.toggleSound(),
      f: () => player.toggleFullscreen(),
      c: () => player.toggleCaptions(),
      arrowup: () => player.changeVolume(VOLUME_STEP),
      arrowdown: () => player.changeVolume(-VOLUME_STEP),
      ...(player.options.theatre && { t: () => player.toggleTheatre() }),
    };
    if (!player.active) return always;
    const steps = { ...always, arrowleft: step(-STEP_S), arrowright: step(STEP_S), j: step(-LONG_STEP_S) };
    if (player.live) return { ...steps, l: () => player.toLiveEdge() };
    return Number.isFinite(video.duration) ? { ...steps, l: step(LONG_STEP_S) } : always;
  }
}
