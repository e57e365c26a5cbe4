// node embed.mjs FOLDER: builds the web app and writes into FOLDER what the server's binary carries: every file as it is
// served, plain and compressed, and app_embedded.cpp, which takes them in. Does nothing while the sources are the same.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';
import { Embedding, literal, typeOf } from './embedding.mjs';

const here = path.dirname(fileURLToPath(import.meta.url));
const folder = path.resolve(process.argv[2] ?? path.join(here, '..', 'build', 'web'));
const dist = path.join(folder, 'dist');
// Written last: what was interrupted is made anew.
const stamp = path.join(folder, 'sources.sha256');

const filesOf = (root) => (existsSync(root) ? readdirSync(root, { recursive: true, withFileTypes: true }) : [])
  .filter((entry) => entry.isFile())
  .map((entry) => path.join(entry.parentPath ?? entry.path, entry.name))
  .sort();

const ALONE = ['index.html', 'package.json', 'package-lock.json', 'postcss.config.mjs', 'vite.config.ts', 'embed.mjs', 'embedding.mjs'];

function sourcesDigest() {
  const sources = [...ALONE.map((name) => path.join(here, name)), ...['public', 'src', 'player/src'].flatMap((part) => filesOf(path.join(here, part)))];
  const hash = createHash('sha256').update(process.version);
  for (const file of sources) {
    if (/\.test\.tsx?$/.test(file)) continue;
    const bytes = readFileSync(file);
    hash.update(`${path.relative(here, file)}\0${bytes.length}\0`).update(bytes);
  }
  return hash.digest('hex');
}

function build() {
  const vite = path.join(here, 'node_modules', 'vite', 'bin', 'vite.js');
  if (!existsSync(vite)) {
    process.stderr.write(`The web app's packages are not there. Fetch them: tools/install build\n`);
    process.exit(1);
  }
  const { status } = spawnSync(process.execPath, [vite, 'build', '--logLevel', 'warn', '--outDir', dist, '--emptyOutDir'], { cwd: here, stdio: 'inherit', env: { ...process.env, NODE_ENV: 'production' } });
  if (status !== 0) process.exit(status ?? 1);
  writeFileSync(path.join(dist, 'licenses.txt'), licenses());
}

/** Every path that the app's own router knows, as src/app/routes.tsx names it. */
function pagePaths() {
  const routes = readFileSync(path.join(here, 'src', 'app', 'routes.tsx'), 'utf8');
  const paths = [...routes.matchAll(/^\s*page\('(\/[^']*)'/gm)].map(([, found]) => found);
  if (!paths.includes('/')) throw new Error('No pages were found in src/app/routes.tsx.');
  return paths;
}

/** Whose work the app contains, and on what terms: every package that is there at run time. */
function licenses() {
  const { packages } = JSON.parse(readFileSync(path.join(here, 'package-lock.json'), 'utf8'));
  const texts = Object.entries(packages).filter(([where, { dev }]) => where && !dev).map(([where, { version, license }]) => {
    const root = path.join(here, where);
    const file = existsSync(root) && readdirSync(root).find((name) => /^(licen[cs]e|copying)/i.test(name));
    const text = file ? readFileSync(path.join(root, file), 'utf8').trim() : `Licence: ${license}`;
    return `${where.replace(/^.*node_modules\//, '')} ${version}\n\n${text}\n`;
  });
  return texts.join(`\n${'-'.repeat(78)}\n\n`);
}

// Not worth a header.
const SMALLEST_GAIN = 64;
const packed = (embedding, name, suffix, bytes, compress) => {
  if (/\.(woff2|png)$/.test(name)) return '{}';
  const compressed = compress(bytes);
  return compressed.length + SMALLEST_GAIN < bytes.length ? embedding.blob(name + suffix, compressed) : '{}';
};
const brotli = (bytes) => brotliCompressSync(bytes, { params: { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length } });
const gzip = (bytes) => gzipSync(bytes, { level: 9 });

function embed() {
  const embedding = new Embedding(folder, 'everycast_app');
  const names = filesOf(dist).map((file) => path.relative(dist, file)).filter((name) => name !== 'index.html' && !name.startsWith('.'));
  const files = names.map((name) => {
    const bytes = readFileSync(path.join(dist, name));
    const etag = createHash('sha256').update(bytes).digest('hex').slice(0, 16);
    return `    {${literal(`/${name}`)}, ${literal(typeOf(name))}, ${literal(etag)}, ${embedding.blob(name, bytes)}, ${packed(embedding, name, '.gz', bytes, gzip)}, ${packed(embedding, name, '.br', bytes, brotli)}},`;
  });
  const page = readFileSync(path.join(dist, 'index.html'));
  if (!page.includes('{{nonce}}')) throw new Error('index.html has no {{nonce}} for the policy.');
  const paths = pagePaths();
  embedding.write('app_embedded.cpp', {
    maker: 'web/embed.mjs',
    header: 'api/pages/app_embedded.h',
    definitions: [
      `std::span<const AppFile> app_files() {
    static const std::array<AppFile, ${files.length}> all{{
${files.join('\n')}
    }};
    return all;
}`,
      `std::span<const std::string_view> app_paths() {
    static constexpr std::array<std::string_view, ${paths.length}> all{${paths.map(literal).join(', ')}};
    return all;
}`,
      `std::string_view app_page() {
    return ${embedding.blob('index.html', page)};
}`,
    ],
  });
}

mkdirSync(folder, { recursive: true });
const digest = sourcesDigest();
if (!existsSync(stamp) || readFileSync(stamp, 'utf8') !== digest || !existsSync(path.join(folder, 'app_embedded.cpp'))) {
  rmSync(stamp, { force: true });
  build();
  embed();
  writeFileSync(stamp, digest);
}
