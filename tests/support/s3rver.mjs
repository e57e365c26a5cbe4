// s3rver with one bucket in a folder of its own, as a program: node tests/support/s3rver.mjs BUCKET; prints its port.
import { mkdtempSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import path from 'node:path';

const S3rver = createRequire(new URL('../system/package.json', import.meta.url))('s3rver');
const folder = mkdtempSync(path.join(tmpdir(), 'everycast-s3rver-'));
process.on('exit', () => rmSync(folder, { recursive: true, force: true }));

const server = new S3rver({ address: '127.0.0.1', port: 0, silent: true, directory: folder, configureBuckets: [{ name: process.argv[2] }] });
const { port } = await server.run();
console.log(port);
// It goes when whoever started it does.
process.stdin.resume().on('end', () => process.exit(0));
