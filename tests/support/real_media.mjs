// Real pictures and sound, encoded once by ffmpeg, as the RTMP messages of an encoder: so a test decides what is sent when, and
// players can decode what comes out. For HEVC in Enhanced RTMP as well, which Debian's ffmpeg cannot publish.
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { run, temporaryFolder } from './process.mjs';
import { ScriptedPublisher } from './rtmp/client-peer.mjs';

const FLV_HEAD = 13;
const TAG_TYPES = { 8: 'audio', 9: 'video' };

// The messages of an FLV file, without its metadata.
function readFlv(bytes) {
  const messages = [];
  for (let at = FLV_HEAD; at + 11 < bytes.length;) {
    const size = bytes.readUIntBE(at + 1, 3);
    const type = TAG_TYPES[bytes[at]];
    const timestamp = bytes.readUIntBE(at + 4, 3) + bytes[at + 7] * 2 ** 24;
    if (type) messages.push({ type, timestamp, payload: bytes.subarray(at + 11, at + 11 + size) });
    at += 11 + size + 4;
  }
  return messages;
}

const hvc1 = (first, ...rest) => Buffer.concat([Buffer.from([first]), Buffer.from('hvc1'), ...rest]);

// The messages of the HEVC track of an MP4 file: its samples stand there as they go on the wire.
async function readHevc(file) {
  const bytes = readFileSync(file);
  const box = bytes.indexOf('hvcC');
  const config = bytes.subarray(box + 4, box - 4 + bytes.readUInt32BE(box - 4));
  const { packets } = JSON.parse(await run('ffprobe', ['-v', 'error', '-select_streams', 'v', '-show_packets', '-show_entries', 'packet=pts_time,dts_time,pos,size,flags', '-of', 'json', file]));
  const ms = (text) => Math.round(Number(text) * 1000);
  const start = ms(packets[0].dts_time);
  const frames = packets.map(({ pts_time: pts, dts_time: dts, pos, size, flags }) => {
    const shift = Buffer.alloc(3);
    shift.writeIntBE(ms(pts) - ms(dts), 0, 3);
    return { type: 'video', timestamp: ms(dts) - start, payload: hvc1(flags.includes('K') ? 0x91 : 0xa1, shift, bytes.subarray(Number(pos), Number(pos) + Number(size))) };
  });
  return [{ type: 'video', timestamp: 0, payload: hvc1(0x90, config) }, ...frames];
}

async function ffmpeg(file, { seconds, size, fps, gop, video, audio, kbps }) {
  const words = ['-v', 'error', '-nostdin'];
  if (video) words.push('-f', 'lavfi', '-i', `testsrc2=size=${size}:rate=${fps}:duration=${seconds}`);
  if (audio) words.push('-f', 'lavfi', '-i', `sine=frequency=440:sample_rate=44100:duration=${seconds}`);
  if (video) words.push('-c:v', video, '-preset', 'ultrafast', '-pix_fmt', 'yuv420p', '-b:v', `${kbps}k`, '-g', `${gop}`, '-keyint_min', `${gop}`);
  if (video === 'libx264') words.push('-tune', 'zerolatency', '-sc_threshold', '0');
  if (video === 'libx265') words.push('-x265-params', `log-level=none:keyint=${gop}:min-keyint=${gop}:scenecut=0:open-gop=0`, '-tag:v', 'hvc1');
  if (audio) words.push('-c:a', 'aac', '-b:a', '64k', '-ac', '2');
  await run('ffmpeg', [...words, file], { timeoutMs: 60_000 });
}

// The messages of a show, by time. `video`: 'h264', 'hevc' or false; `audioFrom`: the second its sound begins at.
export async function encodeShow({ seconds = 20, size = '320x180', fps = 30, gop = 60, video = 'h264', audio = true, audioFrom = 0, kbps = 400 } = {}) {
  const folder = temporaryFolder('media');
  const one = { seconds, size, fps, gop, kbps };
  const flv = path.join(folder, 'show.flv');
  const messages = [];
  if (video === 'hevc') {
    const file = path.join(folder, 'show.mp4');
    await ffmpeg(file, { ...one, video: 'libx265' });
    messages.push(...(await readHevc(file)));
  }
  if (audio || video === 'h264') {
    await ffmpeg(flv, { ...one, video: video === 'h264' && 'libx264', audio });
    messages.push(...readFlv(readFileSync(flv)).filter(({ type, timestamp }) => type === 'video' || timestamp >= audioFrom * 1000 || audioFrom === 0));
    // What the sound is, is said just before it begins.
    const config = audioFrom > 0 && readFlv(readFileSync(flv)).find(({ type }) => type === 'audio');
    if (config) messages.push({ ...config, timestamp: audioFrom * 1000 });
  }
  const isConfig = ({ type, payload }) => (type === 'audio' ? payload[1] === 0 : (payload[0] & 0x8f) === 0x80 || ((payload[0] & 0x80) === 0 && payload[1] === 0));
  return messages.sort((a, b) => a.timestamp - b.timestamp || isConfig(b) - isConfig(a));
}

// Publishes the messages in real time. kill() breaks the connection off, as a lost network does.
export async function publishMessages(rtmpUrl, key, messages) {
  const publisher = await new ScriptedPublisher({ url: rtmpUrl }).publish(key);
  const leaving = new AbortController();
  const over = publisher.play(messages, { signal: leaving.signal });
  over.catch(() => {});
  return {
    async kill() {
      leaving.abort();
      publisher.kill();
      await over.catch(() => {});
    },
  };
}
