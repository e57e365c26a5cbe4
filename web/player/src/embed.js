// The bare player, for a frame in another page.
import { pageOptions, shareAddresses, watchAddress } from './address.js';
import { Player } from './player.js';
import { Show } from './show.js';

const options = pageOptions();
const player = new Player(document.getElementById('player'), { muted: options.muted, share: shareAddresses() });
const show = new Show(player, options);
show.addEventListener('about', ({ detail }) => {
  if (detail.title) document.title = detail.title;
  player.caption(detail.title ?? '', watchAddress());
});
show.begin();
