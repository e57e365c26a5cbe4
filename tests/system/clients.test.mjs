// Real encoders in, real servers out, real players beside: nobody here speaks the tests' own RTMP.
import assert from 'node:assert/strict';
import path from 'node:path';
import { statSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { endpointReaches, sessionOf } from '../support/broadcast.mjs';
import { makeCertificates } from '../support/certificates.mjs';
import { ffmpegPlay, ffmpegPublish, probe } from '../support/ffmpeg.mjs';
import { rtmp2sinkPublish, rtmp2srcPlay, rtmpsinkPublish } from '../support/gstreamer.mjs';
import { NginxRtmp } from '../support/nginx-rtmp.mjs';
import { freePort } from '../support/ports.mjs';
import { temporaryFolder } from '../support/process.mjs';
import { rtmpdumpPlay } from '../support/rtmpdump.mjs';
import { Server, makeDestination } from '../support/server.mjs';
import { startStunnel } from '../support/stunnel.mjs';
import { waitFor } from '../support/wait.mjs';

let server;
let user;
let nginx;
let certificates;
let front;
let folder;

before(async () => {
  certificates = await makeCertificates();
  [server, nginx] = await Promise.all([
    Server.start({ settings: { destination_ca_file: certificates.ca, tls_certificate: certificates.good.cert, tls_key: certificates.good.key } }),
    NginxRtmp.start({ record: true }),
  ]);
  front = await startStunnel({ certificate: certificates.good, target: nginx.rtmpPort });
  user = await server.user();
  folder = temporaryFolder('played');
});
after(() => Promise.all([server?.kill(), nginx?.stop(), front?.stop()]));

const assertPlayable = async (file, label) => {
  const { streams, errors } = await probe(file);
  assert.equal(errors, '', `${label} decodes without an error`);
  const video = streams.find((stream) => stream.codec_type === 'video');
  const audio = streams.find((stream) => stream.codec_type === 'audio');
  assert.equal(video?.codec_name, 'h264', label);
  assert.equal(audio?.codec_name, 'aac', label);
  assert.deepEqual([video.width, video.height], [320, 180], label);
  assert.ok(Number(video.nb_read_packets) > 30, `${label}: ${video.nb_read_packets} pictures`);
};

const encoders = [
  ['ffmpeg', (url) => ffmpegPublish(url)],
  ['GStreamer rtmp2sink', rtmp2sinkPublish],
  ['GStreamer rtmpsink (librtmp)', rtmpsinkPublish],
];

for (const [name, start] of encoders) {
  test(`${name} → nginx-rtmp, RTMPS through stunnel, and three players`, async () => {
    const word = name.replace(/\W+/g, '-').toLowerCase();
    const plain = await makeDestination(user, { name: `${name} plain`, url: nginx.url, key: `${word}-plain` });
    const secure = await makeDestination(user, { name: `${name} secure`, url: `rtmps://localhost:${front.port}/app`, key: `${word}-secure` });
    const { livestream, stream_key: key } = await user.post('/api/v1/livestreams', { title: name, destination_ids: [plain.id, secure.id] });

    const encoder = start(`${server.rtmpUrl}/${key}`);
    const session = await waitFor('the session to begin', async () => {
      if (encoder.over) throw new Error(encoder.output);
      return sessionOf(user, livestream.id);
    }, { timeoutMs: 20_000, describe: () => encoder.output.slice(-800) });
    for (const { id } of [plain, secure]) await endpointReaches(user, session.sessionId, id, ({ status }) => status === 'connected');

    const { livestream: now } = await user.get(`/api/v1/livestreams/${livestream.id}`);
    const playback = `${server.rtmpUrl}/${now.playback_id}`;
    assert.ok(!playback.includes(key), 'the playback id is not the key');
    const files = Object.fromEntries(['ffmpeg', 'rtmp2src', 'rtmpdump'].map((player) => [player, path.join(folder, `${word}-${player}.flv`)]));
    const players = { ffmpeg: ffmpegPlay(playback, files.ffmpeg), rtmpdump: rtmpdumpPlay(playback, files.rtmpdump), rtmp2src: rtmp2srcPlay(playback, files.rtmp2src) };
    for (const [player, child] of Object.entries(players)) {
      await waitFor(`${player} to have some seconds`, () => statSync(files[player]).size > 150_000, { timeoutMs: 15_000, describe: () => child.output.slice(-1_000) });
      await child.stop('SIGINT');
    }

    const facts = await waitFor('the facts of the ingest', async () => {
      const { ingest } = await user.get(`/api/simulcast/${livestream.id}/status`);
      return ingest.video?.keyframeIntervalS > 0 && ingest.video.fps > 25 && ingest;
    });
    assert.equal(facts.connected, true);
    assert.equal(facts.video.codec, 'h264');
    assert.deepEqual([facts.video.width, facts.video.height], [320, 180]);
    assert.ok(Math.abs(facts.video.fps - 30) < 2, `${facts.video.fps} fps`);
    assert.ok(Math.abs(facts.video.keyframeIntervalS - 1) < 0.1, `${facts.video.keyframeIntervalS} s between keyframes`);
    assert.equal(facts.audio.codec, 'aac');
    assert.equal(facts.audio.sampleRate, 44100);
    assert.equal(facts.audio.channels, 2);
    assert.match(facts.clientAddress, /^127\.0\.0\.1/);

    for (const suffix of ['plain', 'secure']) {
      const stream = await nginx.stream(`${word}-${suffix}`);
      assert.ok(stream?.publishing, `nginx has ${suffix}`);
      assert.deepEqual([stream.width, stream.height], [320, 180]);
      assert.ok(stream.bytesIn > 50_000);
    }
    await encoder.stop('SIGINT');
    await user.post(`/api/v1/livestreams/${livestream.id}/stop`);
    for (const suffix of ['plain', 'secure']) {
      await waitFor('nginx to see the end', async () => !(await nginx.stream(`${word}-${suffix}`)));
      await assertPlayable(nginx.recording(`${word}-${suffix}`), `what nginx recorded (${suffix})`);
    }
    for (const [player, file] of Object.entries(files)) await assertPlayable(file, `what ${player} played`);
  });
}

test('certificates: expired, of another host and self-signed ones are refused, and the API says which', async () => {
  const faults = { expired: /expired/i, wrongHost: /host|name/i, selfSigned: /self.signed|not trusted|unknown|authority/i };
  for (const [name, words] of Object.entries(faults)) {
    const bad = await startStunnel({ certificate: certificates[name], target: nginx.rtmpPort });
    const destination = await makeDestination(user, { name, url: `rtmps://localhost:${bad.port}/app`, key: `never-${name}` });
    const { livestream, stream_key: key } = await user.post('/api/v1/livestreams', { title: name, destination_ids: [destination.id] });
    const encoder = ffmpegPublish(`${server.rtmpUrl}/${key}`);
    const session = await waitFor('the session to begin', () => sessionOf(user, livestream.id), { timeoutMs: 15_000 });
    const endpoint = await endpointReaches(user, session.sessionId, destination.id, ({ problem }) => problem === 'tls_failed');
    assert.match(endpoint.lastError, words, name);
    assert.match(endpoint.lastError, /certificate/i, name);
    assert.equal(await nginx.stream(`never-${name}`), undefined, 'not a byte of RTMP went there');

    await encoder.stop('SIGINT');
    await user.post(`/api/v1/livestreams/${livestream.id}/stop`);
    const { test: tried } = await user.post(`/api/destinations/${destination.id}/test-connection`);
    assert.equal(tried.failedStep, 'tls', JSON.stringify(tried));
    await bad.stop();
  }
});

test('RTMPS ingest with the configured certificate', async () => {
  const port = await freePort();
  const secure = await Server.start({ settings: { rtmps: `127.0.0.1:${port}`, tls_certificate: certificates.good.cert, tls_key: certificates.good.key } });
  try {
    const owner = await secure.user();
    const { livestream, stream_key: key } = await owner.post('/api/v1/livestreams', { title: 'Secure' });
    const encoder = ffmpegPublish(`rtmps://localhost:${port}/live/${key}`);
    const facts = await waitFor('the ingest', async () => {
      const { ingest } = await owner.get(`/api/simulcast/${livestream.id}/status`);
      return ingest?.connected && ingest.protocol && ingest;
    }, { timeoutMs: 15_000, describe: () => encoder.output });
    assert.equal(facts.protocol, 'rtmps');
    await encoder.stop('SIGINT');
  } finally {
    await secure.kill();
  }
});
