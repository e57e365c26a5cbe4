// The HTTP API as a test sees it. Every answer is held against the contract; a mismatch fails the test at the call.
import { Buffer } from 'node:buffer';
import { endLater } from './cleanup.mjs';
import { contract } from './contract.mjs';

export class ApiError extends Error {
  constructor(method, path, status, body) {
    super(`${method} ${path} → ${status} ${JSON.stringify(body)?.slice(0, 600)}`);
    Object.assign(this, { status, body, code: body?.error?.code });
  }
}

export class Api {
  constructor(base, { token, cookie } = {}) {
    Object.assign(this, { base, token, cookie });
  }

  as(token) {
    return new Api(this.base, { token });
  }

  // The answer whatever its status: {status, body, text, headers}. `raw`: a body sent as it is.
  async call(method, path, { body, raw, headers = {}, contract: judged = true } = {}) {
    const sent = { ...headers };
    if (this.token) sent.authorization ??= `Bearer ${this.token}`;
    if (this.cookie) sent.cookie ??= this.cookie;
    if (body !== undefined) sent['content-type'] ??= 'application/json';
    const response = await fetch(`${this.base}${path}`, { method, headers: sent, body: raw ?? (body === undefined ? undefined : JSON.stringify(body)), redirect: 'manual' });
    const text = await response.text();
    const contentType = response.headers.get('content-type');
    let parsed;
    if (contentType?.startsWith('application/json')) parsed = JSON.parse(text);
    const { pathname } = new URL(path, this.base);
    if (judged) contract().validate({ method, pathname, status: response.status, contentType, body: parsed, text });
    return { status: response.status, body: parsed, text, headers: response.headers };
  }

  // The body of a success; throws an ApiError otherwise.
  async #must(method, path, options) {
    const { status, body, text } = await this.call(method, path, options);
    if (status >= 400) throw new ApiError(method, path, status, body ?? text);
    return body;
  }

  get(path, options) {
    return this.#must('GET', path, options);
  }
  post(path, body = {}, options) {
    return this.#must('POST', path, { body, ...options });
  }
  put(path, body, options) {
    return this.#must('PUT', path, { body, ...options });
  }
  delete(path, options) {
    return this.#must('DELETE', path, options);
  }

  // Listens to GET /api/events. Gives {events, close(), next(accepts)}; each event {id, type, data, at (ms)}.
  async events({ lastEventId } = {}) {
    const controller = new AbortController();
    const headers = { accept: 'text/event-stream' };
    if (this.token) headers.authorization = `Bearer ${this.token}`;
    if (lastEventId) headers['last-event-id'] = String(lastEventId);
    const response = await fetch(`${this.base}/api/events`, { headers, signal: controller.signal });
    contract().validate({ method: 'GET', pathname: '/api/events', status: response.status, contentType: response.headers.get('content-type') });
    const listener = new EventListener(controller);
    listener.finished = listener.read(response.body).finally(endLater(() => listener.close()));
    return listener;
  }
}

class EventListener {
  events = [];
  raw = '';
  #waiting = new Set();

  constructor(controller) {
    this.controller = controller;
  }

  async read(stream) {
    const decoder = new TextDecoder();
    let rest = '';
    try {
      for await (const bytes of stream) {
        const text = decoder.decode(bytes, { stream: true });
        this.raw += text;
        const blocks = (rest + text).split('\n\n');
        rest = blocks.pop();
        for (const block of blocks) this.#block(block);
      }
      this.ended = true;
    } catch (error) {
      if (error.name !== 'AbortError') this.error = error;
    }
  }

  #block(block) {
    const event = { at: performance.now(), type: 'message', data: '' };
    for (const line of block.split('\n')) {
      const [, field, value] = /^(\w+):\s?(.*)$/.exec(line) ?? [];
      if (field === 'id') event.id = Number(value);
      if (field === 'event') event.type = value;
      if (field === 'data') event.data += value;
    }
    if (!event.data) return;
    event.data = JSON.parse(event.data);
    this.events.push(event);
    for (const check of this.#waiting) check(event);
  }

  // The first event, also of those already here, that `accepts` accepts.
  next(accepts, timeoutMs = 5_000) {
    const here = this.events.find(accepts);
    if (here) return Promise.resolve(here);
    return new Promise((resolve, reject) => {
      const check = (event) => {
        if (!accepts(event)) return;
        clearTimeout(timer);
        this.#waiting.delete(check);
        resolve(event);
      };
      const timer = setTimeout(() => {
        this.#waiting.delete(check);
        reject(new Error(`no such event within ${timeoutMs} ms; came: ${this.events.map((event) => event.type)}`));
      }, timeoutMs);
      this.#waiting.add(check);
    });
  }

  async close() {
    this.controller.abort();
    await this.finished;
  }
}

// A JWT's parts, for tests that forge them.
export const decodeJwt = (token) => token.split('.').slice(0, 2).map((part) => JSON.parse(Buffer.from(part, 'base64url').toString()));
export const encodePart = (value) => Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64url');
