// An RTMP server that records what is published to it and, if its script says so, misbehaves on the way. It stands
// for a platform. Independent of the product's own RTMP.
import { Buffer } from 'node:buffer';
import { createHash } from 'node:crypto';
import { EventEmitter } from 'node:events';
import net from 'node:net';
import tls from 'node:tls';
import { endLater } from '../cleanup.mjs';
import { decode } from './amf0.mjs';
import { Type } from './chunks.mjs';
import { Connection } from './connection.mjs';

export const sha1 = (bytes) => createHash('sha1').update(bytes).digest('hex');

const MEDIA = new Map([[Type.audio, 'audio'], [Type.video, 'video'], [Type.data, 'data']]);

// One message as it is compared: its name, its time on the wire, its bytes' hash; `head` and `at` (ms) help a reader.
export function recordOf({ type, timestamp, payload }, at = performance.now()) {
  return {
    type: MEDIA.get(type), timestamp, hash: sha1(payload), size: payload.length, head: Buffer.from(payload.subarray(0, 8)), at,
  };
}

// A script, every part of it optional:
//   hangAt        'accept' | 's0' | 's1' | 'c2' | 'connect' | 'createStream' | 'publish'     never answers from there on
//   closeAt       'accept' | 'connect' | 'createStream' | 'publish'                          closes instead of an answer
//   connectError  {code, description}             _error to connect
//   publishError  {code, description}             onStatus of level error to publish
//   stopReadingAfter, resetAfter, halfCloseAfter  bytes received
//   readPerSecond bytes, from the publish on      resetEveryMs, closeAfterMs: counted from the publish
//   fragment      bytes per write                 chunkSize: first chunk size; chunkSizes: one more after each 50 messages
//   fcPublish     'answer' (default) | 'silent'   bandwidth: [size, limit type]; window: size; ackEvery: bytes
//   reconnectAfterMs, reconnectUrl                Enhanced RTMP's ReconnectRequest
const DEFAULTS = { chunkSize: 4096, window: 2_500_000, bandwidth: [2_500_000, 2], fcPublish: 'answer' };

// Events: 'connection' (run), 'publish' (run), 'end' (run).
export class ServerPeer extends EventEmitter {
  // `script`: an object, or a function from the connection's number (0, 1, …) to one. `tls`: {key, cert} for RTMPS.
  constructor({ script = {}, tls: credentials, host = '127.0.0.1', app = 'app' } = {}) {
    super();
    this.script = script;
    this.host = host;
    this.app = app;
    this.runs = [];
    this.scheme = credentials ? 'rtmps' : 'rtmp';
    const accept = (socket) => this.#accept(socket);
    this.server = credentials
      ? tls.createServer({ ...credentials, pauseOnConnect: false }, accept)
      : net.createServer({ pauseOnConnect: false }, accept);
    if (credentials) this.server.on('tlsClientError', (error) => this.emit('tlsError', error));
  }

  #ended;

  async listen(port = 0) {
    await new Promise((resolve, reject) => {
      this.server.once('error', reject);
      this.server.listen(port, this.host, resolve);
    });
    this.#ended = endLater(() => this.close());
    return this;
  }

  get port() {
    return this.server.address().port;
  }
  get url() {
    return `${this.scheme}://${this.host}:${this.port}/${this.app}`;
  }
  // Runs that got as far as the publish.
  get publishes() {
    return this.runs.filter((run) => run.key !== undefined);
  }
  get last() {
    return this.publishes.at(-1);
  }

  async close() {
    this.#ended();
    for (const run of this.runs) run.connection.socket.destroy();
    await new Promise((resolve) => this.server.close(resolve));
  }

  async #accept(socket) {
    socket.setNoDelay(true);
    const script = { ...DEFAULTS, ...(typeof this.script === 'function' ? this.script(this.runs.length) : this.script) };
    const connection = new Connection(socket);
    const run = { connection, script, commands: [], messages: [], metadata: [], acks: 0, seen: 0, acceptedAt: performance.now() };
    this.runs.push(run);
    this.emit('connection', run);
    connection.fragment = script.fragment ?? 0;
    connection.on('close', (reason) => {
      run.ended ??= reason;
      run.endedAt = performance.now();
      clearTimeout(run.timer);
      this.emit('end', run);
    });
    if (script.closeAt === 'accept') return void socket.destroy();
    if (script.hangAt === 'accept') return void socket.pause();
    connection.on('message', (message) => this.#message(run, message));
    connection.on('command', (command) => this.#command(run, command));
    this.#watchBytes(run);
    await connection.handshakeAsServer({ stopAt: script.hangAt }).catch((error) => { run.ended ??= error.message; });
  }

  #watchBytes(run) {
    const { connection, script } = run;
    let acked = 0;
    connection.acknowledge = !script.ackEvery;
    connection.on('bytes', (total) => {
      if (script.stopReadingAfter && total >= script.stopReadingAfter) connection.socket.pause();
      if (run.budget !== undefined && (run.budget -= total - run.seen) <= 0) connection.socket.pause();
      run.seen = total;
      if (script.resetAfter && total >= script.resetAfter) connection.reset();
      if (script.halfCloseAfter && total >= script.halfCloseAfter) connection.end();
      // Nothing but the handshake's own bytes may come before its end.
      for (; run.connect && script.ackEvery && acked + script.ackEvery <= total; acked += script.ackEvery) connection.acknowledgement(acked);
    });
  }

