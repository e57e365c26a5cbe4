// A picture that shows the time: an encoder draws it as blocks, a page reads them back from what a viewer sees, and the
// difference is what lies between lens and eye. Two rows of twenty blocks across the top: 32 bits of milliseconds since 1970
// and 8 bits to check them, the highest first.
import { Child } from './process.mjs';

const COLUMNS = 20;
const ROWS = 2;
const CHECK = 0xa5;
const BRIGHT = 235;
const DARK = 16;

export function clockBits(milliseconds) {
  const time = milliseconds % 2 ** 32;
  const bytes = [24, 16, 8, 0].map((shift) => Math.floor(time / 2 ** shift) & 255);
  const check = bytes.reduce((sum, byte) => sum ^ byte, CHECK);
  return [...bytes, check].flatMap((byte) => [7, 6, 5, 4, 3, 2, 1, 0].map((bit) => (byte >> bit) & 1));
}

// The frames as YUV 4:2:0; only the blocks are drawn anew. Below them something moves, so that there is something to encode.
export class ClockFrames {
  #count = 0;

  constructor({ width = 640, height = 360 } = {}) {
    Object.assign(this, { width, height });
    this.bytes = Buffer.alloc((width * height * 3) / 2, 128);
    for (let y = 0; y < height; y += 1) for (let x = 0; x < width; x += 1) this.bytes[y * width + x] = 40 + ((x + y) % 64);
  }

  draw(milliseconds) {
    const { width, height, bytes } = this;
    const side = width / COLUMNS;
    for (const [n, bit] of clockBits(milliseconds).entries()) {
      const left = (n % COLUMNS) * side;
      const top = Math.floor(n / COLUMNS) * side;
      for (let y = top; y < top + side; y += 1) bytes.fill(bit ? BRIGHT : DARK, y * width + left, y * width + left + side);
    }
    const bar = ROWS * side + 24;
    const at = (this.#count * 6) % (width - 32);
    for (let y = bar; y < Math.min(bar + 48, height); y += 1) {
      bytes.fill(60, y * width, (y + 1) * width);
      bytes.fill(200, y * width + at, y * width + at + 32);
    }
    this.#count += 1;
    return bytes;
  }
}

const ENCODING = ['-c:v', 'libx264', '-preset', 'ultrafast', '-tune', 'zerolatency', '-pix_fmt', 'yuv420p', '-sc_threshold', '0'];

// Publishes the clock by ffmpeg, with a tone, in real time, until it is stopped. What stands in each frame is the time at
// which it was drawn. `outputs`: instead of RTMP to `url`.
export function publishClock(url, { fps = 30, gop = 60, kbps = 1_500, audio = true, width = 640, height = 360, outputs } = {}) {
  const video = ['-f', 'rawvideo', '-pixel_format', 'yuv420p', '-video_size', `${width}x${height}`, '-framerate', fps, '-i', 'pipe:0'];
  // It is made as fast as the pictures come: with a pace of its own one would wait for the other.
  const sound = audio ? ['-f', 'lavfi', '-i', 'sine=frequency=440:sample_rate=44100'] : [];
  const args = ['-hide_banner', '-loglevel', 'warning', '-fflags', 'nobuffer', '-probesize', 32, ...video, ...sound, ...ENCODING, '-g', gop, '-keyint_min', gop, '-b:v', `${kbps}k`, '-c:a', 'aac', '-b:a', '64k',
    '-flush_packets', 1, ...(outputs ?? ['-f', 'flv', '-flvflags', 'no_duration_filesize', url])];
  const child = new Child('ffmpeg', args.map(String), { input: null });
  const { stdin } = child.process;
  // It may be gone before the last frame is.
  stdin.on('error', () => {});
  const frames = new ClockFrames({ width, height });
  const began = performance.now();
  let sent = 0;
  let timer;
  const step = () => {
    if (child.over) return;
    while (performance.now() >= began + (sent * 1000) / fps) {
      // A frame of its own: the one before may not be written yet.
      stdin.write(Buffer.from(frames.draw(Date.now())));
      sent += 1;
    }
    timer = setTimeout(step, Math.max(0, began + (sent * 1000) / fps - performance.now()));
  };
  step();
  child.exited.then(() => clearTimeout(timer));
  return child;
}

// Runs in the page: reads the clock in each picture that the video shows, until it is asked for what it saw.
function readClock({ columns, rows, check }) {
  const video = document.querySelector('video');
  const canvas = document.createElement('canvas');
  const context = canvas.getContext('2d', { willReadFrequently: true });
  const seen = { delays: [], unreadable: 0, waits: 0, longestGapMs: 0 };
  let last;
  const read = () => {
    const width = video.videoWidth;
    const side = width / columns;
    if (canvas.width !== width) [canvas.width, canvas.height] = [width, rows * side];
    context.drawImage(video, 0, 0, width, rows * side, 0, 0, width, rows * side);
    const { data } = context.getImageData(0, 0, width, rows * side);
    const bytes = [0, 0, 0, 0, 0];
    for (let n = 0; n < columns * rows; n += 1) {
      const x = Math.floor(((n % columns) + 0.5) * side);
      const y = Math.floor((Math.floor(n / columns) + 0.5) * side);
      bytes[n >> 3] = bytes[n >> 3] * 2 + (data[(y * width + x) * 4 + 1] > 128 ? 1 : 0);
    }
    if (bytes.reduce((sum, byte) => sum ^ byte, check) !== 0) return undefined;
    return bytes[0] * 2 ** 24 + bytes[1] * 2 ** 16 + bytes[2] * 2 ** 8 + bytes[3];
  };
  const look = (now) => {
    if (!window.clockReading) return;
    const drawn = read();
    // The clock's bits go round every 50 days.
    if (drawn === undefined) seen.unreadable += 1;
    else seen.delays.push(((Date.now() % 2 ** 32) - drawn + 3 * 2 ** 31) % 2 ** 32 - 2 ** 31);
    if (last !== undefined) seen.longestGapMs = Math.max(seen.longestGapMs, now - last);
    last = now;
    video.requestVideoFrameCallback(look);
  };
  const wait = () => { if (!video.paused) seen.waits += 1; };
  window.clockReading = { finish() {
    window.clockReading = undefined;
    video.removeEventListener('waiting', wait);
    return seen;
  } };
  video.addEventListener('waiting', wait);
  video.requestVideoFrameCallback(look);
}

const quantile = (sorted, part) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))];

// How far behind life the page's video is, by the clock in each of its pictures for so many seconds:
// {frames, p50, p95, max (ms), unreadable, waits (for data), longestGapMs (between pictures)}.
export async function glassToGlass(page, seconds) {
  await page.evaluate(readClock, { columns: COLUMNS, rows: ROWS, check: CHECK });
  await page.waitForTimeout(seconds * 1000);
  const { delays, ...rest } = await page.evaluate(() => window.clockReading.finish());
  const sorted = delays.sort((one, other) => one - other);
  return { frames: sorted.length, p50: quantile(sorted, 0.5), p95: quantile(sorted, 0.95), max: sorted.at(-1), ...rest };
}
