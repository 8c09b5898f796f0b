import { createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { BrokerError } from '../../errors.ts';

/** Paths of PEM files, and what is asked of clients: Kafka's ssl.client.auth. */
export interface TlsFiles {
  /** The certificate, and those between it and its authority. */
  readonly cert: string;
  readonly key: string;
  /** Who signs certificates of clients; null: nobody asks for them. */
  readonly ca: string | null;
  readonly clientAuth: ClientAuth;
}

export type ClientAuth = 'none' | 'requested' | 'required';

/** What the files hold, in PEM. */
export interface TlsMaterial {
  readonly cert: Buffer;
  readonly key: Buffer;
  readonly ca: Buffer | undefined;
  readonly clientAuth: ClientAuth;
}

/**
 * Reads the files and holds them against each other. Throws INPUT_UNREADABLE, INVALID_CONFIG; a certificate whose time has not come
 * or is over is told to `warn`, since clients may look over it.
 */
export function readTlsFiles(
  { cert, key, ca, clientAuth }: TlsFiles,
  now: number,
  warn: (line: string) => void,
): TlsMaterial {
  const material = { cert: read(cert), key: read(key), ca: ca === null ? undefined : read(ca), clientAuth };
  const certificate = certificateOf(material.cert, cert);
  if (!certificate.checkPrivateKey(keyOf(material.key, key)))
    throw refused(`${key} is not the key of the certificate in ${cert}`);
  if (material.ca !== undefined && ca !== null) certificateOf(material.ca, ca);
  const { validFrom, validTo } = certificate;
  if (now > Date.parse(validTo)) warn(`the certificate in ${cert} is over since ${validTo}`);
  if (now < Date.parse(validFrom)) warn(`the certificate in ${cert} does not begin before ${validFrom}`);
  return material;
}

const PROBLEMS: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file',
  EACCES: 'it may not be read',
  EISDIR: 'it is a folder',
};

function read(file: string): Buffer {
  try {
    return readFileSync(file);
  } catch (cause) {
    const { code = '', message } = cause as NodeJS.ErrnoException;
    throw new BrokerError('INPUT_UNREADABLE', { file, problem: PROBLEMS[code] ?? message }, { cause });
  }
}

/** The first one. */
function certificateOf(pem: Buffer, file: string): X509Certificate {
  try {
    if (pem.includes('-----BEGIN CERTIFICATE-----')) return new X509Certificate(pem);
  } catch (cause) {
    throw refused(`${file} holds a certificate that is damaged: ${(cause as Error).message}`, cause);
  }
  throw refused(`${file} is no certificate in PEM`);
}

function keyOf(pem: Buffer, file: string): KeyObject {
  if (/ENCRYPTED/.test(pem.toString('latin1')))
    throw refused(`the key in ${file} is encrypted; \`openssl pkey -in ${file}\` prints it as it is`);
  try {
    return createPrivateKey(pem);
  } catch (cause) {
    throw refused(`${file} is no private key in PEM`, cause);
  }
}

function refused(problem: string, cause?: unknown): BrokerError {
  return new BrokerError('INVALID_CONFIG', { problem }, { cause });
}
