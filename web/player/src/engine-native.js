// HLS by the browser itself: Safari.

function reasonOf(error) {
  return error?.code === MediaError.MEDIA_ERR_DECODE ? 'media' : 'network';
}

export async function startNative(video, url, { onTrouble, live, startAt }) {
  let over = false;
  const failed = () => {
    if (over) return;
    stop();
    onTrouble({ why: reasonOf(video.error) });
  };
  const stop = () => {
    if (over) return;
    over = true;
    video.removeEventListener('error', failed);
    video.removeAttribute('src');
    video.load();
  };
  video.addEventListener('error', failed);
  video.src = url;
  if (startAt) video.addEventListener('loadedmetadata', () => { video.currentTime = startAt; }, { once: true });
  const edge = () => (video.seekable.length > 0 ? video.seekable.end(video.seekable.length - 1) : undefined);
  return {
    name: 'native',
    stop,
    latency() {
      if (!live) return undefined;
      // The wall time of the picture, where the playlist says it.
      const start = video.getStartDate?.().getTime();
      const behind = Number.isFinite(start) ? (Date.now() - start) / 1000 - video.currentTime : (edge() ?? NaN) - video.currentTime;
      return behind >= 0 ? behind : undefined;
    },
    slack: () => 10,
    toLiveEdge() {
      if (edge() !== undefined) video.currentTime = edge();
    },
    keepUp() {},
  };
}
