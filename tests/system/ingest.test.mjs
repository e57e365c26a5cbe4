// What encoders do, well and badly.
import assert from 'node:assert/strict';
import { Buffer } from 'node:buffer';
import { once } from 'node:events';
import net from 'node:net';
import { after, before, describe, test } from 'node:test';
import { arrived, makeLivestream, sessionOf } from '../support/broadcast.mjs';
import { ffmpegPublish } from '../support/ffmpeg.mjs';
import { RtmpRefused, ScriptedPublisher } from '../support/rtmp/client-peer.mjs';
import { assertConfigured, assertExact } from '../support/rtmp/compare.mjs';
import { isConfig, noise, oneTrack, show, VIDEO } from '../support/rtmp/media.mjs';
import { Server } from '../support/server.mjs';
import { waitFor, within } from '../support/wait.mjs';

let server;
let user;
before(async () => {
  server = await Server.start({ settings: { grace_s: 6 } });
  user = await server.user();
});
after(() => server?.kill());

const publisher = (options) => new ScriptedPublisher({ url: server.rtmpUrl, ...options });
const coded = (messages) => messages.filter((message) => !isConfig(message));
// Each of the two by itself: ffmpeg's sound and picture overtake each other where it is stopped.
const monotonic = (messages, label) => {
  for (const type of ['audio', 'video']) {
    const track = messages.filter((message) => message.type === type);
    for (let n = 1; n < track.length; n += 1) {
      const step = (track[n].timestamp - track[n - 1].timestamp) | 0;
      assert.ok(step >= 0, `${label}: ${type} ${n} goes back by ${-step} ms`);
    }
  }
};

// Publishes a made-up show to a livestream with one receiver, and holds the two against each other.
async function passesExactly(options, { prepare, passes = () => true, ...publisherOptions } = {}) {
  const live = await makeLivestream(user);
  const encoder = await publisher(publisherOptions).publish(live.key);
  let messages = show({ seconds: 4, ...options });
  if (prepare) messages = prepare(messages);
  await encoder.play(messages);
  await arrived(encoder, live.peers[0]);
  const run = live.peers[0].last;
  const wanted = encoder.sent.filter(passes);
  assertConfigured(wanted, run.messages);
  const exact = assertExact(wanted, run.messages);
  const { ingest } = await user.get(`/api/simulcast/${live.id}/status`);
  await encoder.unpublish(live.key);
  await live.close();
  return { run, ingest, encoder, exact };
}

describe('the key', { concurrency: 4 }, () => {
  const refused = async (key) => {
    const encoder = publisher();
    const failure = await encoder.publish(key).then(() => undefined, (error) => error);
    assert.ok(failure instanceof RtmpRefused, `${failure}`);
    assert.equal(failure.code, 'NetStream.Publish.BadName');
    await within(2_000, 'the close after a refusal', encoder.whenClosed());
    return failure.description;
  };

  test('an unknown one is refused in readable words, then the connection closes', async () => {
    const description = await refused('0123456789abcdef0123456789abcdef');
    assert.match(description, /key/i);
    assert.ok(description.length > 15, description);
    assert.ok(!description.includes('0123456789abcdef'), 'it does not repeat the key');
    assert.equal(await refused('no key at all'), description, 'a malformed key gets the same answer');
  });

  test('one of a cancelled and one of an ended livestream are refused', async () => {
    for (const end of ['cancel', 'stop']) {
      const live = await makeLivestream(user, { receivers: 0 });
      if (end === 'stop') {
        const encoder = await publisher().publish(live.key);
        await encoder.play(show({ seconds: 1 }), { speed: 0 });
        await waitFor('the livestream to be live', async () => (await user.get(`/api/v1/livestreams/${live.id}/status`)).status === 'live');
        const closed = encoder.whenClosed();
        await user.post(`/api/v1/livestreams/${live.id}/stop`);
        await within(2_000, 'the encoder to be disconnected', closed);
      } else {
        await user.post(`/api/v1/livestreams/${live.id}/cancel`);
      }
      await refused(live.key);
    }
  });

  test('media that comes before the answer is never let in', async () => {
    const live = await makeLivestream(user);
    const encoder = publisher();
    await encoder.connect();
    await encoder.createStream();
    encoder.connection.streamCommand(encoder.streamId, 'publish', 5, null, 'ffffffffffffffffffffffffffffffff', 'live');
    for (const message of show({ seconds: 1 })) encoder.send(message);
    await within(5_000, 'the close', encoder.whenClosed());
    const { ingest } = await user.get(`/api/simulcast/${live.id}/status`);
    assert.ok(!ingest?.connected);
    assert.equal(live.peers[0].runs.length, 0);
    await live.close();
  });

  test('rotating it ends the encoder that runs on the old one', async () => {
    const live = await makeLivestream(user, { receivers: 0 });
    const encoder = await publisher().publish(live.key);
    await encoder.play(show({ seconds: 1 }), { speed: 0 });
    const { livestream: { stream_key: fresh } } = await user.post(`/api/v1/livestreams/${live.id}/rotate-key`);
    await within(2_000, 'the old encoder to be disconnected', encoder.whenClosed());
    assert.match(fresh, /^[0-9a-f]{32}$/);
    assert.notEqual(fresh, live.key);
    await refused(live.key);
    (await publisher().publish(fresh)).close();
  });
});

