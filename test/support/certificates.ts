/** Certificates for tests, made by openssl when they are asked for. */
import { execFileSync, spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Not every machine has it; what needs certificates is skipped there. */
export const hasOpenssl = spawnSync('openssl', ['version']).status === 0;

/** Paths of a certificate and its key. */
export interface Pair {
  readonly cert: string;
  readonly key: string;
}

/** An authority, and what it has signed: a server on the loopback, a client `alice` of `beck`. */
export interface Certificates {
  readonly folder: string;
  readonly ca: string;
  readonly server: Pair;
  readonly client: Pair;
}

const KEY = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];

export function makeCertificates(folder: string): Certificates {
  const openssl = (...args: string[]) => execFileSync('openssl', args, { cwd: folder, stdio: 'pipe' });
  const pair = (name: string): Pair => ({ cert: join(folder, `${name}.pem`), key: join(folder, `${name}.key`) });
  writeFileSync(join(folder, 'names'), 'subjectAltName=DNS:localhost,IP:127.0.0.1,IP:::1\n');
  openssl('req', '-x509', ...KEY, '-keyout', 'ca.key', '-out', 'ca.pem', '-days', '2', '-subj', '/CN=test authority');
  for (const [name, subject] of [
    ['server', '/CN=localhost'],
    ['client', '/O=beck/CN=alice'],
  ] as const) {
    openssl('req', ...KEY, '-keyout', `${name}.key`, '-out', `${name}.csr`, '-subj', subject);
    const authority = ['-CA', 'ca.pem', '-CAkey', 'ca.key', '-CAcreateserial'];
    openssl(
      'x509',
      '-req',
      '-in',
      `${name}.csr`,
      ...authority,
      '-out',
      `${name}.pem`,
      '-days',
      '2',
      '-extfile',
      'names',
    );
  }
  return { folder, ca: join(folder, 'ca.pem'), server: pair('server'), client: pair('client') };
}

/** What a client of node:tls wants. */
export function pemOf({ cert, key }: Pair): { cert: Buffer; key: Buffer } {
  return { cert: readFileSync(cert), key: readFileSync(key) };
}
