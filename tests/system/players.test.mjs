// What people play with: ffmpeg, GStreamer, mpv and ffprobe on live HLS, of shows with pictures and sound, with one of them
// alone, and in HEVC; and the recording of one of them. Browsers: `watch`.
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { ffmpegPublish, probe } from '../support/ffmpeg.mjs';
import { lookByFfprobe, playByFfmpeg, playByGstreamer, playByMpv } from '../support/players.mjs';
import { run, temporaryFolder } from '../support/process.mjs';
import { encodeShow, publishMessages } from '../support/real_media.mjs';
import { Server } from '../support/server.mjs';
import { waitFor } from '../support/wait.mjs';

const SECONDS = 5;
const FPS = 30;
// An AAC frame is 23 ms.
const SOUNDS_PER_SECOND = 43;

const SHOWS = [
  { name: 'pictures and sound', video: 'h264', audio: 'aac', size: '640x360', record: true, publish: (key) => ffmpegPublish(`${server.rtmpUrl}/${key}`, { size: '640x360', gop: 60, kbps: 800 }) },
  { name: 'sound alone', audio: 'aac', publish: (key) => ffmpegPublish(`${server.rtmpUrl}/${key}`, { video: false }) },
  { name: 'pictures alone', video: 'h264', size: '320x180', publish: (key) => ffmpegPublish(`${server.rtmpUrl}/${key}`, { audio: false, gop: 60 }) },
  { name: 'HEVC by Enhanced RTMP', video: 'hevc', audio: 'aac', size: '320x180', publish: async (key) => publishMessages(server.rtmpUrl, key, await encodeShow({ seconds: 60, video: 'hevc' })) },
];

let server;
let owner;
before(async () => {
  server = await Server.start({ settings: { requests_per_second: 0 } });
  owner = await server.user();
  await Promise.all(SHOWS.map(begin));
});
after(async () => {
  await Promise.all(SHOWS.map(({ encoder }) => encoder?.kill()));
  await server?.kill();
});

async function begin(show) {
  const { livestream, stream_key: key } = await owner.post('/api/v1/livestreams', { title: show.name, record: show.record ?? false });
  show.id = livestream.id;
  show.url = `${server.url}/live/${livestream.playback_id}/index.m3u8`;
  show.encoder = await show.publish(key);
  await waitFor(`${show.name} to play`, async () => (await fetch(show.url)).ok, { timeoutMs: 20_000, describe: () => show.encoder.output });
}

// Of the pictures of so many seconds a player may leave out those before the first keyframe.
const most = (show, seconds) => (show.video ? seconds * FPS * 0.9 : 0);

describe('live HLS', { concurrency: true }, () => {
  for (const show of SHOWS) {
    test(`of ${show.name} is decoded by ffmpeg`, async () => {
      const { pictures, sounds, complaints } = await playByFfmpeg(show.url, { seconds: SECONDS });
      assert.deepEqual(complaints, []);
      assert.ok(pictures >= most(show, SECONDS) && (pictures > 0) === Boolean(show.video), `${pictures} pictures`);
      assert.ok(sounds >= (show.audio ? SECONDS * SOUNDS_PER_SECOND * 0.9 : 0) && (sounds > 0) === Boolean(show.audio), `${sounds} frames of sound`);
    });

    test(`of ${show.name} is played by GStreamer`, async () => {
      const { complaints } = await playByGstreamer(show.url, { seconds: SECONDS, video: Boolean(show.video), audio: Boolean(show.audio) });
      assert.deepEqual(complaints, []);
    });

    test(`of ${show.name} is played by mpv`, async () => {
      const shown = await playByMpv(show.url, { seconds: SECONDS });
      assert.deepEqual(shown.complaints, []);
      assert.ok(shown.to - shown.from >= SECONDS - 0.5, JSON.stringify(shown));
      if (show.video) assert.deepEqual([shown.video, `${shown.width}`], [show.video, show.size.split('x')[0]]);
      if (show.video) assert.ok(shown.picture >= most(show, SECONDS), `${shown.picture} pictures`);
      if (show.audio) assert.ok(shown.audio === show.audio && shown.sound >= shown.to - 0.5, JSON.stringify(shown));
    });

    test(`of ${show.name} is what ffprobe says it is`, async () => {
      const { streams, complaints } = await lookByFfprobe(show.url);
      assert.deepEqual(complaints, []);
      assert.deepEqual(streams.map(({ codec_name: codec }) => codec), [show.video, show.audio].filter(Boolean));
      const picture = streams.find(({ codec_type: type }) => type === 'video');
      if (picture) assert.equal(`${picture.width}x${picture.height}`, show.size);
    });
  }
});

