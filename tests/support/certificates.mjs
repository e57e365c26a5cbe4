// Certificates for RTMPS tests, made by openssl: authorities of our own, a good certificate, and bad ones of every kind.
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

const EC = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1'];
const WEAK = ['-newkey', 'rsa:1024'];

async function request(folder, name, host, { key = EC, extensions = [] } = {}) {
  const files = { key: path.join(folder, `${name}.key`), csr: path.join(folder, `${name}.csr`), cert: path.join(folder, `${name}.pem`) };
  await openssl('req', ...key, '-nodes', '-keyout', files.key, '-out', files.csr, '-subj', `/CN=${host}`,
    ...[`subjectAltName=DNS:${host}`, ...extensions].flatMap((extension) => ['-addext', extension]));
  return files;
}

class Authority {
  static async make(name) {
    const authority = new Authority();
    const folder = temporaryFolder('certificates');
    Object.assign(authority, { folder, config: path.join(folder, 'ca.cnf'), key: path.join(folder, 'ca.key'), cert: path.join(folder, 'ca.pem') });
    writeFileSync(authority.config, caConfiguration(folder));
    writeFileSync(path.join(folder, 'index.txt'), '');
    writeFileSync(path.join(folder, 'serial'), '1000');
    await openssl('req', '-x509', ...EC, '-nodes', '-days', '2', '-keyout', authority.key, '-out', authority.cert,
      '-subj', `/CN=${name}`, '-addext', 'basicConstraints=critical,CA:TRUE', '-addext', 'keyUsage=critical,keyCertSign,cRLSign');
    return authority;
  }

  // Gives {key, cert}: paths. `issuer`: another certificate that signs in the authority's place, right or not.
  async sign(name, host, { dates = ['-days', '2'], issuer = this, ...wishes } = {}) {
    const files = await request(this.folder, name, host, wishes);
    await openssl('ca', '-batch', '-notext', '-config', this.config, '-cert', issuer.cert, '-keyfile', issuer.key, '-in', files.csr, '-out', files.cert, ...dates);
    return files;
  }
}

async function selfSigned(folder, host) {
  const files = await request(folder, 'self', host);
  await openssl('x509', '-req', '-in', files.csr, '-signkey', files.key, '-days', '2', '-copy_extensions', 'copy', '-out', files.cert);
  return files;
}

const LONG_AGO = ['-startdate', '20200101000000Z', '-enddate', '20200102000000Z'];
const FAR_AHEAD = ['-startdate', '20900101000000Z', '-enddate', '20910102000000Z'];

// Gives {ca (path), good, expired, wrongHost, selfSigned}, each {key, cert} paths; `pem()` reads one for node:tls.
export async function makeCertificates(host = 'localhost') {
  const ca = await Authority.make('System test CA');
  return {
    authority: ca,
    ca: ca.cert,
    good: await ca.sign('good', host),
    expired: await ca.sign('expired', host, { dates: LONG_AGO }),
    wrongHost: await ca.sign('wrong', 'elsewhere.example'),
    selfSigned: await selfSigned(ca.folder, host),
  };
}

// Those and more, for `host`: every kind that a client must refuse. Gives {ca, good, bad: {name: {key, cert}}}.
export async function makeBadCertificates(host) {
  const { authority, ca, good, expired, wrongHost, selfSigned: own } = await makeCertificates(host);
  const stranger = await Authority.make('Nobody knows this CA');
  const leaf = await authority.sign('leaf', host, { extensions: ['basicConstraints=critical,CA:FALSE'] });
  const byLeaf = await authority.sign('by-leaf', host, { issuer: leaf });
  // The chain is complete: only the issuer has no right to be one.
  writeFileSync(byLeaf.cert, readFileSync(byLeaf.cert, 'utf8') + readFileSync(leaf.cert, 'utf8'));
  return {
    ca,
    good,
    bad: {
      expired,
      notYetValid: await authority.sign('early', host, { dates: FAR_AHEAD }),
      wrongHost,
      selfSigned: own,
      unknownAuthority: await stranger.sign('stranger', host),
      forClientsOnly: await authority.sign('client', host, { extensions: ['extendedKeyUsage=clientAuth'] }),
      weakKey: await authority.sign('weak', host, { key: WEAK }),
      issuedByNoAuthority: byLeaf,
    },
  };
}

export const pem = ({ key, cert }) => ({ key: readFileSync(key), cert: readFileSync(cert) });
