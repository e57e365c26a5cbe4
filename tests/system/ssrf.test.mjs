// Destinations that point inside: whatever a broadcaster, a name server or a platform says, nothing connects to what the
// operator did not open. Traps listen where a mistake would show.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import net from 'node:net';
import { after, before, describe, test } from 'node:test';
import { makeLivestream, makeReceiver, sessionOf } from '../support/broadcast.mjs';
import { makeCertificates, pem } from '../support/certificates.mjs';
import { endLater } from '../support/cleanup.mjs';
import { NameServer } from '../support/dns.mjs';
import { freePort } from '../support/ports.mjs';
import { ScriptedPublisher } from '../support/rtmp/client-peer.mjs';
import { show } from '../support/rtmp/media.mjs';
import { Server, makeDestination } from '../support/server.mjs';
import { waitFor } from '../support/wait.mjs';

// Public by its class, in a block that was given to nobody: there is no host to disturb.
const NOBODY = '2000::1';

// Counts who connects, on every address of the machine.
async function trap(port) {
  const caught = [];
  const server = net.createServer((socket) => {
    caught.push(`${socket.remoteAddress} → ${socket.localAddress}`);
    socket.destroy();
  });
  server.listen(port, '::');
  await once(server, 'listening');
  endLater(() => server.close());
  return caught;
}

// The inner addresses that nobody may reach by default, in every notation that a URL, a resolver or a C library might take.
const INNER = ['127.0.0.1', '127.0.0.2', '127.255.255.254', '10.0.0.1', '172.16.0.1', '172.31.255.254', '192.168.0.1', '100.64.0.1', '169.254.169.254', '169.254.170.2', '100.100.100.200', '0.0.0.0'];
function notations(ip) {
  const bytes = ip.split('.').map(Number);
  const number = bytes.reduce((sum, byte) => sum * 256 + byte, 0);
  const hex = bytes.map((byte) => byte.toString(16).padStart(2, '0'));
  const pair = `${hex[0]}${hex[1]}:${hex[2]}${hex[3]}`;
  const octal = bytes.map((byte) => `0${byte.toString(8)}`);
  return [
    ip, `${ip}.`, `${number}`, `0x${hex.join('')}`, `0${number.toString(8)}`, octal.join('.'), bytes.map((byte) => `0x${byte.toString(16)}`).join('.'),
    `${bytes[0]}.${number % 2 ** 24}`, `${bytes[0]}.${bytes[1]}.${number % 2 ** 16}`, `${octal[0]}.${bytes.slice(1).join('.')}`, bytes.map((byte) => `${byte}`.padStart(3, '0')).join('.'),
    `${number + 2 ** 32}`, `[::ffff:${ip}]`, `[::ffff:${pair}]`, `[0:0:0:0:0:ffff:${pair}]`, `[::${ip}]`, `[::ffff:0:${ip}]`, `[64:ff9b::${ip}]`, `[64:ff9b:1::${ip}]`, `[2002:${pair}::1]`,
    `[::ffff:${ip}%25lo]`, `${ip}.nip.example`, `${ip.replaceAll('.', '%2e')}`, `${ip.replaceAll('.', '。')}`,
  ];
}
const ODD_HOSTS = [
  'localhost', 'LocalHost', 'localhost.', 'localhost.localdomain', 'ip6-localhost', 'metadata.google.internal', 'metadata', 'kubernetes.default.svc', '[::1]', '[0:0:0:0:0:0:0:1]', '[::]', '[::1%25lo]',
  '[fe80::1%25lo]', '[fe80::1]', '[fec0::1]', '[fd00:ec2::254]', '[fc00::1]', '[ff02::1]', '[2001:db8::1]', '[4000::1]', '0', '127.1', '127.0.1', '1.1.1.1.1', '127.0.0.256', '①②⑦.⓪.⓪.①', '١٢٧.0.0.1',
  'example.org@127.0.0.1', 'example.org:443@127.0.0.1', '127.0.0.1#example.org', '127.0.0.1%00example.org', '127.0.0.1%23.example.org', '127.0.0.1\\example.org', 'example.org\\@127.0.0.1', '127.0.0.1&example.org',
  '[::ffff:7f00:1]', '[::ffff:7f00:0001]', '[0000::1]', '[::0:1]', '[::ffff:127.1]', '[127.0.0.1]', '[::1]x', ' 127.0.0.1', '127.0.0.1 ', '127.0.0.1\t', '127.0.0.1\r\nHost: x', '1\u200b27.0.0.1', 'xn--127.0.0.1-',
];

