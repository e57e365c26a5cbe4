// Hosts that vanish without a word, packets that are lost, addresses to which there is no way: on links of our own
// between network namespaces.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { arrived, endpointReaches, makeReceiver, sessionOf } from '../support/broadcast.mjs';
import { FULL, slack } from '../support/extent.mjs';
import { Machine, noLoss, noNamespaces } from '../support/namespaces.mjs';
import { ScriptedPublisher } from '../support/rtmp/client-peer.mjs';
import { assertExact, assertWholeGroups } from '../support/rtmp/compare.mjs';
import { show } from '../support/rtmp/media.mjs';
import { Server, makeDestination, makeStation } from '../support/server.mjs';
import { waitFor } from '../support/wait.mjs';

const GONE_AFTER_MS = 8_000;
const MOST_LAG_MS = 2_000;
const CLEAN_AFTER_MS = 5_000;
const LOSSES = [1, 5, 10];

const why = await noNamespaces();

describe('on links of our own', { skip: why ?? false, concurrency: 4 }, () => {
  let machine;
  let server;
  let user;
  let encoderLink;
  let homeLink;
  let lossyLink;
  let vanishingLink;
  before(async () => {
    machine = await Machine.make(4);
    [homeLink, encoderLink, lossyLink, vanishingLink] = machine.links;
    server = await Server.start({ launcher: machine.launcher, host: homeLink.there });
    user = await server.user();
  });
  after(() => server?.kill());

  const encoderVia = (link, key) => new ScriptedPublisher({ url: `rtmp://${link.there}:${server.rtmpPort}/live`, localAddress: link.here }).publish(key);
  const receiverAt = (link, name) => makeReceiver(user, { name, host: link.here });

  async function goLive(name, destinations, link, options) {
    const station = await makeStation(user, name);
    const { sessionId } = await user.post('/api/live/start', { streamKey: station.streamKey, title: name, stationId: station.id, selectedEndpoints: destinations.map(({ id }) => id) });
    const encoder = await encoderVia(link, station.streamKey);
    const over = new AbortController();
    const playing = encoder.play(show(options), { signal: over.signal });
    return {
      station, sessionId, encoder, playing,
      endShow: () => {
        over.abort();
        return playing;
      },
      reaches: (id, accepts, timeoutMs) => endpointReaches(user, sessionId, id, accepts, timeoutMs),
      stop: () => user.post('/api/live/stop', { sessionId }),
    };
  }

  test('an encoder whose host vanishes is gone within 8 s, and its return goes on where it was', async () => {
    const receiver = await receiverAt(homeLink, 'holds');
    const live = await goLive('Vanishing encoder', [receiver], encoderLink, { seconds: 60, seed: 1 });
    await live.reaches(receiver.id, ({ status }) => status === 'connected');
    await pause(1_000);
    await machine.cut(encoderLink);
    const cut = performance.now();
    await waitFor('the encoder to be gone', async () => (await sessionOf(user, live.station.id)).events.some(({ kind }) => kind === 'encoder_lost'), {
      timeoutMs: 12_000, everyMs: 50, describe: async () => (await sessionOf(user, live.station.id)).events.map(({ kind }) => kind),
    });
    const gone = performance.now() - cut;
    assert.ok(gone <= GONE_AFTER_MS + slack(300, 2_000), `gone after ${Math.round(gone)} ms`);
    live.encoder.kill();
    await machine.heal(encoderLink);
    const returned = await encoderVia(encoderLink, live.station.streamKey);
    await returned.play(show({ seconds: 2, seed: 2 }));
    await arrived(returned, receiver.peer);
    assert.equal(receiver.peer.runs.length, 1, 'the platform was held all the time');
    await live.stop();
  });

  test('a platform whose host vanishes is said to stall, and is back soon after its host', async () => {
    const gone = await receiverAt(vanishingLink, 'vanishes');
    const well = await receiverAt(homeLink, 'stays');
    const live = await goLive('Vanishing platform', [gone, well], homeLink, { seconds: 60, seed: 3 });
    for (const { id } of [gone, well]) await live.reaches(id, ({ status }) => status === 'connected');
    await machine.cut(vanishingLink);
    const cut = performance.now();
    await live.reaches(gone.id, ({ status }) => status !== 'connected', 8_000);
    const said = performance.now() - cut;
    assert.ok(said <= slack(4_000, 6_000), `said after ${Math.round(said)} ms`);
    // Longer than any connection is held that makes no progress.
    const { lastError } = await live.reaches(gone.id, ({ retryCount }) => retryCount >= 1, 20_000);
    assert.match(lastError, /no progress|took no|lost|acknowledg|answer/i);
    await machine.heal(vanishingLink);
    const healed = performance.now();
    await live.reaches(gone.id, ({ status }) => status === 'connected', 15_000);
    assert.ok(performance.now() - healed < slack(8_000, 14_000), `back after ${Math.round(performance.now() - healed)} ms`);
    await pause(2_000);
    await live.endShow();
    for (const { name, peer } of [gone, well]) await arrived(live.encoder, peer).catch((error) => assert.fail(`${name}: ${error.message}`));
    assertExact(live.encoder.sent, well.peer.last.messages, { label: 'the other platform' });
    assertExact(live.encoder.sent, gone.peer.last.messages, { throughout: false, label: 'after the return' });
    await live.stop();
  });

  test('an address to which there is no way is told at once', async () => {
    const nowhere = await makeDestination(user, { name: 'nowhere', url: 'rtmp://10.1.2.3/app' });
    const live = await goLive('No way', [nowhere], homeLink, { seconds: 3, seed: 4 });
    const began = performance.now();
    const { lastError } = await live.reaches(nowhere.id, ({ problem }) => problem && problem !== 'none');
    assert.ok(performance.now() - began <= slack(2_000, 4_000));
    assert.match(lastError, /reach/i);
    await live.playing;
    await live.stop();
  });

  test('1, 5 and 10 % of the packets lost: never behind by more than 2 s, exact again within 5 s', async (t) => {
    const reason = await noLoss(machine);
    if (reason) return t.skip(reason);
    const receiver = await receiverAt(lossyLink, 'lossy');
    const lossy = FULL ? 10_000 : 3_000;
    const seconds = (lossy * LOSSES.length + CLEAN_AFTER_MS + 3_000) / 1_000;
    const live = await goLive('Loss', [receiver], homeLink, { seconds, kbps: 3_000, seed: 5 });
    await live.reaches(receiver.id, ({ status }) => status === 'connected');
    for (const percent of LOSSES) {
      await machine.lose(lossyLink.inner, percent);
      await pause(lossy);
    }
    await machine.lose(lossyLink.inner, 0);
    const healed = performance.now();
    await live.playing;
    await arrived(live.encoder, receiver.peer);
    const { messages } = receiver.peer.last;
    assert.equal(receiver.peer.runs.length, 1, 'one connection for all of it');
    assertWholeGroups(live.encoder.sent, messages, 'under loss');
    const sentAt = new Map(live.encoder.sent.map(({ hash, at }) => [hash, at]));
    const lag = Math.max(...messages.map(({ hash, at }) => at - sentAt.get(hash)));
    assert.ok(lag <= MOST_LAG_MS + slack(0, 500), `behind by ${Math.round(lag)} ms`);
    const clean = live.encoder.sent.filter(({ at }) => at > healed + CLEAN_AFTER_MS);
    const from = messages.findIndex(({ hash }) => hash === clean[0].hash);
    assert.deepEqual(messages.slice(from).map(({ hash }) => hash), clean.map(({ hash }) => hash), 'exact again');
    t.diagnostic(`largest lag ${Math.round(lag)} ms`);
    await live.stop();
    return undefined;
  });
});
