// What the page's own address says: which stream, with which right, and how to play it.

const switched = (query, name) => query.has(name) && !['0', 'false', 'no'].includes(query.get(name));

export function pageOptions(body = document.body, place = window.location) {
  const query = new URLSearchParams(place.search);
  return {
    id: body.dataset.id,
    recording: body.dataset.kind === 'recording',
    // Given on to the API and to the media.
    token: query.get('token') ?? '',
    autoplay: switched(query, 'autoplay'),
    muted: switched(query, 'muted'),
    // hls | flv | flv-ws | native; nothing: what fits the browser.
    engine: query.get('player') ?? '',
    // Whole segments only.
    plain: switched(query, 'plain'),
  };
}

// The same stream's own page.
export function watchAddress(place = window.location) {
  return `${place.pathname.replace(/^\/embed\//, '/watch/')}${place.search}`;
}

// What one gives away: never the right to watch that stands in this page's own address.
export function shareAddresses(place = window.location) {
  const at = (page) => `${place.origin}${place.pathname.replace(/^\/(watch|embed)\//, `/${page}/`)}`;
  return { link: at('watch'), embed: at('embed') };
}

// Media are asked for where the page came from, by whatever name that is: the server's idea of its own name need not be the
// viewer's. Nothing for an address of anybody else.
export function ownAddress(url, base = window.location.href) {
  if (!url) return undefined;
  const whole = new URL(url, base);
  const own = new URL(base);
  if (whole.origin !== own.origin && !/^\/(live|vod)\//.test(whole.pathname)) return undefined;
  return new URL(`${whole.pathname}${whole.search}`, own).href;
}

// `url` with what is given added to its query, where it is not there already.
export function withQuery(url, values, base = window.location.href) {
  if (!url) return undefined;
  const whole = new URL(url, base);
  for (const [name, value] of Object.entries(values)) {
    if (value && !whole.searchParams.has(name)) whole.searchParams.set(name, value);
  }
  return whole.href;
}
