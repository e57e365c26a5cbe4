// FLV over HTTP or a WebSocket by mpegts.js, for the least delay.
import { chase } from './chase.js';
import { loadMpegts } from './packages.js';

const configuration = {
  enableWorker: false,
  // Each piece goes on as it comes.
  enableStashBuffer: false,
  lazyLoad: false,
  // chase.js does this with a finer hand.
  liveBufferLatencyChasing: false,
  liveSync: false,
  autoCleanupSourceBuffer: true,
  autoCleanupMaxBackwardDuration: 20,
  autoCleanupMinBackwardDuration: 10,
};

function reasonOf(mpegts, type, detail, info) {
  if (info?.code === 401 || info?.code === 403) return 'refused';
  if (info?.code === 404 || info?.code === 410) return 'gone';
  return type === mpegts.ErrorTypes.MEDIA_ERROR ? 'media' : 'network';
}

export async function startFlv(video, url, { onTrouble, socket }) {
  const mpegts = await loadMpegts();
  mpegts.LoggingControl.enableAll = false;
  const address = socket ? url.replace(/^http/, 'ws') : url;
  const player = mpegts.createPlayer({ type: 'flv', isLive: true, cors: true, url: address }, configuration);
  let over = false;
  let unchase;

  const stop = () => {
    if (over) return;
    over = true;
    unchase?.();
    player.destroy();
  };
  const give = (why, text) => {
    if (over) return;
    stop();
    onTrouble({ why, text });
  };
  player.on(mpegts.Events.ERROR, (type, detail, info) => give(reasonOf(mpegts, type, detail, info), detail));
  player.on(mpegts.Events.LOADING_COMPLETE, () => give('ended'));
  player.attachMediaElement(video);
  player.load();
  unchase = chase(video);
  const edge = () => (video.buffered.length > 0 ? video.buffered.end(video.buffered.length - 1) : undefined);
  return {
    name: 'flv',
    stop,
    latency: () => (edge() === undefined ? undefined : Math.max(0, edge() - video.currentTime)),
    slack: () => 2,
    toLiveEdge() {
      if (edge() !== undefined) video.currentTime = Math.max(0, edge() - 0.1);
    },
    keepUp() {},
  };
}
