// Stage: what stands over the picture where there is none: why, what comes, and what one can do.
import { icon, make } from './make.js';

export class Stage {
  constructor() {
    this.headline = make('p', { class: 'headline' });
    this.detail = make('p', { class: 'detail' });
    // Counts by itself: a screen reader need not hear every second.
    this.counter = make('p', { class: 'counter', 'aria-live': 'off' });
    this.button = make('button', { type: 'button', class: 'action', hidden: '' });
    this.bigPlay = make('button', { type: 'button', class: 'big-play', 'aria-label': 'Play', hidden: '' }, icon('play'));
    this.words = make('div', { class: 'words', role: 'status' }, this.headline, this.detail);
    this.element = make('div', { class: 'stage' }, this.bigPlay, this.words, this.counter, this.button);
    this.bigPlay.addEventListener('click', () => this.onPlay?.());
    this.button.addEventListener('click', () => this.onAction?.());
  }

  // `name` goes into data-stage; a stage without words shows none.
  show(name, { headline = '', detail = '', counter = '', action = '', onAction } = {}) {
    this.element.dataset.stage = name;
    const say = (element, text) => { if (element.textContent !== text) element.textContent = text; };
    say(this.headline, headline);
    say(this.detail, detail);
    say(this.counter, counter);
    say(this.button, action);
    this.button.hidden = !action;
    this.onAction = onAction;
    this.bigPlay.hidden = name !== 'ready';
  }
}
