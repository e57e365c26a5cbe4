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

// `url` with what is given added to its query, where it is not there already.
export function withQuery(url, values, base = window.location.href) {
  const whole = new URL(url, base);
  for (const [name, value] of Object.entries(values)) {
    if (value && !whole.searchParams.has(name)) whole.searchParams.set(name, value);
  }
  return whole.href;
}
