// Certificates for RTMPS tests, made by openssl: a CA of our own, and a good, an expired, a wrong-host and a
// self-signed certificate for "localhost".
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { run, temporaryFolder } from './process.mjs';

const openssl = (...args) => run('openssl', args);

// ca: a database's worth of openssl.cnf, since only `openssl ca` can date a certificate in the past.
const caConfiguration = (folder) => `
[ca]
default_ca = own
[own]
dir = ${folder}
database = ${folder}/index.txt
new_certs_dir = ${folder}
serial = ${folder}/serial
default_md = sha256
policy = any
copy_extensions = copy
unique_subject = no
[any]
commonName = supplied
`;

async function request(folder, name, host) {
  const files = { key: path.join(folder, `${name}.key`), csr: path.join(folder, `${name}.csr`), cert: path.join(folder, `${name}.pem`) };
  await openssl('req', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-keyout', files.key, '-out', files.csr,
    '-subj', `/CN=${host}`, '-addext', `subjectAltName=DNS:${host}`);
  return files;
}

// Gives {ca (path), good, expired, wrongHost, selfSigned}, each {key, cert} paths; `pem()` reads one for node:tls.
export async function makeCertificates() {
  const folder = temporaryFolder('certificates');
  const config = path.join(folder, 'ca.cnf');
  writeFileSync(config, caConfiguration(folder));
  writeFileSync(path.join(folder, 'index.txt'), '');
  writeFileSync(path.join(folder, 'serial'), '1000');
  const caKey = path.join(folder, 'ca.key');
  const ca = path.join(folder, 'ca.pem');
  await openssl('req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2', '-keyout', caKey, '-out', ca,
    '-subj', '/CN=System test CA', '-addext', 'basicConstraints=critical,CA:TRUE', '-addext', 'keyUsage=critical,keyCertSign,cRLSign');

  const sign = async (name, host, ...dates) => {
    const files = await request(folder, name, host);
    await openssl('ca', '-batch', '-notext', '-config', config, '-cert', ca, '-keyfile', caKey, '-in', files.csr, '-out', files.cert, ...dates);
    return files;
  };
  const selfSigned = await request(folder, 'self', 'localhost');
  await openssl('x509', '-req', '-in', selfSigned.csr, '-signkey', selfSigned.key, '-days', '2', '-copy_extensions', 'copy', '-out', selfSigned.cert);
  return {
    ca,
    good: await sign('good', 'localhost', '-days', '2'),
    expired: await sign('expired', 'localhost', '-startdate', '20200101000000Z', '-enddate', '20200102000000Z'),
    wrongHost: await sign('wrong', 'elsewhere.example', '-days', '2'),
    selfSigned,
  };
}

export const pem = ({ key, cert }) => ({ key: readFileSync(key), cert: readFileSync(cert) });
