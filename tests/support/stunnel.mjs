// stunnel as the TLS front of a plain RTMP server: RTMPS as most self-hosted platforms serve it.
import net from 'node:net';
import path from 'node:path';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { freePort } from './ports.mjs';
import { Child, temporaryFolder } from './process.mjs';
import { waitFor } from './wait.mjs';

// `certificate`: {key, cert} paths. Gives {port, stop()}.
export async function startStunnel({ certificate, target }) {
  const folder = temporaryFolder('stunnel');
  const port = await freePort();
  const file = path.join(folder, 'stunnel.conf');
  writeFileSync(file, `foreground = yes\npid =\nsyslog = no\n[rtmps]\naccept = 127.0.0.1:${port}\nconnect = 127.0.0.1:${target}\ncert = ${certificate.cert}\nkey = ${certificate.key}\n`);
  const child = new Child('/usr/bin/stunnel4', [file]);
  await waitFor('stunnel to listen', async () => {
    if (child.over) throw new Error(child.output);
    const socket = net.connect(port, '127.0.0.1');
    await once(socket, 'connect');
    socket.destroy();
    return true;
  });
  return { port, child, stop: () => child.stop() };
}