describe('a second encoder', { concurrency: 3 }, () => {
  test('takes over within 500 ms; destinations stay connected and get both, one after the other', async () => {
    const live = await makeLivestream(user);
    const [first, second] = [publisher(), publisher()];
    await first.publish(live.key);
    const cut = new AbortController();
    const playing = first.play(show({ seconds: 20, seed: 1 }), { signal: cut.signal });
    await waitFor('a second of media', () => live.peers[0].last?.messages.length > 60);
    const began = performance.now();
    await second.publish(live.key);
    await second.play(show({ seconds: 3, seed: 2 }), { speed: 0 });
    await waitFor('the second to be the one that is heard', () => live.peers[0].last.messages.some(({ hash }) => hash === second.sent.at(-1).hash), { timeoutMs: 5_000 });
    const heard = live.peers[0].last.messages.find((message) => second.sent.some(({ hash }) => hash === message.hash) && !isConfig(message));
    assert.ok(heard.at - began < 500, `the takeover took ${Math.round(heard.at - began)} ms`);
    await within(2_000, 'the first to be disconnected', first.whenClosed());
    cut.abort();
    await playing;

    assert.equal(live.peers[0].runs.length, 1, 'the destination was not reconnected');
    const got = coded(live.peers[0].last.messages);
    const border = got.findIndex(({ hash }) => second.sent.some((message) => message.hash === hash));
    assertExact(first.sent, got.slice(0, border), { throughout: false, label: 'the first' });
    assertExact(second.sent, got.slice(border), { label: 'the second' });
    monotonic(got, 'over the takeover');
    const session = await sessionOf(user, live.id);
    assert.ok(session.events.some(({ message }) => /took over|takeover|replaced/i.test(message)), JSON.stringify(session.events));
    await second.unpublish(live.key);
    await live.close();
  });

  test('takes over five times a minute and no more', async () => {
    const live = await makeLivestream(user, { receivers: 0 });
    const all = [await publisher().publish(live.key)];
    for (let n = 0; n < 5; n += 1) all.push(await publisher().publish(live.key));
    await assert.rejects(publisher().publish(live.key), (error) => error instanceof RtmpRefused && error.description.length > 15);
    const last = all.pop();
    for (const old of all) await within(1_000, 'the replaced one to be closed', old.whenClosed());
    await last.play(show({ seconds: 1 }), { speed: 0 });
    assert.equal(last.closed, false, 'the one that was there goes on');
    await last.unpublish(live.key);
  });

  test('with takeover off, it is refused unless the first was silent for five seconds', async () => {
    const strict = await Server.start({ settings: { takeover: false } });
    try {
      const owner = await strict.user();
      const live = await makeLivestream(owner, { receivers: 0 });
      const encoder = () => new ScriptedPublisher({ url: strict.rtmpUrl });
      const first = await encoder().publish(live.key);
      const playing = first.play(show({ seconds: 2 }));
      await assert.rejects(encoder().publish(live.key), (error) => error.code === 'NetStream.Publish.BadName');
      await playing;
      let tries = 0;
      const second = await waitFor('the silent one to be replaced', async () => {
        tries += 1;
        return encoder().publish(live.key);
      }, { timeoutMs: 9_000, everyMs: 500 });
      assert.ok(tries > 3, 'not before it was silent');
      await second.unpublish(live.key);
    } finally {
      await strict.kill();
    }
  });
});

