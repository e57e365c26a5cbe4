// Chase: keeps a video that plays from a short buffer close behind its end: a little faster where much has gathered, a little
// slower where it is about to run dry, and by a jump where it is far behind. How short the buffer may be, it learns from
// running dry.

const EVERY_MS = 50;
const JUMP_BEHIND_S = 1.5;
// To where it does not run dry at once.
const LANDING_S = 0.25;
// A wait this soon after the beginning or a jump is its own.
const SETTLED_MS = 1_500;
const LEAST_S = 0.12;
const MOST_S = 0.6;
const MORE_AFTER_A_WAIT_S = 0.06;
const LESS_AFTER_MS = 30_000;
const LESS_S = 0.02;
// Rate by how much more is buffered than should be; the first row that is reached counts.
const RATES = [[0.5, 1.25], [0.2, 1.12], [0.08, 1.06], [0.02, 1.03], [-0.05, 1]];
const SLOW = 0.97;

export function rateFor(excessS) {
  return (RATES.find(([least]) => excessS >= least) ?? [0, SLOW])[1];
}

// How much should be buffered: more after each wait for data, and after a while without, less again.
export class Cushion {
  #since;

  constructor(now) {
    this.seconds = LEAST_S;
    this.#since = now;
  }
  ranDry(now) {
    this.seconds = Math.min(MOST_S, this.seconds + MORE_AFTER_A_WAIT_S);
    this.#since = now;
  }
  at(now) {
    if (now - this.#since > LESS_AFTER_MS) {
      this.seconds = Math.max(LEAST_S, this.seconds - LESS_S);
      this.#since = now;
    }
    return this.seconds;
  }
}

// Gives what ends it.
export function chase(video) {
  const cushion = new Cushion(performance.now());
  let playing = false;
  let settledAt = 0;
  const wait = () => {
    const now = performance.now();
    if (playing && !video.paused && now > settledAt) cushion.ranDry(now);
    playing = false;
  };
  let begun = false;
  const play = () => {
    playing = true;
    if (begun) return;
    begun = true;
    settledAt = performance.now() + SETTLED_MS;
  };
  video.addEventListener('waiting', wait);
  video.addEventListener('playing', play);
  const timer = setInterval(() => {
    const { buffered, currentTime, paused } = video;
    if (paused || buffered.length === 0) return;
    const last = buffered.length - 1;
    const wanted = cushion.at(performance.now());
    const ahead = buffered.end(last) - currentTime;
    if (ahead > JUMP_BEHIND_S || currentTime < buffered.start(last)) {
      video.currentTime = Math.max(buffered.start(last), buffered.end(last) - Math.max(wanted, LANDING_S));
      settledAt = performance.now() + SETTLED_MS;
      return;
    }
    const rate = rateFor(ahead - wanted);
    if (video.playbackRate !== rate) video.playbackRate = rate;
  }, EVERY_MS);
  return () => {
    clearInterval(timer);
    video.removeEventListener('waiting', wait);
    video.removeEventListener('playing', play);
    video.playbackRate = 1;
  };
}
