// s3rver with one bucket in a folder of its own, as a program: node tests/support/s3rver.mjs BUCKET [lists]; prints its port,
// and then a line for each request: "PUT /shows/a?partNumber=1&uploadId=… 200". It knows no lists of an upload's parts; with
// `lists` it tells them, from its files.
import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import path from 'node:path';

const S3rver = createRequire(new URL('../system/package.json', import.meta.url))('s3rver');
const [bucket, ...words] = process.argv.slice(2);
const folder = mkdtempSync(path.join(tmpdir(), 'everycast-s3rver-'));
process.on('exit', () => rmSync(folder, { recursive: true, force: true }));

const server = new S3rver({ address: '127.0.0.1', port: 0, silent: true, directory: folder, configureBuckets: [{ name: bucket }] });

function listOfParts(id) {
  const place = path.join(server.store.getResourcePath(bucket, undefined, 'uploads'), id);
  if (!/^[0-9a-f]+$/.test(id) || !existsSync(place)) return [404, '<Error><Code>NoSuchUpload</Code><Message>none</Message></Error>'];
  // A part has its digest once all of it was there.
  const parts = readdirSync(place).filter((name) => name.endsWith('.md5')).map((name) => Number(name.slice(0, -4))).sort((a, b) => a - b)
    .map((number) => `<Part><PartNumber>${number}</PartNumber><ETag>"${readFileSync(path.join(place, `${number}.md5`))}"</ETag><Size>${statSync(path.join(place, String(number))).size}</Size></Part>`);
  return [200, `<ListPartsResult><UploadId>${id}</UploadId><IsTruncated>false</IsTruncated>${parts.join('')}</ListPartsResult>`];
}

server.middleware.unshift(async (ctx, next) => {
  if (words.includes('lists') && ctx.method === 'GET' && ctx.query.uploadId) {
    [ctx.status, ctx.body] = listOfParts(ctx.query.uploadId);
    ctx.type = 'application/xml';
  } else {
    await next().catch((error) => {
      console.log(`${ctx.method} ${ctx.url} ${error.code ?? error}`);
      throw error;
    });
  }
  console.log(`${ctx.method} ${ctx.url} ${ctx.status}`);
});
// Whoever started it may not listen.
process.stdout.on('error', () => {});

const { port } = await server.run();
console.log(port);
// It goes when whoever started it does.
process.stdin.resume().on('end', () => process.exit(0));
