// The fault proxy as the system tests use it. What each fault does is tested in fault_proxy_test.cpp.
import assert from 'node:assert/strict';
import net from 'node:net';
import { once } from 'node:events';
import { before, test } from 'node:test';
import { endLater } from './cleanup.mjs';
import { startFaultProxy } from './fault_proxy.mjs';
import { eventOf, waitFor } from './wait.mjs';

let echo;
before(async () => {
  echo = net.createServer((socket) => socket.on('error', () => {}).pipe(socket)).listen(0, '127.0.0.1');
  await once(echo, 'listening');
  endLater(() => echo.close());
});

async function connect(port) {
  const socket = net.connect(port, '127.0.0.1');
  endLater(() => socket.destroy());
  await once(socket, 'connect');
  return socket;
}

test('bytes pass, faults come and go while they do, and the proxy counts', async () => {
  const proxy = startFaultProxy();
  const door = await proxy.open(echo.address().port);
  const socket = await connect(door.port);
  socket.write('hello');
  assert.equal(String((await once(socket, 'data'))[0]), 'hello');

  await door.set({ up: { delay_ms: 150 } });
  const began = performance.now();
  socket.write('later');
  await once(socket, 'data');
  assert.ok(performance.now() - began >= 149);
  assert.deepEqual(await door.counters(), { open: 1, accepted: 1, bytesUp: 10, bytesDown: 10 });

  socket.on('error', () => {});
  const [reset] = await Promise.all([eventOf(socket, 'error'), door.reset()]);
  assert.equal(reset.code, 'ECONNRESET');
  await waitFor('the connection to be gone', async () => (await door.counters()).open === 0);

  await door.set({ admission: 'closed_port' });
  await assert.rejects(connect(door.port), /ECONNREFUSED/);
  await door.set();
  await door.setConnection(1, { down: { end_at: 2 } });
  const second = await connect(door.port);
  second.write('hello');
  const got = [];
  for await (const data of second) got.push(data);
  assert.equal(Buffer.concat(got).toString(), 'he');
  await door.close();
  await proxy.stop();
});

test('what it does not understand it says', async () => {
  const proxy = startFaultProxy();
  await assert.rejects(proxy.open(1, { up: { sloth: 1 } }), /not understood: up.sloth=1/);
  await assert.rejects(proxy.command('reset', 7), /no such door/);
  await proxy.stop();
});