describe('an encoder that drops', { concurrency: 3 }, () => {
  test('and is back within the grace period finds its destinations connected', async () => {
    const live = await makeLivestream(user, { receivers: 2 });
    const first = await publisher().publish(live.key);
    await first.play(show({ seconds: 2, seed: 1 }));
    await Promise.all(live.peers.map((peer) => arrived(first, peer)));
    first.kill();
    await waitFor('the session to be interrupted', async () => (await sessionOf(user, live.id)).status === 'interrupted');
    const second = await publisher().publish(live.key);
    await second.play(show({ seconds: 2, seed: 2 }));
    await Promise.all(live.peers.map((peer) => arrived(second, peer)));
    for (const peer of live.peers) {
      assert.equal(peer.runs.length, 1, 'one connection all along');
      const got = coded(peer.last.messages);
      const border = got.findIndex(({ hash }) => second.sent.some((message) => message.hash === hash));
      assertExact(first.sent, got.slice(0, border), { label: 'before' });
      assertExact(second.sent, got.slice(border), { label: 'after' });
      monotonic(got, 'over the gap');
    }
    await second.unpublish(live.key);
    await live.close();
  });

  test('and stays away ends the livestream when the grace period is over', async () => {
    const live = await makeLivestream(user);
    const encoder = await publisher().publish(live.key);
    await encoder.play(show({ seconds: 1 }));
    encoder.kill();
    await waitFor('the end', async () => (await user.get(`/api/v1/livestreams/${live.id}/status`)).status === 'ended', { timeoutMs: 12_000, everyMs: 200 });
    await waitFor('the destination to be told', () => live.peers[0].last.ended);
    assert.equal(live.peers[0].last.ended, 'unpublished');
    const session = await sessionOf(user, live.id);
    assert.equal(session.status, 'ended');
    await live.close();
  });
});

describe('timestamps', { concurrency: 4 }, () => {
  for (const [name, limit] of [['2^24', 2 ** 24], ['2^31', 2 ** 31], ['2^32', 2 ** 32]]) {
    test(`run over ${name} without a trace`, async () => {
      await passesExactly({ startAt: limit - 2_000, seconds: 4 });
    });
  }

  for (const [name, jump] of [['forward', 3_600_000], ['back', -3_600_000]]) {
    test(`jump an hour ${name}: everything arrives, in an even order`, async () => {
      const live = await makeLivestream(user);
      const encoder = await publisher().publish(live.key);
      const messages = show({ seconds: 4, startAt: 7_200_000 });
      await encoder.play(messages.map((message) => (message.due >= 2_000 ? { ...message, timestamp: message.timestamp + jump } : message)));
      await arrived(encoder, live.peers[0]);
      const got = coded(live.peers[0].last.messages);
      assert.deepEqual(got.map(({ hash }) => hash), coded(encoder.sent).map(({ hash }) => hash));
      monotonic(got, 'output');
      const length = got.at(-1).timestamp - got[0].timestamp;
      assert.ok(length > 3_500 && length < 5_000, `four seconds became ${length} ms`);
      const { ingest } = await user.get(`/api/simulcast/${live.id}/status`);
      assert.ok(ingest.discontinuities >= 1 && ingest.discontinuities <= 2, `${ingest.discontinuities} discontinuities`);
      await encoder.unpublish(live.key);
      await live.close();
    });
  }
});

describe('hostile bytes', { concurrency: 4 }, () => {
  test('garbage in the middle ends that session alone', async () => {
    const [well, ill] = [await makeLivestream(user), await makeLivestream(user)];
    const good = await publisher().publish(well.key);
    const playing = good.play(show({ seconds: 4 }));
    const bad = await publisher().publish(ill.key);
    await bad.play(show({ seconds: 1 }), { speed: 0 });
    bad.garbage(Buffer.concat([Buffer.from([0x06]), noise(4096, 99)]));
    await within(1_000, 'the garbage to end its session', bad.whenClosed());
    await playing;
    await arrived(good, well.peers[0]);
    assertExact(good.sent, well.peers[0].last.messages);
    await good.unpublish(well.key);
    await well.close();
    await ill.close();
  });

  const dripped = async (firstByte) => {
    const socket = net.connect(server.rtmpPort, '127.0.0.1');
    socket.on('error', () => {});
    await once(socket, 'connect');
    const began = performance.now();
    const drip = setInterval(() => socket.write(Buffer.from([firstByte])), 300);
    const closed = once(socket, 'close');
    socket.resume();
    await within(8_000, 'the deadline of the handshake', closed).finally(() => clearInterval(drip));
    return performance.now() - began;
  };

  test('a handshake that drips is closed by its deadline', async () => {
    const took = await dripped(3);
    assert.ok(took > 3_000, `it had its time: ${took}`);
  });

  test('a connection that says nothing is closed by the same deadline', async () => {
    const socket = net.connect(server.rtmpPort, '127.0.0.1');
    socket.on('error', () => {});
    socket.resume();
    await within(8_000, 'the deadline', once(socket, 'close'));
  });

  test('one that speaks HTTP is closed', async () => {
    const socket = net.connect(server.rtmpPort, '127.0.0.1');
    socket.on('error', () => {});
    socket.resume();
    socket.write('GET / HTTP/1.1\r\nHost: x\r\n\r\n'.padEnd(2000, ' '));
    await within(8_000, 'the close', once(socket, 'close'));
  });

  test('declared sizes take no memory and get no patience', async () => {
    const encoder = publisher();
    await encoder.connect();
    // A video message of 16 MiB on each of many chunk streams, before any publish.
    for (let csid = 3; csid < 40; csid += 1) encoder.garbage(Buffer.from([csid, 0, 0, 0, 0xff, 0xff, 0xff, 9, 1, 0, 0, 0, ...noise(100, csid)]));
    await within(2_000, 'the limit', encoder.whenClosed());
  });
});

