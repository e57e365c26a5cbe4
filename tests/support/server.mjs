// The server under test: build/release/everycast on free ports, with a data directory of its own.
import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { Api } from './api.mjs';
import { freePort } from './ports.mjs';
import { Child, run, temporaryFolder } from './process.mjs';
import { waitFor } from './wait.mjs';

export const BINARY = process.env.EVERYCAST ?? fileURLToPath(new URL('../../build/release/everycast', import.meta.url));

const ADMIN = { email: 'admin@example.org', password: 'correct horse battery staple' };
const READY_MS = 15_000;

export class Server {
  #users = 0;

  // `settings`: names as in the configuration file, without EVERYCAST_. `admin`: false leaves a fresh server without one.
  // `launcher`: a command that runs the server (`prlimit`, `ip netns exec`), `env`: more of its environment, `host`: where it
  // is reached; one that is not on this machine listens on all its addresses.
  static async start({ settings = {}, admin = true, dataDir, launcher = [], env = {}, host = '127.0.0.1' } = {}) {
    const server = new Server();
    Object.assign(server, { launcher, env });
    server.dataDir = dataDir ?? path.join(temporaryFolder('data'), 'data');
    mkdirSync(server.dataDir, { recursive: true });
    server.httpPort = await freePort();
    server.rtmpPort = await freePort();
    const listen = host === '127.0.0.1' ? host : '0.0.0.0';
    server.settings = {
      http: `${listen}:${server.httpPort}`, rtmp: `${listen}:${server.rtmpPort}`, rtmps: 'off', data_dir: server.dataDir,
      allow_private_addresses: true, log_level: 'debug', media_threads: 2, ...settings,
    };
    server.url = `http://${host}:${server.httpPort}`;
    server.rtmpUrl = `rtmp://${host}:${server.rtmpPort}/live`;
    server.api = new Api(server.url);
    server.earlierOutput = '';
    if (admin) await server.addUser(ADMIN.email, 'admin', ADMIN.password);
    await server.launch();
    if (admin) server.admin = await server.signIn(ADMIN.email, ADMIN.password);
    return server;
  }

  get environment() {
    return Object.fromEntries(Object.entries(this.settings).map(([name, value]) => [`EVERYCAST_${name.toUpperCase()}`, String(value)]));
  }
  // What the server said, over all its starts.
  get log() {
    return this.earlierOutput + (this.child?.output ?? '');
  }

  async launch() {
    if (this.child) this.earlierOutput += this.child.output;
    const [command, ...words] = [...this.launcher, BINARY, 'serve'];
    this.child = new Child(command, words, { env: { ...this.environment, ...this.env }, cwd: this.dataDir });
    await waitFor('the server to be ready', async () => {
      if (this.child.over) return true;
      return (await this.api.call('GET', '/readyz')).status === 200;
    }, { timeoutMs: READY_MS, describe: () => this.child.output.slice(-3000) });
    if (this.child.over) throw new Error(`the server ended with ${this.child.code ?? this.child.signal}:\n${this.child.output.slice(-3000)}`);
  }

  // The command line's own way to make an account.
  addUser(email, role, password) {
    return run(BINARY, ['user', 'add', email, '--role', role], { env: this.environment, cwd: this.dataDir, input: `${password}\n` });
  }

  // An Api that is signed in.
  async signIn(email, password) {
    const { accessToken, user } = await this.api.post('/api/auth/login', { email, password });
    return Object.assign(this.api.as(accessToken), { user, email, password });
  }

  // A new account, signed in.
  async user(role = 'broadcaster', name = role) {
    this.#users += 1;
    const account = { email: `${name}${this.#users}@example.org`, password: `a long password ${this.#users}`, name };
    await this.admin.post('/api/users', { ...account, role });
    return this.signIn(account.email, account.password);
  }

  async stop() {
    const outcome = await this.child.stop('SIGTERM', 10_000);
    return outcome;
  }
  kill() {
    return this.child.kill();
  }
  async restart() {
    await this.stop();
    await this.launch();
  }
}

// A station with its key, and an Api call away from going live.
export async function makeStation(api, name = 'Night radio') {
  const { station } = await api.post('/api/stations', { name });
  return station;
}

// A destination at a receiver of ours.
export async function makeDestination(api, { url, key = 'a-key', name = 'receiver', ...rest }) {
  const { destination } = await api.post('/api/destinations', { platform: 'custom', name, rtmpUrl: url, streamKey: key, ...rest });
  return destination;
}
