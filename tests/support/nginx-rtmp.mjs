// Debian's nginx with its RTMP module: as a platform it takes RTMP publishes on /app and counts what it got; as a peer of
// ours it pushes them on.
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { freePort } from './ports.mjs';
import { Child, temporaryFolder } from './process.mjs';
import { waitFor } from './wait.mjs';

const MODULE = '/usr/lib/nginx/modules/ngx_rtmp_module.so';

const configuration = ({ folder, rtmpPort, httpPort, onPublish, record, push }) => `
load_module ${MODULE};
daemon off;
master_process off;
worker_processes 1;
pid ${folder}/nginx.pid;
error_log ${folder}/error.log info;
events { worker_connections ${256 + 2 * push.length}; }
rtmp {
  access_log off;
  server {
    listen 127.0.0.1:${rtmpPort};
    chunk_size 4096;
    application app {
      live on;
      ${record ? `record all; record_path ${folder}/rec; record_unique off;` : 'record off;'}
      ${onPublish ? `on_publish ${onPublish};` : ''}
      ${push.map((url) => `push ${url};`).join('\n      ')}
    }
  }
}
http {
  access_log off;
  client_body_temp_path ${folder}/body;
  proxy_temp_path ${folder}/proxy;
  fastcgi_temp_path ${folder}/fastcgi;
  uwsgi_temp_path ${folder}/uwsgi;
  scgi_temp_path ${folder}/scgi;
  server {
    listen 127.0.0.1:${httpPort};
    location /stat { rtmp_stat all; }
  }
}
`;

const field = (xml, name) => new RegExp(`<${name}>([^<]*)</${name}>`).exec(xml)?.[1];

export class NginxRtmp {
  // `onPublish`: a URL that is asked before a publish. `record`: keep what comes as FLV under `recording(key)`. `push`:
  // URLs to push every publish to.
  static async start({ onPublish, record = false, push = [] } = {}) {
    const folder = temporaryFolder('nginx');
    mkdirSync(path.join(folder, 'rec'));
    const [rtmpPort, httpPort] = [await freePort(), await freePort()];
    const file = path.join(folder, 'nginx.conf');
    writeFileSync(file, configuration({ folder, rtmpPort, httpPort, onPublish, record, push }));
    const nginx = new NginxRtmp();
    Object.assign(nginx, { folder, file, rtmpPort, httpPort });
    await nginx.launch();
    return nginx;
  }

  // Also after it was killed: on the same ports.
  async launch() {
    this.child = new Child('/usr/sbin/nginx', ['-c', this.file, '-p', this.folder, '-e', `${this.folder}/error.log`]);
    await waitFor('nginx-rtmp to answer', async () => {
      if (this.child.over) throw new Error(this.child.output);
      return (await fetch(`http://127.0.0.1:${this.httpPort}/stat`)).ok;
    });
  }

  get url() {
    return `rtmp://127.0.0.1:${this.rtmpPort}/app`;
  }

  recording(key) {
    return path.join(this.folder, 'rec', `${key}.flv`);
  }

  // What is known of one stream: {name, bytesIn, width, height, publishing}, or nothing.
  async stream(key) {
    const xml = await (await fetch(`http://127.0.0.1:${this.httpPort}/stat`)).text();
    const found = xml.split('<stream>').slice(1).find((part) => field(part, 'name') === key);
    if (!found) return undefined;
    return {
      name: key,
      bytesIn: Number(field(found, 'bytes_in')),
      width: Number(field(found, 'width')),
      height: Number(field(found, 'height')),
      publishing: found.includes('<publishing/>'),
      clients: Number(field(found, 'nclients')),
    };
  }

  stop() {
    return this.child.stop();
  }
}
