// ffmpeg as an encoder, as a player, and as a probe.
import { Child, run } from './process.mjs';

const QUIET = ['-hide_banner', '-nostdin', '-loglevel', 'warning'];

// Publishes a test card with a tone in real time. `video`/`audio`: false leaves it out.
export function ffmpegPublish(url, { size = '320x180', fps = 30, gop = 30, seconds = 600, video = true, audio = true, kbps = 400 } = {}) {
  const args = [...QUIET];
  if (video) args.push('-re', '-f', 'lavfi', '-i', `testsrc2=size=${size}:rate=${fps}:duration=${seconds}`);
  if (audio) args.push('-re', '-f', 'lavfi', '-i', `sine=frequency=440:sample_rate=44100:duration=${seconds}`);
  if (video) args.push('-c:v', 'libx264', '-preset', 'ultrafast', '-tune', 'zerolatency', '-pix_fmt', 'yuv420p', '-b:v', `${kbps}k`, '-g', gop, '-keyint_min', gop, '-sc_threshold', '0');
  if (audio) args.push('-c:a', 'aac', '-b:a', '64k', '-ac', '2');
  return new Child('ffmpeg', [...args.map(String), '-f', 'flv', '-flvflags', 'no_duration_filesize', url]);
}

// Plays until it is stopped, and writes what comes, without decoding it, to `file`.
export function ffmpegPlay(url, file) {
  return new Child('ffmpeg', [...QUIET, '-i', url, '-c', 'copy', '-flush_packets', '1', '-y', file]);
}

// What is in a file: {streams: [{codec_type, codec_name, width, height, …}], packets}, with every frame decoded; throws on a decoding error.
export async function probe(file) {
  const errors = await run('ffmpeg', [...QUIET, '-loglevel', 'error', '-i', file, '-f', 'null', '-']);
  const text = await run('ffprobe', ['-v', 'error', '-count_packets', '-show_streams', '-of', 'json', file]);
  return { ...JSON.parse(text), errors: errors.trim() };
}
