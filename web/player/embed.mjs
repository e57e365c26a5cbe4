// node embed.mjs FOLDER: writes into FOLDER what the server's binary carries: every file of the player as it is served,
// plain and compressed, and embedded.cpp, which takes them in.
import { createHash } from 'node:crypto';
import { readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { Embedding, literal, typeOf } from '../embedding.mjs';

const here = path.dirname(fileURLToPath(import.meta.url));
const folder = path.resolve(process.argv[2] ?? path.join(here, 'dist'));
const read = (...parts) => readFileSync(path.join(here, ...parts), 'utf8');

function packaged(name, file) {
  try {
    return read('node_modules', name, file).replace(/\n\/\/# sourceMappingURL=.*\s*$/, '\n');
  } catch {
    process.stderr.write(`The player's packages are not there. Fetch them: tools/install build\n`);
    process.exit(1);
  }
}

// A script for CommonJS, as a module.
const asModule = (script) => `const module = { exports: {} }, exports = module.exports;\n${script}\nexport default module.exports;\n`;

const LICENSED = ['hls.js', 'mpegts.js', 'es6-promise', 'events'];
const licenses = LICENSED.map((name) => `${name} ${JSON.parse(packaged(name, 'package.json')).version}\n\n${packaged(name, 'LICENSE').trim()}\n`).join(`\n${'-'.repeat(78)}\n\n`);

const files = new Map([
  ...readdirSync(path.join(here, 'src')).map((name) => [name, read('src', name)]),
  ['hls.js', packaged('hls.js', 'dist/hls.light.min.mjs')],
  ['mpegts.js', asModule(packaged('mpegts.js', 'dist/mpegts.js'))],
  ['licenses.txt', licenses],
].sort(([one], [other]) => (one < other ? -1 : 1)));

// One digest over all stands in every address, so that files may name each other by their names alone.
const hash = createHash('sha256');
for (const [name, text] of files) hash.update(`${name}\0${text.length}\0${text}`);
const digest = hash.digest('hex').slice(0, 16);

const embedding = new Embedding(folder, 'everycast_player');
const assets = [...files].map(([name, text]) => `    {${literal(name)}, ${literal(typeOf(name))}, ${embedding.blob(name, text)}, ${embedding.blob(`${name}.gz`, gzipSync(text, { level: 9 }))}},`);
const pages = ['watch', 'embed'].map((name) => `std::string_view ${name}_template() {\n    return ${embedding.blob(`${name}.html`, read('pages', `${name}.html`))};\n}`);

embedding.write('embedded.cpp', {
  maker: 'web/player/embed.mjs',
  header: 'api/pages/embedded.h',
  definitions: [
    `std::span<const Asset> assets() {
    static const std::array<Asset, ${assets.length}> all{{
${assets.join('\n')}
    }};
    return all;
}`,
    `std::string_view assets_digest() {
    return "${digest}";
}`,
    ...pages,
  ],
});