  // Every tenth of a second it may read a tenth of its budget, and no more.
  #readSlowly(run) {
    const share = run.script.readPerSecond / 10;
    run.budget = share;
    run.timer = setInterval(() => {
      run.budget = Math.min(share, run.budget + share);
      if (run.budget > 0) run.connection.socket.resume();
    }, 100);
  }

  #message(run, message) {
    if (message.type === Type.acknowledgement) run.acks += 1;
    if (!MEDIA.has(message.type)) return;
    if (message.type === Type.data) return void run.metadata.push(decode(message.payload));
    run.messages.push(recordOf(message));
    const next = run.script.chunkSizes?.[run.messages.length / 50 - 1];
    if (next) run.connection.setChunkSize(next);
    this.emit('media', run);
  }

  #command(run, { name, transaction, args, streamId }) {
    const { connection, script } = run;
    run.commands.push(name);
    // Twitch, and others, say nothing at all to a bad key: the publish is noted before its fate.
    if (name === 'publish') Object.assign(run, { key: args[1], publishedAt: performance.now() });
    if (script.hangAt === name) return;
    if (script.closeAt === name) {
      if (name === 'publish') this.emit('publish', run);
      return void connection.end();
    }
    switch (name) {
      case 'connect': return this.#connect(run, transaction, args[0]);
      case 'createStream': return void connection.command('_result', transaction, null, 1);
      case 'releaseStream': return script.fcPublish === 'answer' && connection.command('_result', transaction, null, undefined);
      case 'FCPublish':
        if (script.fcPublish === 'silent') return undefined;
        connection.command('_result', transaction, null, undefined);
        return void connection.command('onFCPublish', 0, null, { code: 'NetStream.Publish.Start', description: args[1] });
      case 'publish': return this.#publish(run, streamId);
      case 'FCUnpublish':
      case 'deleteStream':
      case 'closeStream':
        run.ended ??= 'unpublished';
        return undefined;
      default: return undefined;
    }
  }

  #connect(run, transaction, object) {
    const { connection, script } = run;
    run.connect = object;
    connection.windowAckSize(script.window);
    connection.setPeerBandwidth(...script.bandwidth);
    connection.setChunkSize(script.chunkSize);
    const properties = { fmsVer: 'FMS/3,5,7,7009', capabilities: 31, mode: 1 };
    if (script.connectError) {
      connection.command('_error', transaction, null, { level: 'error', ...script.connectError });
      return void connection.end();
    }
    connection.command('_result', transaction, properties, {
      level: 'status', code: 'NetConnection.Connect.Success', description: 'Connection succeeded.', objectEncoding: 0,
    });
    connection.command('onBWDone', 0, null);
  }

  #publish(run, streamId) {
    const { connection, script } = run;
    this.emit('publish', run);
    if (script.publishError) {
      connection.streamCommand(streamId, 'onStatus', 0, null, { level: 'error', ...script.publishError });
      return void connection.end();
    }
    connection.control(0, streamId);
    connection.streamCommand(streamId, 'onStatus', 0, null, {
      level: 'status', code: 'NetStream.Publish.Start', description: 'Publishing.', clientid: 'ServerPeer',
    });
    if (script.readPerSecond) this.#readSlowly(run);
    if (script.resetEveryMs) run.timer = setTimeout(() => connection.reset(), script.resetEveryMs);
    if (script.closeAfterMs) run.timer = setTimeout(() => connection.end(), script.closeAfterMs);
    if (script.reconnectAfterMs) {
      run.timer = setTimeout(() => connection.command('onStatus', 0, null, {
        level: 'status', code: 'NetConnection.Connect.ReconnectRequest', tcUrl: script.reconnectUrl, description: 'moving house',
      }), script.reconnectAfterMs);
    }
    return undefined;
  }
}

// A server that does everything right.
export class RecordingReceiver extends ServerPeer {}

// A server with a script of faults.
export class ScriptedPeer extends ServerPeer {}
