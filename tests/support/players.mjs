// Players as people use them, each playing so many seconds of an address: what it showed, and what it complained of.
import { run, Child } from './process.mjs';
import { waitFor } from './wait.mjs';

const PATIENCE_MS = 40_000;

// ffmpeg's own reading: {pictures, sounds (frames of each), complaints}.
export async function playByFfmpeg(url, { seconds = 6, words = [] } = {}) {
  const output = await run('ffmpeg', ['-hide_banner', '-nostdin', '-v', 'error', ...words, '-i', url, '-t', `${seconds}`, '-f', 'framecrc', '-'], { timeoutMs: PATIENCE_MS });
  const kinds = new Map([...output.matchAll(/^#media_type (\d+): (\w+)/gm)].map(([, n, kind]) => [n, kind]));
  const frames = { video: 0, audio: 0 };
  for (const [, n] of output.matchAll(/^(\d+), /gm)) frames[kinds.get(n)] += 1;
  return { pictures: frames.video, sounds: frames.audio, complaints: output.split('\n').filter((line) => line && !/^(#|\d+, )/.test(line)) };
}

// GStreamer's hlsdemux, in the time of the media.
export async function playByGstreamer(url, { seconds = 6, fps = 30, video = true, audio = true } = {}) {
  const words = ['-v', 'souphttpsrc', `location=${url}`, '!', 'hlsdemux', '!', 'decodebin', 'name=d'];
  const sink = (name, convert) => words.push('d.', '!', 'queue', '!', convert, '!', 'fakesink', `name=${name}`, 'sync=true', 'silent=false');
  if (video) sink('pictures', 'videoconvert');
  if (audio) sink('sounds', 'audioconvert');
  const player = new Child('gst-launch-1.0', words);
  const shown = { pictures: 0, sounds: 0, complaints: [] };
  player.on('line', (line) => {
    const [, name] = /GstFakeSink:(\w+): last-message = chain/.exec(line) ?? [];
    if (name) shown[name] += 1;
    if (/^(ERROR|WARNING)|CRITICAL|erroneous|could not/i.test(line)) shown.complaints.push(line);
  });
  // Of sound there are some 40 frames a second.
  const enough = () => player.over || ((!video || shown.pictures >= seconds * fps) && (!audio || shown.sounds >= seconds * 40));
  await waitFor('GStreamer to play', enough, { timeoutMs: PATIENCE_MS, everyMs: 100, describe: () => [shown, player.output.slice(-500)] }).catch((error) => shown.complaints.push(error.message));
  if (player.over) shown.complaints.push('it ended');
  await player.kill();
  return shown;
}

// libavformat reads the map again after each reload of any playlist, and wonders.
const OWN_HABITS = /Found duplicated MOOV Atom/;
// No longer than a line of a terminal.
const STATUS = 'AT ${=time-pos} ${=estimated-frame-number} ${width} ${video-format} ${=audio-pts} ${audio-codec-name}.';

// mpv, in the time of the media: {from, to (where it was, s), picture (the last one's number), sound (its time, s), width, video, audio (codecs), complaints}.
export async function playByMpv(url, { seconds = 6, start } = {}) {
  const words = ['--no-config', '--vo=null', '--ao=null', '--hwdec=no', `--length=${seconds}`, '--msg-level=all=warn,statusline=status', `--term-status-msg=${STATUS}`];
  if (start !== undefined) words.push(`--start=${start}`);
  const output = await run('mpv', [...words, url], { timeoutMs: PATIENCE_MS });
  const shown = { complaints: [] };
  for (const line of output.replaceAll('\u001b[K', '\n').split(/[\r\n]+/)) {
    const [, at, picture, width, video, sound, audio] = /^AT (\S*) (\S*) (\S*) (\S*) (\S*) (\S*)\.$/.exec(line.trim()) ?? [];
    if (at === undefined) {
      if (line.trim() !== '' && !line.startsWith('AT ') && !OWN_HABITS.test(line)) shown.complaints.push(line);
      continue;
    }
    const number = (text) => (/^[\d.-]+$/.test(text) ? Number(text) : undefined);
    shown.from ??= number(at);
    Object.assign(shown, { to: number(at) ?? shown.to, picture: number(picture) ?? shown.picture, sound: number(sound) ?? shown.sound, width: number(width), video, audio });
  }
  return shown;
}

// What ffprobe finds: {streams, errors}.
export async function lookByFfprobe(url) {
  const output = await run('ffprobe', ['-v', 'error', '-show_streams', '-show_format', '-of', 'json', url], { timeoutMs: PATIENCE_MS });
  const at = output.indexOf('{');
  return { ...JSON.parse(output.slice(at)), complaints: output.slice(0, at).split('\n').filter(Boolean) };
}
