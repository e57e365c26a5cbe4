// node budget.mjs DIST: how much JavaScript a browser fetches until a page works, compressed as the server sends it; fails
// where that is more than is allowed.
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { brotliCompressSync } from 'node:zlib';

const KILOBYTE = 1000;
// The pages by their modules' names, with what they fetch by themselves as soon as they are there.
const PAGES = {
  watch: { modules: ['index', 'WatchPage', 'StreamPlayer', 'hls.light.min'], kilobytes: 250 },
  dashboard: { modules: ['index', 'DashboardPage'], kilobytes: 450 },
};

const dist = path.resolve(process.argv[2] ?? '../build/web/dist');
const manifest = JSON.parse(readFileSync(path.join(dist, '.vite', 'manifest.json'), 'utf8'));
const sizes = new Map();
function size(file) {
  if (!sizes.has(file)) sizes.set(file, brotliCompressSync(readFileSync(path.join(dist, file))).length);
  return sizes.get(file);
}

function keyOf(name) {
  const key = Object.keys(manifest).find((one) => manifest[one].name === name && (manifest[one].isEntry || manifest[one].isDynamicEntry));
  if (!key) throw new Error(`No module ${name} is loaded by itself in this build: mend web/budget.mjs.`);
  return key;
}

function filesOf(key, found = new Set()) {
  const { file, imports = [] } = manifest[key];
  if (found.has(file)) return found;
  found.add(file);
  for (const imported of imports) filesOf(imported, found);
  return found;
}

let within = true;
for (const [name, page] of Object.entries(PAGES)) {
  const files = new Set(page.modules.flatMap((module) => [...filesOf(keyOf(module))]));
  const scripts = [...files].filter((file) => file.endsWith('.js'));
  const total = scripts.reduce((sum, file) => sum + size(file), 0) / KILOBYTE;
  const ok = total <= page.kilobytes;
  within &&= ok;
  console.log(`${ok ? 'ok    ' : 'FAILED'} ${name}: ${total.toFixed(1)} KB of ${page.kilobytes} KB in ${scripts.length} files`);
  if (!ok) for (const file of scripts.sort((one, other) => size(other) - size(one)).slice(0, 8)) console.log(`         ${(size(file) / KILOBYTE).toFixed(1)} KB ${file}`);
}
process.exitCode = within ? 0 : 1;