describe('private addresses are closed', () => {
  let server;
  let names;
  let user;
  let port;
  let caught;
  before(async () => {
    // A hostile name server: what has no answer of its own is this machine.
    names = await new NameServer((name, round) => {
      if (name.startsWith('rebinding')) return round === 0 ? [NOBODY] : ['127.0.0.1', '::1'];
      if (name.startsWith('mixed')) return [NOBODY, '127.0.0.1', '::1', '::ffff:127.0.0.1'];
      if (name.startsWith('mapped')) return ['::ffff:127.0.0.1', '64:ff9b::7f00:1', '2002:7f00:1::1', '::127.0.0.1'];
      if (name.startsWith('metadata')) return ['169.254.169.254', 'fd00:ec2::254'];
      if (name.startsWith('none')) return undefined;
      return ['127.0.0.1', '::1'];
    }).listen();
    port = await freePort();
    caught = await trap(port);
    server = await Server.start({ settings: { allow_private_addresses: false, dns_servers: names.address, requests_per_second: 0, grace_s: 5 } });
    user = await server.user();
  });
  after(() => server?.kill());

  // Goes live to these destinations, and gives their endpoints once each of them has failed.
  const pushTo = async (api, ids, accepts = ({ problem }) => problem !== 'none') => {
    const { livestream, stream_key: key } = await api.post('/api/v1/livestreams', { title: 'Inside', destination_ids: ids });
    const encoder = await new ScriptedPublisher({ url: server.rtmpUrl }).publish(key);
    const playing = encoder.play(show({ seconds: 30 }));
    let endpoints = [];
    await waitFor('every destination to be refused', async () => {
      const session = await sessionOf(api, livestream.id);
      endpoints = (await api.get('/api/rtmp/status')).sessions.find(({ sessionId }) => sessionId === session.sessionId)?.endpoints ?? [];
      return endpoints.length === ids.length && endpoints.every(accepts);
    }, { timeoutMs: 20_000, everyMs: 200, describe: () => endpoints.filter((one) => !accepts(one)).slice(0, 5) });
    return { endpoints, end: async () => {
      await api.post(`/api/v1/livestreams/${livestream.id}/stop`);
      await playing;
    } };
  };

  test('three hundred URLs: each is refused when it is given, or when it would be dialled', async () => {
    const hosts = [...new Set([...INNER.flatMap(notations), ...ODD_HOSTS])];
    const urls = hosts.map((host, n) => (n % 4 === 3 ? { platform: 'custom', bridgeProxyUrl: `http://${host}:${port}/push` } : { platform: 'custom', rtmpUrl: `${n % 4 === 2 ? 'rtmps' : 'rtmp'}://${host}:${port}/app` }));
    assert.ok(urls.length >= 300, `${urls.length} cases`);
    const accepted = [[], []];
    const owners = [user, await server.user()];
    let refused = 0;
    for (const [n, url] of urls.entries()) {
      const { status, body } = await owners[n % 2].call('POST', '/api/destinations', { body: { name: `case ${n}`, streamKey: 'k', ...url } });
      assert.ok([201, 422].includes(status), `${JSON.stringify(url)} → ${status}`);
      if (status === 422) refused += 1;
      else accepted[n % 2].push(body.destination.id);
    }
    assert.ok(refused > 150 && accepted[0].length > 60 && accepted[1].length > 60, `${refused} refused, ${accepted.map((ids) => ids.length)} taken`);
    for (const [n, ids] of accepted.entries()) {
      const { endpoints, end } = await pushTo(owners[n], ids);
      for (const { name, problem, lastError } of endpoints) {
        assert.equal(problem, 'address_not_allowed', `${name}: ${lastError}`);
        assert.match(lastError, /is a private or reserved address, which this server does not connect to/, name);
        assert.doesNotMatch(lastError, /refused the connection|did not answer|loopback|link-local/, 'nothing of what is there');
      }
      await end();
    }
    assert.deepEqual(caught, []);
  });

  test('a name that is public once and this machine from then on is judged each time it is dialled', async () => {
    const { id } = await makeDestination(user, { name: 'rebinding', url: `rtmp://rebinding.example:${port}/app` });
    const { end, endpoints } = await pushTo(user, [id], ({ problem }) => problem === 'address_not_allowed');
    assert.equal(endpoints[0].problem, 'address_not_allowed');
    assert.ok(names.asked.get('rebinding.example 6') >= 2, 'the name was asked for twice');
    await end();
    assert.deepEqual(caught, []);
  });

  test('of a name with good and bad addresses only the good ones are tried', async () => {
    const made = [];
    for (const name of ['mixed', 'mapped', 'metadata']) made.push((await makeDestination(user, { name, url: `rtmp://${name}.example:${port}/app` })).id);
    const { end, endpoints } = await pushTo(user, made);
    const problems = Object.fromEntries(endpoints.map(({ name, problem }) => [name, problem]));
    assert.notEqual(problems.mixed, 'address_not_allowed');
    assert.equal(problems.mapped, 'address_not_allowed');
    assert.equal(problems.metadata, 'address_not_allowed');
    await end();
    assert.deepEqual(caught, []);
  });

  test('a test of the connection tells the same of every inner address, open port or not', async () => {
    const closed = await freePort();
    const told = [];
    for (const [host, at] of [['127.0.0.1', port], ['127.0.0.1', closed], ['127.0.0.1', server.rtmpPort], ['127.0.0.1', server.httpPort]]) {
      const { id } = await makeDestination(user, { url: `rtmp://${host}:${at}/app` });
      const { test: tried } = await user.post(`/api/destinations/${id}/test-connection`);
      assert.equal(tried.ok, false);
      told.push(JSON.stringify({ step: tried.failedStep, message: tried.message, steps: tried.steps.map(({ name, ok }) => [name, ok]) }));
    }
    assert.equal(new Set(told).size, 1, told.join('\n'));
    assert.deepEqual(caught, []);
  });
});

