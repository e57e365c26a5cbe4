// Chase: keeps a video that plays from a short buffer close behind its end: a little faster where much has gathered, a little
// slower where it is about to run dry, and by a jump where it is far behind.

const EVERY_MS = 50;
const JUMP_BEHIND_S = 1.5;
const TARGET_S = 0.1;
// Rate by how much is buffered; the first row that is reached counts.
const RATES = [[0.6, 1.25], [0.3, 1.12], [0.2, 1.06], [0.14, 1.03], [0.05, 1], [0, 0.97]];

export function rateFor(bufferedS) {
  return (RATES.find(([least]) => bufferedS >= least) ?? [0, 0.97])[1];
}

// Gives what ends it.
export function chase(video) {
  const timer = setInterval(() => {
    const { buffered, currentTime, paused } = video;
    if (paused || buffered.length === 0) return;
    const last = buffered.length - 1;
    const ahead = buffered.end(last) - currentTime;
    if (ahead > JUMP_BEHIND_S || currentTime < buffered.start(last)) {
      video.currentTime = Math.max(buffered.start(last), buffered.end(last) - TARGET_S);
      return;
    }
    const rate = rateFor(ahead);
    if (video.playbackRate !== rate) video.playbackRate = rate;
  }, EVERY_MS);
  return () => {
    clearInterval(timer);
    video.playbackRate = 1;
  };
}
