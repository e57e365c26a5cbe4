// HLS by hls.js, with low latency where the playlist has parts.

// Behind the live edge by this much more than the playlist asks, after each stall.
const STALL_STEP_S = 0.25;
// Caught up with so gently that nobody hears it.
const CATCH_UP_RATE = 1.08;
// Further behind than this: a jump.
const MOST_BEHIND_S = 8;
const RETRIES = { maxNumRetry: 3, retryDelayMs: 300, maxRetryDelayMs: 2_000, backoff: 'exponential' };
const load = (firstByteMs, wholeMs) => ({ default: { maxTimeToFirstByteMs: firstByteMs, maxLoadTimeMs: wholeMs, timeoutRetry: RETRIES, errorRetry: RETRIES } });

function configuration(live, plain) {
  return {
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

export async function startHls(video, url, { onTrouble, live, plain }) {
  const { default: Hls } = await import('./hls.js');
  const hls = new Hls(configuration(live, plain));
  let over = false;
  let mended = false;

  const stop = () => {
    if (over) return;
    over = true;
    hls.destroy();
  };
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
      if (hls.liveSyncPosition) video.currentTime = hls.liveSyncPosition;
    },
    keepUp() {
      if (hls.latency > (hls.targetLatency ?? 0) + MOST_BEHIND_S) this.toLiveEdge();
    },
  };
}
