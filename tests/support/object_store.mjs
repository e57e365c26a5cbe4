// An S3-speaking store in memory, with one bucket, that keeps to the protocol's letter and misbehaves on order: it verifies
// every signature by itself (AWS Signature Version 4, in the header and in the query), and every digest of a body.
//   node tests/support/object_store.mjs '{"bucket": "…", "region": "…", "accessKeyId": "…", "secretKey": "…"}'
// prints its port. It also answers, unsigned:
//   PUT /_faults    a list of {request, fault, times}: `request` is looked for in "PUT key?query", `fault` is one of faults
//                   below, or {status, code, message, headers}, or {slow: bytes read in a second}
//   GET /_log       what was asked since the last look, a line each: "PUT key?query 200"
import { createHash, createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import { createServer } from 'node:http';
import { setTimeout } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

const hash = (kind, data, form = 'hex') => createHash(kind).update(data).digest(form);
const hmac = (key, data) => createHmac('sha256', key).update(data).digest();
// RFC 3986: what encodeURIComponent leaves and S3 does not.
const encode = (text) => encodeURIComponent(text).replace(/[!'()*]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`);
const escape = (text) => String(text).replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;');
const xml = (root, body) => `<?xml version="1.0" encoding="UTF-8"?>\n<${root} xmlns="http://s3.amazonaws.com/doc/2006-03-01/">${body}</${root}>`;

class Refusal extends Error {
  constructor(status, code, message = code, headers = {}) {
    super(message);
    Object.assign(this, { status, code, headers });
  }
  get body() {
    return `<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>${this.code}</Code><Message>${escape(this.message)}</Message>` +
      `<RequestId>4442587FB7D0A2F9</RequestId><HostId>none</HostId></Error>`;
  }
}

export class ObjectStore {
  objects = new Map(); // key → { bytes, etag, headers }
  uploads = new Map(); // id → { key, headers, parts: number → { bytes, etag } }
  faults = [];
  log = [];
  pageSize = 3;

  constructor(settings) {
    Object.assign(this, settings);
    this.server = createServer((request, response) => this.#serve(request, response));
    // As stores do; so that a client's reuse of a connection that is gone is seen.
    this.server.keepAliveTimeout = 5_000;
  }

  async listen() {
    await new Promise((resolve) => this.server.listen(0, '127.0.0.1', resolve));
    return this.server.address().port;
  }

  #signature(method, url, headers, { signedHeaders, scope, time, payload, query }) {
    const [, date, region, service] = [null, ...scope.split('/')];
    const canonicalQuery = query.map(([name, value]) => `${encode(name)}=${encode(value)}`).sort().join('&');
    const canonicalHeaders = signedHeaders.map((name) => `${name}:${(headers[name] ?? '').trim().replace(/ +/g, ' ')}\n`).join('');
    const path = url.pathname.split('/').map((part) => encode(decodeURIComponent(part))).join('/');
    const request = [method, path, canonicalQuery, canonicalHeaders, signedHeaders.join(';'), payload].join('\n');
    const toSign = ['AWS4-HMAC-SHA256', time, scope, hash('sha256', request)].join('\n');
    const key = [date, region, service, 'aws4_request'].reduce(hmac, `AWS4${this.secretKey}`);
    return hmac(key, toSign).toString('hex');
  }

  #checkCredential(credential, time, seconds) {
    const [id, ...scope] = credential.split('/');
    if (id !== this.accessKeyId) throw new Refusal(403, 'InvalidAccessKeyId', `The AWS Access Key Id ${id} does not exist in our records.`);
    if (scope[1] !== this.region)
      throw new Refusal(400, 'AuthorizationHeaderMalformed', `The region '${scope[1]}' is wrong; expecting '${this.region}'`, { 'x-amz-bucket-region': this.region });
    const at = Date.parse(time.replace(/(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z/, '$1-$2-$3T$4:$5:$6Z'));
    if (Math.abs(Date.now() - at) > seconds * 1000) throw new Refusal(403, 'RequestTimeTooSkewed', 'The difference between the request time and the current time is too large.');
    return scope.join('/');
  }

  #verify(request, url, body) {
    const query = [...url.searchParams];
    let given;
    let expected;
    if (url.searchParams.has('X-Amz-Signature')) {
      const value = (name) => url.searchParams.get(`X-Amz-${name}`);
      const scope = this.#checkCredential(value('Credential'), value('Date'), Number(value('Expires')));
      given = value('Signature');
      expected = this.#signature(request.method, url, request.headers, { signedHeaders: value('SignedHeaders').split(';'), scope, time: value('Date'), payload: 'UNSIGNED-PAYLOAD', query: query.filter(([name]) => name !== 'X-Amz-Signature') });
    } else {
      const parts = /^AWS4-HMAC-SHA256 Credential=([^,]+), ?SignedHeaders=([^,]+), ?Signature=([0-9a-f]{64})$/.exec(request.headers.authorization ?? '');
      if (!parts) throw new Refusal(403, 'AccessDenied', 'Access Denied');
      const time = request.headers['x-amz-date'];
      const payload = request.headers['x-amz-content-sha256'];
      const signedHeaders = parts[2].split(';');
      const scope = this.#checkCredential(parts[1], time, 900);
      for (const name of Object.keys(request.headers).filter((header) => header.startsWith('x-amz-') || header === 'host'))
        if (!signedHeaders.includes(name)) throw new Refusal(403, 'AccessDenied', `There were headers present in the request which were not signed: ${name}`);
      given = parts[3];
      expected = this.#signature(request.method, url, request.headers, { signedHeaders, scope, time, payload, query });
      if (payload !== hash('sha256', body)) throw new Refusal(400, 'XAmzContentSHA256Mismatch', "The provided 'x-amz-content-sha256' header does not match what was computed.");
    }
    if (given.length !== expected.length || !timingSafeEqual(Buffer.from(given), Buffer.from(expected)))
      throw new Refusal(403, 'SignatureDoesNotMatch', `The request signature we calculated does not match the signature you provided: ${given}`);
    const md5 = request.headers['content-md5'];
    if (md5 && md5 !== hash('md5', body, 'base64')) throw new Refusal(400, 'BadDigest', 'The Content-MD5 you specified did not match what we received.');
  }

  #upload(id, key) {
    const upload = this.uploads.get(id);
    if (upload?.key !== key) throw new Refusal(404, 'NoSuchUpload', 'The specified upload does not exist.');
    return upload;
  }

  #listParts(key, id, after) {
    const { parts } = this.#upload(id, key);
    const rest = [...parts].filter(([number]) => number > after).sort(([a], [b]) => a - b);
    const page = rest.slice(0, this.pageSize);
    const truncated = page.length < rest.length;
    const listed = page.map(([number, part]) => `<Part><PartNumber>${number}</PartNumber><LastModified>2026-01-01T00:00:00.000Z</LastModified><ETag>&quot;${part.etag}&quot;</ETag><Size>${part.bytes.length}</Size></Part>`);
    return xml('ListPartsResult', `<Bucket>${this.bucket}</Bucket><Key>${escape(key)}</Key><UploadId>${id}</UploadId><IsTruncated>${truncated}</IsTruncated>` +
      (truncated ? `<NextPartNumberMarker>${page.at(-1)[0]}</NextPartNumberMarker>` : '') + listed.join(''));
  }

  #complete(key, id, body) {
    const { parts, headers } = this.#upload(id, key);
    const named = [...body.toString().matchAll(/<PartNumber>(\d+)<\/PartNumber><ETag>"?([^"<]+)"?<\/ETag>/g)].map(([, number, etag]) => [Number(number), etag]);
    if (named.length === 0) throw new Refusal(400, 'MalformedXML');
    const chosen = named.map(([number, etag], index) => {
      const part = parts.get(number);
      if (part?.etag !== etag) throw new Refusal(400, 'InvalidPart', 'One or more of the specified parts could not be found.');
      if (index + 1 < named.length && part.bytes.length < 5 * 1024 * 1024) throw new Refusal(400, 'EntityTooSmall');
      return part;
    });
    const digests = Buffer.concat(chosen.map((part) => Buffer.from(hash('md5', part.bytes), 'hex')));
    const object = { bytes: Buffer.concat(chosen.map((part) => part.bytes)), etag: `${hash('md5', digests)}-${chosen.length}`, headers };
    this.objects.set(key, object);
    this.uploads.delete(id);
    return xml('CompleteMultipartUploadResult', `<Bucket>${this.bucket}</Bucket><Key>${escape(key)}</Key><ETag>"${object.etag}"</ETag>`);
  }

  #answer(request, url, body) {
    const [, bucket, ...rest] = url.pathname.split('/').map(decodeURIComponent);
    const key = rest.join('/');
    if (bucket !== this.bucket) throw new Refusal(404, 'NoSuchBucket', 'The specified bucket does not exist');
    const id = url.searchParams.get('uploadId');
    const kept = Object.fromEntries(Object.entries(request.headers).filter(([name]) => ['content-type', 'cache-control'].includes(name)));
    const number = Number(url.searchParams.get('partNumber'));
    switch (request.method) {
      case 'PUT': {
        const stored = { bytes: body, etag: hash('md5', body), headers: kept };
        if (id) this.#upload(id, key).parts.set(number, stored);
        else this.objects.set(key, stored);
        return { headers: { ETag: `"${stored.etag}"` } };
      }
      case 'POST': {
        if (id) return { body: this.#complete(key, id, body) };
        const fresh = randomBytes(20).toString('base64url');
        this.uploads.set(fresh, { key, headers: kept, parts: new Map() });
        return { body: xml('InitiateMultipartUploadResult', `<Bucket>${this.bucket}</Bucket><Key>${escape(key)}</Key><UploadId>${fresh}</UploadId>`) };
      }
      case 'DELETE':
        if (id) {
          this.#upload(id, key);
          this.uploads.delete(id);
        } else this.objects.delete(key);
        return { status: 204 };
      default: {
        if (id) return { body: this.#listParts(key, id, Number(url.searchParams.get('part-number-marker') ?? 0)) };
        const object = this.objects.get(key);
        if (!object) throw new Refusal(404, 'NoSuchKey', 'The specified key does not exist.');
        const headers = { ...object.headers, 'Accept-Ranges': 'bytes', ETag: `"${object.etag}"`, 'Content-Length': object.bytes.length };
        for (const name of ['content-type', 'content-disposition'])
          if (url.searchParams.has(`response-${name}`)) headers[name] = url.searchParams.get(`response-${name}`);
        const range = request.method === 'GET' && /^bytes=(\d+)-(\d*)$/.exec(request.headers.range ?? '');
        if (!range) return { headers, body: object.bytes };
        const part = object.bytes.subarray(Number(range[1]), range[2] ? Number(range[2]) + 1 : undefined);
        if (part.length === 0) throw new Refusal(416, 'InvalidRange');
        const last = Number(range[1]) + part.length - 1;
        return { status: 206, headers: { ...headers, 'Content-Length': part.length, 'Content-Range': `bytes ${range[1]}-${last}/${object.bytes.length}` }, body: part };
      }
    }
  }

  // Each takes ({ request, response, url, body, serve }); `serve` does and answers what was asked.
  static faults = {
    'reset at once': ({ request }) => request.socket.destroy(),
    // Not read to its end, so that the connection tears in the middle of the body.
    'tear the request': ({ request }) => request.socket.resetAndDestroy(),
    'lose the answer': ({ request, serve }) => {
      serve();
      request.socket.destroy();
    },
    hang: () => {},
    'damage the body': ({ body, serve }) => {
      body[0] ^= 1;
      return serve();
    },
    'store damaged': ({ body, serve, store, url }) => {
      const answer = serve();
      const id = url.searchParams.get('uploadId');
      const kept = id ? store.uploads.get(id)?.parts.get(Number(url.searchParams.get('partNumber'))) : store.objects.get(url.pathname.split('/').slice(2).join('/'));
      if (kept) kept.bytes = Buffer.from(body.map((byte, index) => (index === 0 ? byte ^ 1 : byte)));
      return answer;
    },
    'wrong ETag': ({ serve }) => ({ ...serve(), headers: { ETag: `"${'0'.repeat(32)}"` } }),
    'opaque ETag': ({ serve }) => {
      const answer = serve();
      return { ...answer, headers: { ...answer.headers, ETag: '"opaque-and-encrypted"' } };
    },
    // With a key of AWS's: an ETag that looks like a digest and is none.
    encrypted: ({ serve }) => {
      const answer = serve();
      return { ...answer, headers: { ...answer.headers, ETag: `"${'5'.repeat(32)}${/-\d+"$/.exec(answer.headers.ETag)?.[0].slice(0, -1) ?? ''}"`, 'x-amz-server-side-encryption': 'aws:kms' } };
    },
    'short object': ({ serve }) => {
      const answer = serve();
      return { ...answer, headers: { ...answer.headers, 'Content-Length': 1 }, body: '' };
    },
    'error after 200': () => ({ status: 200, body: new Refusal(200, 'InternalError', 'We encountered an internal error. Please try again.').body }),
    'not XML': () => ({ status: 200, body: '<!DOCTYPE html><html><body>welcome</body></html>' }),
    endless: ({ response }) => {
      response.writeHead(200);
      const more = setInterval(() => response.write('x'.repeat(65_536)), 1);
      response.on('close', () => clearInterval(more));
    },
    redirect: () => ({ status: 307, headers: { Location: 'http://127.0.0.1:1/elsewhere' }, body: '' }),
  };

  async #serve(request, response) {
    const url = new URL(request.url, `http://${request.headers.host}`);
    const name = `${request.method} ${url.pathname.split('/').slice(2).join('/')}${url.search}`;
    const end = ({ status = 200, headers = {}, body = '' }) => {
      if (!url.pathname.startsWith('/_')) this.log.push(`${name} ${status}`);
      if (response.destroyed) return;
      response.writeHead(status, { 'x-amz-request-id': '4442587FB7D0A2F9', 'Content-Length': Buffer.byteLength(body), ...headers });
      response.end(request.method === 'HEAD' ? undefined : body);
    };
    try {
      const found = url.pathname.startsWith('/_') ? undefined : this.faults.find((fault) => fault.times > 0 && name.includes(fault.request));
      if (found) found.times -= 1;
      if (found?.fault === 'tear the request') {
        await new Promise((resolve) => request.once('data', resolve));
        this.log.push(`${name} torn`);
        return ObjectStore.faults[found.fault]({ request });
      }
      // {slow: bytes}: no more than so many a second are read of the request.
      const slow = found?.fault.slow;
      const chunks = [];
      for await (const chunk of request) {
        chunks.push(chunk);
        if (slow) await setTimeout((1000 * chunk.length) / slow);
      }
      const body = Buffer.concat(chunks);
      if (url.pathname === '/_faults') {
        this.faults = JSON.parse(body.toString());
        return end({});
      }
      if (url.pathname === '/_log') return end({ body: this.log.splice(0).join('\n') });
      const serve = () => {
        this.#verify(request, url, body);
        return this.#answer(request, url, body);
      };
      if (!found || slow) return end(serve());
      if (typeof found.fault === 'object') {
        const { status, code, message, headers } = found.fault;
        if (!code) return end({ status, headers, body: '<html><body>a proxy speaks</body></html>' });
        throw new Refusal(status, code, message, headers);
      }
      const answer = ObjectStore.faults[found.fault]({ request, response, url, body, serve, store: this });
      if (answer) end(answer);
      else this.log.push(`${name} ${found.fault}`);
    } catch (error) {
      if (error instanceof Refusal) end({ status: error.status, headers: error.headers, body: error.body });
      else if (!response.destroyed) end({ status: 500, body: new Refusal(500, 'InternalError', String(error)).body });
    }
    return undefined;
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const store = new ObjectStore(JSON.parse(process.argv[2]));
  console.log(await store.listen());
  // It goes when whoever started it does.
  process.stdin.resume().on('end', () => process.exit(0));
}
