// Elements, without markup in text: nothing foreign can become one.

export function make(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.append(...children);
  return element;
}

const SVG = 'http://www.w3.org/2000/svg';
const SHAPES = {
  play: 'M7 4.5v15l12.5-7.5z',
  pause: 'M6.5 5h4v14h-4zM13.5 5h4v14h-4z',
  sound: 'M4 9.5v5h3.5L12 19V5L7.5 9.5zM14.5 8.2a4.6 4.6 0 0 1 0 7.6v-1.9a3 3 0 0 0 0-3.8zM14.5 4.6a8 8 0 0 1 0 14.8v-1.8a6.4 6.4 0 0 0 0-11.2z',
  silence: 'M4 9.5v5h3.5L12 19V5L7.5 9.5zM15 9.6l1.1-1.1 1.9 1.9 1.9-1.9L21 9.6l-1.9 1.9 1.9 1.9-1.1 1.1-1.9-1.9-1.9 1.9-1.1-1.1 1.9-1.9z',
  widen: 'M4 9V4h5v2H6v3zM15 4h5v5h-2V6h-3zM4 15h2v3h3v2H4zM18 15h2v5h-5v-2h3z',
  choices: 'M4 6.2h9.2a2.9 2.9 0 0 1 5.6 0H20v1.6h-1.2a2.9 2.9 0 0 1-5.6 0H4zM4 16.2h1.2a2.9 2.9 0 0 1 5.6 0H20v1.6h-9.2a2.9 2.9 0 0 1-5.6 0H4z',
  theatre: 'M3 6h18v12H3zm2 2v8h14V8z',
  desk: 'M3 6h18v12H3zm2 2v8h8V8z',
  share: 'M13 4.5 20.5 12 13 19.5V15c-4.6-.2-7.4 1-9.5 4 .6-5.2 3.4-9.1 9.5-10z',
  narrow: 'M7 4h2v5H4V7h3zM15 4h2v3h3v2h-5zM4 15h5v5H7v-3H4zM15 15h5v2h-3v3h-2z',
};

export function icon(name) {
  const svg = document.createElementNS(SVG, 'svg');
  svg.setAttribute('viewBox', '0 0 24 24');
  svg.setAttribute('aria-hidden', 'true');
  const shape = document.createElementNS(SVG, 'path');
  shape.setAttribute('d', SHAPES[name]);
  svg.append(shape);
  return svg;
}

// A button with a picture; show(name, label) changes both.
export function iconButton(name, label, onClick) {
  const button = make('button', { type: 'button', class: 'icon' });
  let shown;
  button.show = (next, text) => {
    if (shown === next) return;
    shown = next;
    button.replaceChildren(icon(next));
    button.setAttribute('aria-label', text);
    button.title = text;
  };
  button.show(name, label);
  button.addEventListener('click', onClick);
  return button;
}
