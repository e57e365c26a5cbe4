// Names that do not resolve, ports that are closed, certificates that are wrong: what is said, how soon, how often it is
// tried again, and that nobody else loses a frame.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { arrived, endpointReaches, makeReceiver } from '../support/broadcast.mjs';
import { makeBadCertificates, pem } from '../support/certificates.mjs';
import { NameServer } from '../support/dns.mjs';
import { FULL, slack } from '../support/extent.mjs';
import { freePort } from '../support/ports.mjs';
import { ScriptedPublisher } from '../support/rtmp/client-peer.mjs';
import { assertExact } from '../support/rtmp/compare.mjs';
import { show } from '../support/rtmp/media.mjs';
import { ScriptedPeer } from '../support/rtmp/server-peer.mjs';
import { Server, makeDestination, makeStation } from '../support/server.mjs';
import { waitFor } from '../support/wait.mjs';

const JITTER = 0.2;
const FIRST_RETRY_MS = 1_000;
const LONGEST_RETRY_MS = 30_000;
const DNS_LIMIT_MS = 3_000;
const AFTER_BAD_CERTIFICATE_MS = 30_000;

let server;
let user;
let names;
let certificates;
before(async () => {
  names = await new NameServer((name) => ({ 'fails.test': 'fails', 'silent.test': 'never', 'secure.test': ['127.0.0.1'] })[name]).listen();
  certificates = await makeBadCertificates('secure.test');
  server = await Server.start({ settings: { dns_servers: names.address, destination_ca_file: certificates.ca } });
  user = await server.user();
});
after(() => server?.kill());

// Live on these destinations; `toldAfter(id, problem)` gives its endpoint and how long after the first frame it was told.
async function goLive(name, destinations, seconds) {
  const station = await makeStation(user, name);
  const { sessionId } = await user.post('/api/live/start', { streamKey: station.streamKey, title: name, stationId: station.id, selectedEndpoints: destinations.map(({ id }) => id) });
  const encoder = await new ScriptedPublisher({ url: server.rtmpUrl }).publish(station.streamKey);
  const began = performance.now();
  const over = new AbortController();
  const playing = encoder.play(show({ seconds }), { signal: over.signal });
  return {
    encoder, playing,
    toldAfter: async (id, problem) => {
      const endpoint = await endpointReaches(user, sessionId, id, (one) => one.problem === problem, 10_000);
      return { endpoint, ms: performance.now() - began };
    },
    endpoint: (id) => endpointReaches(user, sessionId, id, () => true),
    stop: async () => {
      over.abort();
      await playing;
      await user.post('/api/live/stop', { sessionId });
      encoder.close();
    },
  };
}

// The waits between tries: `first`, doubled up to the longest, each within its jitter. `endOf` and `beginOf` tell when
// the tries ended and began.
function assertBackoff(beginnings, tookMs, label) {
  for (let n = 1; n < beginnings.length; n += 1) {
    const wait = beginnings[n] - beginnings[n - 1] - tookMs;
    const wanted = Math.min(FIRST_RETRY_MS * 2 ** (n - 1), LONGEST_RETRY_MS);
    const seen = `${label}: wait ${n} was ${Math.round(wait)} ms of ${wanted}`;
    assert.ok(wait >= wanted * (1 - JITTER) - 50, seen);
    assert.ok(wait <= wanted * (1 + JITTER) + slack(150, 1_000), seen);
  }
}

