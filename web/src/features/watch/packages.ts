// The libraries that play, for the player's modules in the app's bundle: see player/src/packages.js.
export const loadHls = async () => (await import('hls.js/dist/hls.light.min.mjs')).default;

/** FLV is asked for by an address of the plain pages alone. */
export const loadMpegts = (): Promise<never> => Promise.reject(new Error('This player has no FLV.'));
