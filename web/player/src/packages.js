// The libraries that play, as files beside this one. Where modules are bundled, a module of the bundle stands in for it.

export const loadHls = async () => (await import('./hls.js')).default;
export const loadMpegts = async () => (await import('./mpegts.js')).default;
