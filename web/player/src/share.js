// SharePanel: the page's address and the code that embeds it, to be copied.
import { make } from './make.js';

export const frameCode = (address) => `<iframe src="${address.replaceAll('&', '&amp;').replaceAll('"', '&quot;')}" width="960" height="540" allow="autoplay; fullscreen; picture-in-picture" allowfullscreen></iframe>`;

// Where a page is not trusted with the clipboard, the text is selected instead, and the keys do it.
async function copy(input) {
  input.select();
  try {
    await navigator.clipboard.writeText(input.value);
    return true;
  } catch {
    return document.execCommand?.('copy') ?? false;
  }
}

function line(label, text) {
  const input = make('input', { type: 'text', readonly: '', 'aria-label': label });
  input.value = text;
  const button = make('button', { type: 'button', class: 'action', 'aria-label': `Copy: ${label}` }, 'Copy');
  button.addEventListener('click', async () => {
    if (!(await copy(input))) return;
    button.textContent = 'Copied';
    setTimeout(() => { button.textContent = 'Copy'; }, 2_000);
  });
  input.addEventListener('focus', () => input.select());
  return make('div', { class: 'line' }, make('span', { 'aria-hidden': 'true' }, label), input, button);
}

export class SharePanel {
  // {link, embed}: addresses.
  constructor(button, { link, embed }, signal) {
    this.button = button;
    this.element = make('div', { class: 'menu share', role: 'dialog', 'aria-label': 'Share', hidden: '' }, line('Link', link), line('Embed code', frameCode(embed)));
    button.setAttribute('aria-haspopup', 'dialog');
    button.setAttribute('aria-expanded', 'false');
    button.addEventListener('click', () => this.#show(this.element.hidden));
    this.element.addEventListener('keydown', (event) => {
      if (event.key !== 'Escape') return;
      event.preventDefault();
      this.#show(false);
      button.focus();
    });
    document.addEventListener('pointerdown', ({ target }) => {
      if (!this.element.contains(target) && !button.contains(target)) this.#show(false);
    }, { signal });
  }
  #show(shown) {
    this.element.hidden = !shown;
    this.button.setAttribute('aria-expanded', String(shown));
    if (shown) this.element.querySelector('input').focus();
  }
}
