// Files over HTTP: who serves them, and how much of it a core does. The one that asks is the same for all.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import process from 'node:process';
import { setTimeout as pause } from 'node:timers/promises';
import { freePort } from '../../tests/support/ports.mjs';
import { Child } from '../../tests/support/process.mjs';
import { waitFor } from '../../tests/support/wait.mjs';
import { watch } from './measure.mjs';
import { startDownloader } from './tools.mjs';

const MEMORY = '/dev/shm';
const CONNECTIONS = 64;
const WARM_UP_MS = 1_000;
// A thread that has no time left.
const FULL = 0.95;

const configuration = ({ folder, port, cached }) => `
daemon off;
master_process off;
worker_processes 1;
pid ${folder}/nginx.pid;
error_log ${folder}/error.log warn;
events { worker_connections 4096; }
http {
  access_log off;
  sendfile on;
  tcp_nopush on;
  keepalive_timeout 600s;
  keepalive_requests 1000000000;
  gzip_static on;
  ${cached ? 'open_file_cache max=1000; open_file_cache_valid 10s;' : ''}
  types { application/vnd.apple.mpegurl m3u8; video/mp4 m4s mp4; }
  client_body_temp_path ${folder}/body;
  proxy_temp_path ${folder}/proxy;
  fastcgi_temp_path ${folder}/fastcgi;
  uwsgi_temp_path ${folder}/uwsgi;
  scgi_temp_path ${folder}/scgi;
  server {
    listen 127.0.0.1:${port} backlog=4096;
    root ${folder}/files;
  }
}
`;

// Debian's nginx with these files ({name: bytes}) in memory. `cached`: it keeps them open, which it does not by default.
export async function nginxFiles(files, { cached = false } = {}) {
  const folder = mkdtempSync(path.join(MEMORY, 'everycast-nginx-'));
  const forget = () => rmSync(folder, { recursive: true, force: true });
  process.once('exit', forget);
  mkdirSync(path.join(folder, 'files'));
  for (const [name, bytes] of Object.entries(files)) writeFileSync(path.join(folder, 'files', name), bytes);
  const port = await freePort();
  const file = path.join(folder, 'nginx.conf');
  writeFileSync(file, configuration({ folder, port, cached }));
  const nginx = new Child('/usr/sbin/nginx', ['-c', file, '-p', folder, '-e', `${folder}/error.log`]);
  await waitFor('nginx to answer', async () => {
    if (nginx.over) throw new Error(nginx.output);
    return (await fetch(`http://127.0.0.1:${port}/${Object.keys(files)[0]}`)).ok;
  });
  const stop = async () => {
    await nginx.kill();
    forget();
  };
  return { address: `127.0.0.1:${port}`, pids: [nginx.pid], stop };
}

// Downloads for a while from `pids` at `address`: {bytesPerCore, answersPerCore} in a second of CPU time of theirs.
// `sizes`: the bodies' bytes that one round over `paths` must give, where that does not change.
export async function measureDownloads({ name, address, pids, paths, seconds, gzip = false, headBytes, bodyBytes }) {
  const client = startDownloader({ address, paths, connections: CONNECTIONS, gzip, headBytes });
  try {
    await pause(WARM_UP_MS);
    const before = await client.report();
    const seen = await watch({ server: pids, client: client.pid }, seconds);
    const after = await client.report();
    const since = (what) => after[what] - before[what];
    if (after.ended > 0 || after.errors > 0) throw new Error(`${name}: ${after.ended} connections ended, ${after.errors} errors`);
    if (gzip && after.gzipped !== after.answers) throw new Error(`${name}: not all is compressed`);
    const meanBody = after.body_bytes / after.answers;
    if (bodyBytes && Math.abs(meanBody / bodyBytes - 1) > 0.01) throw new Error(`${name}: ${meanBody} bytes an answer instead of ${bodyBytes}`);
    const cpuSeconds = seen.cores.server * seen.seconds;
    const full = ['server', 'client'].filter((who) => seen.cores[who] >= FULL);
    return {
      name,
      bytesPerCore: since('bytes') / cpuSeconds,
      answersPerCore: since('answers') / cpuSeconds,
      answersPerSecond: since('answers') / seen.seconds,
      meanBody,
      tookMs: after.took,
      cores: seen.cores.server,
      clientCores: seen.cores.client,
      machineCores: seen.machineCores,
      full: full.join(', ') || 'nobody',
    };
  } finally {
    await client.kill();
  }
}