describe('the recording of a show', { concurrency: true }, () => {
  let asset;
  let base;
  before(async () => {
    const [show] = SHOWS;
    await owner.post(`/api/v1/livestreams/${show.id}/stop`);
    asset = await waitFor('the recording to be ready', async () => {
      const { assets } = await owner.get('/api/vod');
      return assets[0]?.status === 'ready' && assets[0];
    }, { everyMs: 100 });
    base = `${server.url}/vod/${asset.id}`;
  });

  test('is a file that ffprobe decodes, and mediainfo reads as we do', async () => {
    const file = path.join(temporaryFolder('recording'), 'video.mp4');
    writeFileSync(file, Buffer.from(await (await fetch(`${base}/video.mp4`)).arrayBuffer()));
    const { streams, errors } = await probe(file);
    assert.equal(errors, '');
    const [picture, sound] = streams;
    assert.deepEqual([picture.codec_name, picture.width, picture.height, sound.codec_name], ['h264', 640, 360, 'aac']);
    assert.ok(Math.abs(Number(picture.nb_read_packets) - asset.duration * FPS) <= FPS / 2, `${picture.nb_read_packets} pictures in ${asset.duration} s`);
    assert.ok(Math.abs(Number(sound.nb_read_packets) - asset.duration * SOUNDS_PER_SECOND) <= SOUNDS_PER_SECOND / 2, `${sound.nb_read_packets} frames of sound in ${asset.duration} s`);

    const { media } = JSON.parse(await run('mediainfo', ['--Output=JSON', file]));
    const told = Object.fromEntries(media.track.map((track) => [track['@type'], track]));
    assert.deepEqual([told.Video.Format, told.Video.Width, told.Video.Height, told.Audio.Format], ['AVC', '640', '360', 'AAC']);
    assert.ok(Math.abs(Number(told.General.Duration) - asset.duration) < 0.5, `${told.General.Duration} s, and ${asset.duration} s by us`);
    assert.ok(Math.abs(Number(told.Video.FrameRate) - FPS) < 0.1, told.Video.FrameRate);
  });

  test('is played by mpv, as a file and as HLS', async () => {
    for (const file of ['video.mp4', 'index.m3u8']) {
      const shown = await playByMpv(`${base}/${file}`, { seconds: 2 });
      assert.deepEqual(shown.complaints, [], file);
      assert.ok(shown.from <= 0.1 && shown.to >= 1.5, JSON.stringify(shown));
      assert.deepEqual([shown.video, shown.audio, shown.width], ['h264', 'aac', 640], file);
    }
  });

  test('is sought in by mpv, to the picture', async () => {
    const shown = await playByMpv(`${base}/video.mp4`, { seconds: 1, start: 3.5 });
    assert.deepEqual(shown.complaints, []);
    assert.ok(Math.abs(shown.from - 3.5) < 0.1 && Math.abs(shown.sound - shown.to) < 0.3, JSON.stringify(shown));
  });

  test('is decoded whole as HLS, and played by GStreamer', async () => {
    const { pictures, sounds, complaints } = await playByFfmpeg(`${base}/index.m3u8`, { seconds: 600 });
    assert.deepEqual(complaints, []);
    assert.ok(Math.abs(pictures - asset.duration * FPS) <= FPS / 2, `${pictures} pictures in ${asset.duration} s`);
    assert.ok(Math.abs(sounds - asset.duration * SOUNDS_PER_SECOND) <= SOUNDS_PER_SECOND / 2, `${sounds} frames of sound in ${asset.duration} s`);
    const shown = await playByGstreamer(`${base}/index.m3u8`, { seconds: 2 });
    assert.deepEqual(shown.complaints, []);
  });
});
