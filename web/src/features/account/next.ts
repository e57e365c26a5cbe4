// Where to go after signing in. Only places of this app: an address from outside must not lead people elsewhere. Pure.
const BASE = 'https://app.invalid';

export function placeAfter(search: string, home: string): string {
  const wanted = new URLSearchParams(search).get('next');
  if (!wanted?.startsWith('/')) return home;
  let url: URL;
  try {
    // As a browser reads it: "//x", "/\x" and "/<tab>/x" name another host.
    url = new URL(wanted, BASE);
  } catch {
    return home;
  }
  if (url.origin !== BASE || url.pathname.startsWith('//')) return home;
  if (url.pathname === '/sign-in' || url.pathname === '/sign-up') return home;
  return url.pathname + url.search + url.hash;
}

export const homeOf = (role: string): string => (role === 'viewer' ? '/' : '/dashboard');
