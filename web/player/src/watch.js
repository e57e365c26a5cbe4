// The watch page: the player, and around it what is known of the stream.
import { pageOptions, shareAddresses } from './address.js';
import { Player } from './player.js';
import { Show } from './show.js';
import { countOf, moment } from './words.js';

const element = (id) => document.getElementById(id);

// Text goes in as text. What is the same already is left alone: a screen reader need not hear it again.
function say(id, text) {
  if (element(id).textContent !== text) element(id).textContent = text;
}

function when(about) {
  if (about.live && about.startedAt) return `since ${moment(about.startedAt)}`;
  if (about.recordedAt) return `Recorded ${moment(about.recordedAt)}`;
  if (about.over) return 'Ended';
  if (about.scheduledAt && new Date(about.scheduledAt) > new Date()) return `Begins ${moment(about.scheduledAt)}`;
  return about.title && !about.live && !about.startedAt ? 'Not started' : '';
}

function describe(about) {
  if (about.title) document.title = about.title;
  say('title', about.title ?? '');
  say('station', about.stationName || 'Everycast');
  say('text', about.description ?? '');
  element('badge').hidden = !about.live;
  say('viewers', about.live ? `${countOf(about.viewerCount, 'viewer', 'viewers')}` : '');
  say('when', when(about));
}

const options = pageOptions();
const player = new Player(element('player'), { muted: options.muted, theatre: true, share: shareAddresses() });
const show = new Show(player, { ...options, autoplay: true });
show.addEventListener('about', ({ detail }) => describe(detail));
show.begin();
