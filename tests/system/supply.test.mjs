// Where the parts come from: what is fetched is held to its hash, runs nothing on its way in, and is named in the bill of
// materials; keys do not get into the tree.
import assert from 'node:assert/strict';
import { copyFileSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { test } from 'node:test';
import { Child, run, temporaryFolder } from '../support/process.mjs';
import { BINARY } from '../support/server.mjs';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const read = (name) => readFileSync(path.join(ROOT, name), 'utf8');

// They would put themselves together for this machine, and work without: nothing runs them (the next test).
const UNRUN = ['node_modules/esbuild', 'node_modules/fsevents'];

test('every npm package is locked to a hash and comes from the registry', () => {
  for (const folder of ['web', 'web/player', 'tests/system']) {
    const { packages, lockfileVersion } = JSON.parse(read(`${folder}/package-lock.json`));
    assert.ok(lockfileVersion >= 2);
    const { '': own, ...others } = packages;
    const wanted = Object.keys({ ...own.dependencies, ...own.devDependencies });
    assert.ok(wanted.length > 0 && wanted.every((name) => others[`node_modules/${name}`]), `what package.json of ${folder} asks for is in the lock file`);
    for (const [place, { integrity, resolved, hasInstallScript, link }] of Object.entries(others)) {
      assert.match(integrity ?? '', /^sha512-[A-Za-z0-9+/]{86}==$/, place);
      assert.ok(!link && (!hasInstallScript || UNRUN.includes(place)), `${place} is a package that runs nothing when it is installed`);
      if (resolved) assert.match(resolved, /^https:\/\/registry\.npmjs\.org\//, place);
    }
  }
});

test('what installs them runs none of their scripts, and fetches nothing else', () => {
  const scripts = ['run', 'test', ...readdirSync(path.join(ROOT, 'tools')).filter((name) => !name.endsWith('.txt')).map((name) => `tools/${name}`)];
  let installs = 0;
  for (const name of scripts) {
    const lines = read(name).split('\n').filter((line) => !/^\s*(#|\/\/)/.test(line));
    for (const line of lines) {
      assert.doesNotMatch(line, /\b(curl|wget|npx|pip3?|git clone|go get|cargo)\b .*(https?:|install|add|@)/, `${name}: ${line}`);
      if (!/\bnpm (ci|install|i|add|update)\b/.test(line.replace(/(["']).*?\1/g, ''))) continue;
      assert.match(line, /\bnpm ci --ignore-scripts\b/, `${name}: ${line}`);
      installs += 1;
    }
  }
  assert.ok(installs > 0, 'this test saw the line that installs');
});

test('a key, a token or a database in the tree fails the check', async () => {
  const folder = temporaryFolder('tree');
  mkdirSync(path.join(folder, 'tools'));
  mkdirSync(path.join(folder, 'src'));
  copyFileSync(path.join(ROOT, 'tools/check_layers'), path.join(folder, 'tools/check_layers'));
  writeFileSync(path.join(folder, 'src/fine.txt'), 'nothing to see\n');
  const check = async () => {
    const child = new Child('bash', [path.join(folder, 'tools/check_layers')], { cwd: folder, env: { GIT_CEILING_DIRECTORIES: path.dirname(folder) } });
    return { ...await child.exit(), output: child.output };
  };
  const clean = await check();
  assert.equal(clean.code, 0, clean.output);
  const planted = {
    'src/key.txt': `-----BEGIN ${'PRIVATE'} KEY-----`, 'src/cloud.txt': `AKIA${'ABCDEFGHIJKLMNOP'}`, 'src/forge.txt': `ghp_${'a1'.repeat(18)}`, 'src/stream.txt': `live_${'123456789'}_${'abcdefghijklmnopqrstuvwxyz'}`,
    'src/server.pem': 'x', 'src/tls.key': 'x', 'src/everycast.db': 'x', '.env': 'x',
  };
  for (const [name, text] of Object.entries(planted)) writeFileSync(path.join(folder, name), `${text}\n`);
  const found = await check();
  assert.equal(found.code, 1);
  for (const name of Object.keys(planted)) assert.ok(found.output.includes(name), `${name} is found:\n${found.output}`);
});

test('statements are put together in one place only', async () => {
  const folder = temporaryFolder('sql');
  for (const part of ['tools', 'src/service', 'src/store']) mkdirSync(path.join(folder, part), { recursive: true });
  copyFileSync(path.join(ROOT, 'tools/check_layers'), path.join(folder, 'tools/check_layers'));
  writeFileSync(path.join(folder, 'src/service/clever.cpp'), '#include <soci/soci.h>\n');
  writeFileSync(path.join(folder, 'src/store/station_repository.cpp'), 'session.once << "SELECT * FROM stations WHERE id = \'" + id + "\'";\n');
  const child = new Child('bash', [path.join(folder, 'tools/check_layers')], { cwd: folder, env: { GIT_CEILING_DIRECTORIES: path.dirname(folder) } });
  assert.equal((await child.exit()).code, 1);
  assert.match(child.output, /clever\.cpp:1/);
  assert.match(child.output, /station_repository\.cpp:1/);
});

test('the bill of materials names what the server loads, with versions, and what the tests fetch, with hashes', async () => {
  const { bomFormat, specVersion, metadata, components } = JSON.parse(await run(path.join(ROOT, 'tools/sbom'), [BINARY], { timeoutMs: 60_000 }));
  assert.deepEqual([bomFormat, specVersion, metadata.component.name], ['CycloneDX', '1.5', 'everycast']);
  for (const { name, version, purl } of components) {
    assert.ok(version?.length > 0, name);
    assert.match(purl, /^pkg:(deb\/debian|npm)\/[^@]+@.+/, name);
  }
  const required = components.filter(({ scope }) => scope === 'required').map(({ name }) => name);
  for (const library of ['libssl3', 'libsqlite3-0', 'libpq5', 'libsodium23', 'libc-ares2', 'libc6']) assert.ok(required.includes(library), `${library} in ${required}`);
  const fetched = components.filter(({ purl }) => purl.startsWith('pkg:npm/'));
  assert.ok(fetched.length > 2 && fetched.every(({ hashes: [{ alg, content }] }) => alg === 'SHA-512' && /^[0-9a-f]{128}$/.test(content)));
  assert.equal(new Set(components.map(({ purl }) => purl)).size, components.length, 'each once');
});
