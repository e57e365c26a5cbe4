// A PostgreSQL of a test's own: data and socket in a temporary folder, ended and removed with the test process. It refuses
// to run as root, so under root it runs as the user `postgres`.
import { chownSync, existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { endLater } from './cleanup.mjs';
import { Child, run, temporaryFolder } from './process.mjs';
import { waitFor } from './wait.mjs';

const BINARIES = '/usr/lib/postgresql/15/bin';

export const hasPostgres = existsSync(`${BINARIES}/postgres`);

export class Postgres {
  #hanging = [];

  static async start() {
    const postgres = new Postgres();
    postgres.folder = temporaryFolder('postgres');
    if (process.getuid() === 0) {
      const ids = await run('id', ['-u', 'postgres']);
      const groups = await run('id', ['-g', 'postgres']);
      chownSync(postgres.folder, Number(ids), Number(groups));
    }
    const data = path.join(postgres.folder, 'data');
    await run(...postgres.#as(`${BINARIES}/initdb`, ['-D', data, '-U', 'everycast', '-A', 'trust', '-E', 'UTF8', '--locale=C', '--no-sync']), { cwd: postgres.folder, timeoutMs: 60_000 });
    postgres.child = new Child(...postgres.#as(`${BINARIES}/postgres`, ['-D', data, '-k', postgres.folder, '-c', 'listen_addresses=', '-c', 'fsync=off', '-c', 'shared_buffers=16MB', '-c', 'max_connections=60']), { cwd: postgres.folder });
    await waitFor('PostgreSQL to answer', () => postgres.query('SELECT 1'), { timeoutMs: 30_000, everyMs: 200, describe: () => postgres.child.output.slice(-500) });
    return postgres;
  }

  // As the setting `database` takes it.
  get url() {
    return `postgresql://everycast@/postgres?host=${this.folder}`;
  }

  // The rows as lines of text, columns separated by "|".
  query(sql) {
    return run('psql', ['-X', '-A', '-t', '-d', this.url, '-c', sql]);
  }

  // Keeps every connection open and answers nobody, until it goes on: the server, and its process for each connection.
  hang() {
    const { pid } = this.child;
    const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ').filter(Boolean).map(Number);
    this.#hanging = [pid, ...children];
    for (const one of this.#hanging) process.kill(one, 'SIGSTOP');
    // What is stopped cannot notice that its server ends.
    endLater(() => this.goOn());
  }
  goOn() {
    for (const one of this.#hanging.splice(0).reverse()) {
      try {
        process.kill(one, 'SIGCONT');
      } catch (error) {
        if (error.code !== 'ESRCH') throw error;
      }
    }
  }

  stop() {
    return this.child.stop('SIGQUIT');
  }

  #as(command, args) {
    return process.getuid() === 0 ? ['setpriv', ['--reuid=postgres', '--regid=postgres', '--init-groups', '--', command, ...args]] : [command, args];
  }
}
