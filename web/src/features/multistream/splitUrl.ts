// A platform's whole URL, pasted, is cut where the key begins: at the last "/" of the path, before any "?". The server URL may
// have a query of its own ("live2?backup=1"), so a path of one part is all server. Pure.
export interface PushAddress {
  serverUrl: string;
  key: string;
}

const withoutTrailingSlash = (url: string): string => url.replace(/\/+$/, '');

export function splitPastedUrl(pasted: string): PushAddress {
  const text = pasted.trim();
  const schemeEnd = text.indexOf('://');
  if (schemeEnd < 0) return { serverUrl: text, key: '' };
  const host = schemeEnd + 3;
  const query = text.indexOf('?', host);
  const beforeQuery = query < 0 ? text : text.slice(0, query);
  const path = beforeQuery.indexOf('/', host);
  const cut = beforeQuery.lastIndexOf('/');
  if (path < 0 || cut === path) return { serverUrl: query < 0 ? withoutTrailingSlash(text) : text, key: '' };
  return { serverUrl: withoutTrailingSlash(text.slice(0, cut)), key: text.slice(cut + 1) };
}

/** Whether this is a URL to push to, and no key. */
export const isPushUrl = (text: string): boolean => /^\s*(rtmps?|https?):\/\//i.test(text);
