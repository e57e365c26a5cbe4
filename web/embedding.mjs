// Files for the server's binary: an Embedding writes them into a folder, and beside them the C++ that takes them in.
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';

export const TYPES = {
  '.css': 'text/css; charset=utf-8',
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.json': 'application/json',
  '.png': 'image/png',
  '.svg': 'image/svg+xml',
  '.txt': 'text/plain; charset=utf-8',
  '.webmanifest': 'application/manifest+json',
  '.woff2': 'font/woff2',
};

export function typeOf(name) {
  const type = TYPES[path.extname(name)];
  if (!type) throw new Error(`${name}: what type is that to be served as? Add it to web/embedding.mjs.`);
  return type;
}

/** Writes only what is new: whoever watches the file's time has nothing to do otherwise. */
export function writeIfChanged(file, text) {
  if (!existsSync(file) || readFileSync(file, 'utf8') !== text) writeFileSync(file, text);
}

/** A text as it stands in C++. */
export const literal = (text) => JSON.stringify(text);

export class Embedding {
  #folder;
  #symbol;
  #blobs = [];

  /** Files go into `folder`/files; `symbol` begins the names of what the linker sees. */
  constructor(folder, symbol) {
    this.#folder = folder;
    this.#symbol = symbol;
    mkdirSync(path.join(folder, 'files'), { recursive: true });
  }

  /** Takes these bytes in; the expression stands for them in the source. */
  blob(name, bytes) {
    const file = path.join(this.#folder, 'files', name.replaceAll('/', '_'));
    writeFileSync(file, bytes);
    const n = this.#blobs.push(file) - 1;
    return `blob(begin_${n}, end_${n})`;
  }

  /** `maker` is named in the first line, `header` declares what `definitions`, in api::pages, define. */
  write(source, { maker, header, definitions }) {
    // The content's digest stands in the text, so that new content is compiled anew.
    const contents = createHash('sha256');
    for (const file of this.#blobs) contents.update(readFileSync(file));
    const kept = new Set(this.#blobs.map((file) => path.basename(file)));
    for (const name of readdirSync(path.join(this.#folder, 'files'))) if (!kept.has(name)) rmSync(path.join(this.#folder, 'files', name));
    writeIfChanged(path.join(this.#folder, source), `// Made by ${maker} from ${contents.digest('hex')}.
#include "${header}"

#include <array>

${this.#blobs.map((file, n) => this.#incbin(file, n)).join('\n')}

namespace api::pages {
namespace {

std::string_view blob(const char* begin, const char* end) {
    return {begin, static_cast<std::size_t>(end - begin)};
}

}  // namespace

${definitions.join('\n\n')}

}  // namespace api::pages
`);
  }

  #incbin(file, n) {
    const [begin, end] = [`${this.#symbol}_begin_${n}`, `${this.#symbol}_end_${n}`];
    return `asm(".pushsection .rodata\\n"
    "${begin}:\\n.incbin \\"${file}\\"\\n"
    "${end}:\\n.popsection");
extern "C" {
extern const char begin_${n}[] asm("${begin}");
extern const char end_${n}[] asm("${end}");
}`;
  }
}