test('a closed port and names that do not resolve: told in time, tried again ever more slowly, and the others lose nothing', async () => {
  const well = [await makeReceiver(user, { name: 'well-1' }), await makeReceiver(user, { name: 'well-2' })];
  const closed = await makeDestination(user, { name: 'closed', url: `rtmp://127.0.0.1:${await freePort()}/app` });
  const fails = await makeDestination(user, { name: 'fails', url: 'rtmp://fails.test/app' });
  const silent = await makeDestination(user, { name: 'silent', url: 'rtmp://silent.test/app' });
  // A closed port cannot tell when it was tried: this one is open, takes the connection and drops it.
  const dropping = await makeReceiver(user, { name: 'dropping', script: { closeAt: 'accept' } });
  const live = await goLive('Away', [...well, closed, fails, silent, dropping], FULL ? 66 : 9);

  const told = await Promise.all([live.toldAfter(closed.id, 'connection_refused'), live.toldAfter(fails.id, 'dns_failed'), live.toldAfter(silent.id, 'dns_failed')]);
  assert.ok(told[0].ms <= slack(2_000, 4_000), `closed port: told after ${told[0].ms} ms`);
  assert.ok(told[1].ms <= slack(2_000, 4_000), `SERVFAIL: told after ${told[1].ms} ms`);
  assert.ok(told[2].ms <= DNS_LIMIT_MS + slack(500, 3_000), `no answer: told after ${told[2].ms} ms`);
  assert.match(told[0].endpoint.lastError, /refused|nobody|closed/i);
  assert.match(told[1].endpoint.lastError, /fails\.test.*name server|name server.*fails\.test/i);
  assert.match(told[2].endpoint.lastError, /did not answer/i);

  const tries = FULL ? 7 : 4;
  await waitFor(`${tries} tries`, () => dropping.peer.runs.length >= tries, { timeoutMs: FULL ? 90_000 : 15_000 });
  assertBackoff(dropping.peer.runs.slice(0, tries).map(({ acceptedAt }) => acceptedAt), 0, 'a dropped connection');
  assert.ok((await live.endpoint(closed.id)).retryCount >= 2);

  await live.playing;
  for (const { name, peer } of well) {
    await arrived(live.encoder, peer);
    assertExact(live.encoder.sent, peer.last.messages, { label: name });
    assert.equal(peer.runs.length, 1, name);
  }
  await live.stop();
});

test('eight bad certificates: refused, told why, not a byte of RTMP sent, and not tried again within 30 s', async () => {
  const words = {
    expired: /expired/i,
    notYetValid: /not valid yet/i,
    wrongHost: /another host|other host/i,
    selfSigned: /signed by itself/i,
    unknownAuthority: /authority is not known/i,
    forClientsOnly: /not meant for servers/i,
    weakKey: /too weak/i,
    issuedByNoAuthority: /no authority/i,
  };
  assert.deepEqual(Object.keys(certificates.bad), Object.keys(words));
  const peerWith = async (name, certificate) => {
    const peer = await new ScriptedPeer({ tls: pem(certificate) }).listen();
    const connections = [];
    peer.server.on('connection', () => connections.push(performance.now()));
    const destination = await makeDestination(user, { name, url: `rtmps://secure.test:${peer.port}/app`, key: `never-${name}` });
    return { name, peer, connections, id: destination.id };
  };
  const good = await peerWith('good', certificates.good);
  const bad = [];
  for (const [name, certificate] of Object.entries(certificates.bad)) bad.push(await peerWith(name, certificate));
  const live = await goLive('Certificates', [good, ...bad], FULL ? 42 : 6);
  for (const { name, id } of bad) {
    const { endpoint, ms } = await live.toldAfter(id, 'tls_failed');
    assert.match(endpoint.lastError, words[name], name);
    assert.match(endpoint.lastError, /certificate/i, name);
    assert.ok(ms <= slack(2_000, 4_000), `${name}: told after ${ms} ms`);
  }
  if (FULL) {
    await waitFor('the second tries', () => bad.every(({ connections }) => connections.length === 2), { timeoutMs: 45_000, everyMs: 100 });
    for (const { name, connections } of bad) assert.ok(connections[1] - connections[0] >= AFTER_BAD_CERTIFICATE_MS, `${name}: ${connections}`);
  } else {
    await pause(4_000);
    for (const { name, connections } of bad) assert.equal(connections.length, 1, `${name} was tried again`);
  }
  for (const { name, peer } of bad) assert.equal(peer.runs.length, 0, `${name}: its TLS handshake came to its end`);
  await live.playing;
  await arrived(live.encoder, good.peer);
  assertExact(live.encoder.sent, good.peer.last.messages, { label: 'the good certificate' });
  await live.stop();
});
