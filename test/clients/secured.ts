/** A real `beck serve` that asks who its clients are, and what they need to come in. */
import { afterAll, expect } from 'vitest';
import { type Certificates, makeCertificates } from '../support/certificates.ts';
import type { Beck } from '../support/e2e.ts';
import type { Live } from '../support/run-beck.ts';
import { temporaryFolder } from '../support/temp-dir.ts';

export type Protocol = 'SSL' | 'SASL_SSL' | 'SASL_PLAINTEXT';

export interface Secured {
  readonly live: Live;
  /** `HOST:PORT`, of one listener. */
  readonly broker: string;
  readonly certificates: Certificates;
}

export const USER = { username: 'alice', password: 'a password, of =some= length' } as const;
export const SASL_PROTOCOLS = ['SASL_PLAINTEXT', 'SASL_SSL'] as const;
export const SASL_MECHANISMS = ['PLAIN', 'SCRAM-SHA-256', 'SCRAM-SHA-512'] as const;

/** Each protocol that asks for a password, with each way of proving that one knows it. */
export const SASL_WAYS = SASL_PROTOCOLS.flatMap((protocol) =>
  SASL_MECHANISMS.map((mechanism) => [protocol, mechanism] as const),
);

const home = temporaryFolder();
afterAll(home.remove);
let made: Certificates | undefined;

/** Serves alice until the test ends. With `mutual` clients have to have a certificate. */
export async function secure(beck: Beck, protocol: Protocol, mutual = false): Promise<Secured> {
  await beck.ok(['user', 'add', USER.username], { stdin: `${USER.password}\n` });
  made ??= makeCertificates(home.path);
  const certificates = made;
  const { ca, server } = certificates;
  const tls = protocol === 'SASL_PLAINTEXT' ? [] : ['--tls-cert', server.cert, '--tls-key', server.key];
  const asks = mutual ? ['--tls-ca', ca] : [];
  const live = beck.spawn(['serve', '--verbose', '--listen', `${protocol}://127.0.0.1:0`, ...tls, ...asks]);
  const { bootstrap } = JSON.parse(await live.prints(1)) as { bootstrap: string };
  return { live, broker: bootstrap, certificates };
}

/** The client has been known by that name; nobody was cut off. */
export function expectPrincipal({ live }: Secured, principal: string): void {
  expect(live.stderr).toContain(` is ${JSON.stringify(principal)} by `);
  expect(live.stderr).not.toContain('cut off');
}

/** Ends the server in its own time: a client that was just refused may not be through with TLS. */
export async function stop({ live }: Secured): Promise<void> {
  live.kill('SIGTERM');
  expect((await live.ended).code).toBe(0);
}