describe('what passes through exactly', { concurrency: 4 }, () => {
  test('H.264 and AAC, over a digest handshake of either kind', async () => {
    for (const scheme of [0, 1]) await passesExactly({ seconds: 2 }, { scheme });
  });
  test('AMF3-typed commands are understood', () => passesExactly({ seconds: 2 }, { amf3: true }));
  test('tiny and large chunks', async () => {
    await passesExactly({ seconds: 2 }, { chunkSize: 128 });
    await passesExactly({ seconds: 2 }, { chunkSize: 65_536 });
  });
  for (const [video, audio] of [['hevc', 'aac'], ['av1', 'opus'], ['h264', 'opus']]) {
    test(`${video} and ${audio}`, async () => {
      const { ingest } = await passesExactly({ video, audio }, { connectObject: { fourCcList: ['hvc1', 'av01', 'Opus'] } });
      assert.equal(ingest.video.codec, video);
      assert.equal(ingest.audio.codec, audio);
    });
  }
  test('audio alone', async () => {
    const { ingest } = await passesExactly({ video: null });
    assert.equal(ingest.audio.codec, 'aac');
  });
  test('video alone', async () => {
    const { ingest } = await passesExactly({ audio: null });
    assert.equal(ingest.video.codec, 'h264');
  });
  test('the main track, where a second one comes with it that platforms have not asked for', () => passesExactly({ video: 'hevc', seconds: 2 }, {
    connectObject: { fourCcList: ['*'], capsEx: 2 },
    prepare: (messages) => messages.flatMap((message) => (message.type === 'video' ? [message, { ...message, payload: oneTrack(1, alike(message)) }] : [message])),
    passes: ({ type, head }) => type !== 'video' || (head[0] & 0x0f) !== 6,
  }));
  test('aggregate messages, split into what they hold', async () => {
    const live = await makeLivestream(user);
    const encoder = await publisher().publish(live.key);
    const messages = show({ seconds: 2, gopSeconds: 10 });
    const [head, frames] = [messages.slice(0, 3), messages.slice(3)];
    for (const message of head) encoder.send(message);
    for (let at = 0; at < frames.length; at += 10) encoder.sendAggregate(frames.slice(at, at + 10), frames[at].timestamp);
    await arrived(encoder, live.peers[0]);
    assertExact(encoder.sent, live.peers[0].last.messages);
    await encoder.unpublish(live.key);
    await live.close();
  });
});

// The same kind of tag with other bytes in it.
function alike({ payload, due }) {
  const config = (payload[0] & 0x0f) === 0;
  return config ? VIDEO.hevc.config() : VIDEO.hevc.frame((payload[0] & 0x70) === 0x10, 500, due + 77_000_000);
}

test('a codec change in the middle reaches the destination with its new configuration first', async () => {
  const live = await makeLivestream(user);
  const encoder = await publisher().publish(live.key);
  const before = show({ seconds: 2, seed: 1 });
  const afterwards = show({ seconds: 2, seed: 2, video: 'hevc', startAt: 2_000 }).map((message) => ({ ...message, due: message.due + 2_000 }));
  await encoder.play([...before, ...afterwards.filter(({ type }) => type !== 'data')]);
  await arrived(encoder, live.peers[0]);
  const got = live.peers[0].last.messages;
  assertExact(encoder.sent, got);
  const firstHevc = got.findIndex(({ type, head }) => type === 'video' && head[0] === 0x91);
  assert.ok(got.slice(0, firstHevc).some(({ type, head }) => type === 'video' && head[0] === 0x90), 'configuration before the first new frame');
  const facts = await waitFor('the API to see HEVC', async () => {
    const { ingest } = await user.get(`/api/simulcast/${live.id}/status`);
    return ingest.video.codec === 'hevc' && ingest;
  });
  assert.equal(facts.video.width, 1280);
  await encoder.unpublish(live.key);
  await live.close();
});

test('ffmpeg that is stopped and started again within the grace period goes on', async () => {
  const live = await makeLivestream(user);
  for (const round of [1, 2]) {
    const child = ffmpegPublish(`${server.rtmpUrl}/${live.key}`);
    await waitFor(`media of round ${round}`, () => live.peers[0].last?.messages.length > 100 * round, { timeoutMs: 15_000, describe: () => child.output });
    await child.stop('SIGINT');
  }
  assert.equal(live.peers[0].runs.length, 1);
  monotonic(live.peers[0].last.messages, 'over the restart of ffmpeg');
  await live.close();
});
