// api/openapi.yaml as a judge: every answer that a test gets is held against it, and what was seen is remembered, so
// that the run can end by asking whether every operation was seen to succeed.
import { appendFileSync, mkdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

// The npm packages are the system tests' own.
const require = createRequire(new URL('../system/package.json', import.meta.url));
const Ajv = require('ajv/dist/2020').default;
const addFormats = require('ajv-formats').default ?? require('ajv-formats');
const { parse } = require('yaml');

const FILE = fileURLToPath(new URL('../../api/openapi.yaml', import.meta.url));
const METHODS = ['get', 'put', 'post', 'delete', 'patch'];
const DOCUMENT = 'contract';

const pointer = (...parts) => parts.map((part) => `/${encodeURIComponent(String(part).replaceAll('~', '~0').replaceAll('/', '~1'))}`).join('');

export class ContractError extends Error {}

class Contract {
  constructor() {
    this.document = parse(readFileSync(FILE, 'utf8'));
    this.ajv = new Ajv({ strict: false, allErrors: true, validateFormats: true });
    addFormats(this.ajv);
    this.ajv.addSchema({ ...this.document, $id: DOCUMENT }, DOCUMENT);
    this.operations = Object.entries(this.document.paths).flatMap(([template, item]) =>
      METHODS.filter((method) => item[method]).map((method) => this.#operation(template, method, item[method])));
    this.checks = new Map();
  }

  #operation(template, method, definition) {
    const pattern = new RegExp(`^${template.replace(/[.*+?^$()|[\]\\]/g, '\\$&').replace(/\{[^}]+\}/g, '[^/]+')}$`);
    return { template, method: method.toUpperCase(), pattern, definition, at: ['paths', template, method], literal: template.replace(/\{[^}]+\}/g, '').length };
  }

  // The operation that a request belongs to; the most literal template wins. Nothing for a path or method that is not promised.
  find(method, pathname) {
    return this.operations.filter((one) => one.method === method && one.pattern.test(pathname)).sort((one, other) => other.literal - one.literal)[0];
  }

  // Follows a reference; gives the object and where it stands.
  #resolve(at) {
    const value = at.reduce((node, part) => node?.[part], this.document);
    if (!value?.$ref) return { value, at };
    const parts = value.$ref.replace(/^#\//, '').split('/').map((part) => decodeURIComponent(part).replaceAll('~1', '/').replaceAll('~0', '~'));
    return this.#resolve(parts);
  }

  #check(at) {
    const where = `${DOCUMENT}#${pointer(...at)}`;
    if (!this.checks.has(where)) this.checks.set(where, this.ajv.compile({ $ref: where }));
    return this.checks.get(where);
  }

  // Throws a ContractError unless the answer is one that the contract promises. `body` is the parsed JSON, or text.
  validate({ method, pathname, status, contentType, body, text }) {
    const name = `${method} ${pathname} → ${status}`;
    const operation = this.find(method, pathname);
    if (!operation) {
      if (status < 400) throw new ContractError(`${name}: answered, but not in the contract`);
      this.#hold(name, ['components', 'schemas', 'Error'], body);
      return undefined;
    }
    const responses = operation.definition.responses;
    const code = [String(status), `${String(status)[0]}XX`, 'default'].find((key) => responses[key]);
    if (!code) throw new ContractError(`${name}: the contract has no such status for ${operation.method} ${operation.template}: ${text?.slice(0, 300)}`);
    const response = this.#resolve([...operation.at, 'responses', code]);
    const media = response.value.content;
    if (!media) {
      if (text) throw new ContractError(`${name}: a body where the contract has none`);
    } else {
      const type = contentType?.split(';')[0].trim();
      if (!media[type]) throw new ContractError(`${name}: content type ${type}, the contract has ${Object.keys(media)}`);
      if (type === 'application/json') this.#hold(name, [...response.at, 'content', type, 'schema'], body);
    }
    remember(`${operation.method} ${operation.template}`, status);
    return operation;
  }

  #hold(name, at, body) {
    const resolved = this.#resolve(at);
    if (!resolved.value) throw new ContractError(`${name}: no schema at ${pointer(...at)}`);
    const check = this.#check(resolved.at);
    if (check(body)) return;
    const errors = check.errors.map((error) => `${error.instancePath || '(body)'} ${error.message} ${JSON.stringify(error.params)}`);
    throw new ContractError(`${name} breaks the contract:\n  ${[...new Set(errors)].slice(0, 12).join('\n  ')}\n  ${JSON.stringify(body)?.slice(0, 1500)}`);
  }
}

let loaded;
export function contract() {
  loaded ??= new Contract();
  return loaded;
}

// Where the run (tests/system/run.mjs) collects what all its processes saw.
const folder = process.env.EVERYCAST_COVERAGE;
const remembered = new Set();
function remember(operation, status) {
  const line = `${operation} ${status}`;
  if (!folder || remembered.has(line)) return;
  remembered.add(line);
  mkdirSync(folder, { recursive: true });
  appendFileSync(path.join(folder, `${process.pid}.txt`), `${line}\n`);
}
