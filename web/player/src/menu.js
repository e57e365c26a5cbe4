// Menu: what can be chosen about the picture, above the bar: groups of choices, one of each taken.
import { make } from './make.js';

const MOVES = { arrowdown: 1, arrowup: -1 };

export class Menu {
  // `groups()`: [{name, choices: [{label, chosen, choose()}]}], asked for each time it opens.
  constructor(button, label, groups, signal) {
    this.button = button;
    this.groups = groups;
    this.element = make('div', { class: 'menu', role: 'menu', 'aria-label': label, hidden: '' });
    button.setAttribute('aria-haspopup', 'menu');
    button.setAttribute('aria-expanded', 'false');
    button.addEventListener('click', () => (this.element.hidden ? this.open() : this.close()));
    this.element.addEventListener('keydown', (event) => this.#key(event));
    document.addEventListener('pointerdown', ({ target }) => {
      if (!this.element.contains(target) && !button.contains(target)) this.close();
    }, { signal });
  }

  open() {
    this.#fill();
    this.element.hidden = false;
    this.button.setAttribute('aria-expanded', 'true');
    this.element.querySelector('[aria-checked="true"]')?.focus();
  }
  close() {
    if (this.element.hidden) return;
    if (this.element.contains(document.activeElement)) this.button.focus();
    this.element.hidden = true;
    this.button.setAttribute('aria-expanded', 'false');
  }

  #fill() {
    this.element.replaceChildren(...this.groups().map(({ name, choices }) => make('div', { role: 'group', 'aria-label': name },
      make('p', { 'aria-hidden': 'true' }, name),
      ...choices.map(({ label, chosen, choose }) => {
        const item = make('button', { type: 'button', role: 'menuitemradio', 'aria-checked': String(chosen), tabindex: -1 }, label);
        item.addEventListener('click', () => {
          choose();
          this.close();
        });
        return item;
      }))));
  }
  #key(event) {
    const key = event.key.toLowerCase();
    if (key === 'tab') return void this.close();
    const items = [...this.element.querySelectorAll('button')];
    const at = items.indexOf(document.activeElement);
    if (key === 'escape') this.close();
    else if (key in MOVES) items.at((at + MOVES[key]) % items.length).focus();
    else if (key === 'home' || key === 'end') items.at(key === 'home' ? 0 : -1).focus();
    else return;
    event.preventDefault();
    event.stopPropagation();
  }
}
