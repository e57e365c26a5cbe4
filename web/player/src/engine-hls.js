// HLS by hls.js, with low latency where the playlist has parts.
import { loadHls } from './packages.js';

// Behind the live edge by this much more than the playlist asks, after each stall.
const STALL_STEP_S = 0.25;
// Caught up with so gently that nobody hears it, and where more has gathered, a little less gently.
const CATCH_UP_RATE = 1.05;
const FAST_RATE = 1.15;
const FAST_FROM_S = 0.4;
// Further behind than this: a jump.
const MOST_BEHIND_S = 6;
// Just begun, or begun again after an interruption, and far back: a jump that nobody misses.
const FRESH_MS = 4_000;
const FRESH_BEHIND_S = 0.5;
const INTERRUPTION_MS = 1_000;
const RETRIES = { maxNumRetry: 3, retryDelayMs: 300, maxRetryDelayMs: 2_000, backoff: 'exponential' };
const load = (firstByteMs, wholeMs) => ({ default: { maxTimeToFirstByteMs: firstByteMs, maxLoadTimeMs: wholeMs, timeoutRetry: RETRIES, errorRetry: RETRIES } });

function configuration(live, plain, startAt) {
  return {
    startPosition: startAt ?? -1,
    // A worker would have to come from a blob, which the page's policy forbids; taking fragmented MP4 apart is no work.
    enableWorker: false,
    lowLatencyMode: live && !plain,
    maxLiveSyncPlaybackRate: live ? CATCH_UP_RATE : 1,
    liveSyncOnStallIncrease: STALL_STEP_S,
    liveDurationInfinity: live,
    startFragPrefetch: true,
    testBandwidth: false,
    backBufferLength: live ? 20 : 60,
    maxBufferLength: live ? 12 : 30,
    maxBufferHole: 0.3,
    nudgeOffset: 0.05,
    manifestLoadPolicy: load(5_000, 10_000),
    // Such a request may be held until there is something new.
    playlistLoadPolicy: load(10_000, 15_000),
    fragLoadPolicy: load(10_000, 30_000),
  };
}

function reasonOf(data, Hls) {
  const status = data.response?.code ?? 0;
  if (status === 401 || status === 403) return 'refused';
  if (status === 404 || status === 410) return 'gone';
  return data.type === Hls.ErrorTypes.MEDIA_ERROR ? 'media' : 'network';
}

// With enough behind it to play on.
function isBuffered({ buffered }, time) {
  for (let n = 0; n < buffered.length; n += 1) if (buffered.start(n) <= time && buffered.end(n) > time + 0.5) return true;
  return false;
}

export async function startHls(video, url, { onTrouble, live, plain, startAt }) {
  const Hls = await loadHls();
  const hls = new Hls(configuration(live, plain, startAt));
  let over = false;
  let mended = false;
  let began;
  let strayed = false;
  let waitsSince;

  const wait = () => { waitsSince ??= performance.now(); };
  const play = () => {
    if (performance.now() - (waitsSince ?? Infinity) > INTERRUPTION_MS) began = undefined;
    waitsSince = undefined;
  };
  const stop = () => {
    if (over) return;
    over = true;
    video.removeEventListener('waiting', wait);
    video.removeEventListener('playing', play);
    hls.destroy();
  };
  video.addEventListener('waiting', wait);
  video.addEventListener('playing', play);
  hls.on(Hls.Events.ERROR, (_event, data) => {
    if (!data.fatal || over) return;
    // Once: a decoder may stumble over one bad picture.
    if (data.type === Hls.ErrorTypes.MEDIA_ERROR && !mended) {
      mended = true;
      hls.recoverMediaError();
      return;
    }
    stop();
    onTrouble({ why: reasonOf(data, Hls), text: data.details });
  });
  hls.loadSource(url);
  hls.attachMedia(video);
  return {
    name: 'hls',
    stop,
    latency: () => (live && hls.latency > 0 ? hls.latency : undefined),
    // How far behind is still live.
    slack: () => (hls.targetLatency ?? 0) + 2,
    toLiveEdge() {
      strayed = false;
      hls.config.maxLiveSyncPlaybackRate = CATCH_UP_RATE;
      if (hls.liveSyncPosition) video.currentTime = hls.liveSyncPosition;
    },
    // Somebody looks back: that is not caught up with.
    stray() {
      strayed = true;
      hls.config.maxLiveSyncPlaybackRate = 1;
    },
    levels: () => hls.levels.map(({ height, bitrate }, id) => ({ id, height, bitrate })),
    // -1: what the connection carries.
    level: () => hls.manualLevel,
    setLevel(id) {
      hls.nextLevel = id;
    },
    // Now and then, while it plays.
    keepUp() {
      const { latency, targetLatency, liveSyncPosition } = hls;
      if (strayed || !latency || !targetLatency || !liveSyncPosition) return;
      const behind = latency - targetLatency;
      if (behind > MOST_BEHIND_S) return void this.toLiveEdge();
      if (plain) return;
      began ??= performance.now();
      const fresh = performance.now() - began < FRESH_MS;
      if (fresh && behind > FRESH_BEHIND_S && isBuffered(video, liveSyncPosition)) video.currentTime = liveSyncPosition;
      hls.config.maxLiveSyncPlaybackRate = behind > FAST_FROM_S ? FAST_RATE : CATCH_UP_RATE;
    },
  };
}