describe('private addresses are open', () => {
  let server;
  let user;
  let certificates;
  let openPort;
  let closedPort;
  let caught;
  before(async () => {
    certificates = await makeCertificates();
    [openPort, closedPort] = [await freePort(), await freePort()];
    caught = await trap(closedPort);
    const ports = closedPort < 32_000 ? `1-${closedPort - 1},${closedPort + 1}-65535` : `1-65535`;
    server = await Server.start({ settings: { destination_ports: ports, destination_ca_file: certificates.ca, requests_per_second: 0 } });
    user = await server.user();
  });
  after(() => server?.kill());

  const publish = async (live) => {
    const encoder = await new ScriptedPublisher({ url: server.rtmpUrl }).publish(live.key);
    return { encoder, playing: encoder.play(show({ seconds: 8 })) };
  };
  const tryOut = async (fields) => {
    const { destination } = await user.post('/api/destinations', { platform: 'custom', name: 'tried', streamKey: 'k', ...fields });
    return (await user.post(`/api/destinations/${destination.id}/test-connection`)).test;
  };

  test('this server is no destination of its own, by whatever name', async () => {
    for (const url of [`rtmp://127.0.0.1:${server.rtmpPort}/live`, `rtmp://localhost:${server.rtmpPort}/live`, `rtmp://[::ffff:127.0.0.1]:${server.rtmpPort}/live`]) {
      const tried = await tryOut({ rtmpUrl: url });
      assert.equal(tried.ok, false);
      assert.match(tried.message, /this server itself/, url);
    }
    const bridged = await tryOut({ bridgeProxyUrl: `http://127.0.0.1:${server.httpPort}/api/v1/streaming/stream_started` });
    assert.match(bridged.message, /this server itself/);
  });

  test('a port that is not in the list is not connected to', async () => {
    const tried = await tryOut({ rtmpUrl: `rtmp://127.0.0.1:${closedPort}/app` });
    assert.match(tried.message, /does not connect to port/);
    for (const port of [2375, 5432, 6379, 9200, 11211, 27017]) assert.match((await tryOut({ rtmpUrl: `rtmp://127.0.0.1:${port}/app` })).message, /does not connect to port/, `${port}`);
    assert.doesNotMatch((await tryOut({ rtmpUrl: `rtmp://127.0.0.1:${openPort}/app` })).message, /does not connect to port/);
    assert.deepEqual(caught, []);
  });

  test('a platform that asks to be called elsewhere moves nobody to where they may not go', async () => {
    for (const to of [`rtmp://127.0.0.1:${closedPort}/app`, `rtmp://127.0.0.1:${server.rtmpPort}/live`, 'rtmp://169.254.169.254/latest', 'file:///etc/passwd', `http://127.0.0.1:${closedPort}/`]) {
      const asking = await makeReceiver(user, { name: 'asking', script: (n) => (n === 0 ? { reconnectAfterMs: 300, reconnectUrl: to } : {}) });
      const { livestream, stream_key: key } = await user.post('/api/v1/livestreams', { title: to, destination_ids: [asking.id] });
      const { encoder, playing } = await publish({ key });
      await waitFor(`the first to be left or called again (${to})`, () => asking.peer.runs[0]?.ended, { timeoutMs: 8_000 });
      await waitFor('the platform itself to be called again', () => asking.peer.publishes.length > 1, { timeoutMs: 12_000 });
      await encoder.unpublish(key);
      await playing;
      await user.post(`/api/v1/livestreams/${livestream.id}/stop`);
      await asking.peer.close();
    }
    assert.deepEqual(caught, []);
  });

  test('no reconnect falls from RTMPS to RTMP, where the key would be readable', async () => {
    const plain = await makeReceiver(user, { name: 'plain' });
    const secure = await makeReceiver(user, {
      name: 'secure', tls: pem(certificates.good), host: 'localhost', script: (n) => (n === 0 ? { reconnectAfterMs: 300, reconnectUrl: plain.peer.url } : {}),
    });
    const { stream_key: key } = await user.post('/api/v1/livestreams', { title: 'Downgrade', destination_ids: [secure.id] });
    const { encoder, playing } = await publish({ key });
    await waitFor('the platform to be called again by RTMPS', () => secure.peer.publishes.length > 1, { timeoutMs: 8_000 });
    assert.equal(plain.peer.runs.length, 0);
    await encoder.unpublish(key);
    await playing;
    await Promise.all([plain, secure].map(({ peer }) => peer.close()));
  });

  test('a bridge that redirects is not followed', async () => {
    const bridge = net.createServer((socket) => {
      socket.on('error', () => {});
      socket.once('data', () => socket.end(`HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:${closedPort}/\r\nContent-Length: 0\r\n\r\n`));
    });
    bridge.listen(openPort, '127.0.0.1');
    await once(bridge, 'listening');
    endLater(() => bridge.close());
    let calls = 0;
    bridge.on('connection', () => { calls += 1; });
    const { destination } = await user.post('/api/destinations', { platform: 'custom', name: 'bridge', bridgeProxyUrl: `http://127.0.0.1:${openPort}/push` });
    const { livestream, stream_key: key } = await user.post('/api/v1/livestreams', { title: 'Redirected', destination_ids: [destination.id] });
    const { encoder, playing } = await publish({ key });
    await waitFor('the redirect to be met', async () => calls > 0 && (await user.get(`/api/destinations/${destination.id}/status`)).problem !== 'none', { timeoutMs: 8_000 });
    await encoder.unpublish(key);
    await playing;
    await user.post(`/api/v1/livestreams/${livestream.id}/stop`);
    assert.deepEqual(caught, []);
    bridge.close();
  });
});
