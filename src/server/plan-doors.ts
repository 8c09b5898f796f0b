import { BrokerError } from '../errors.ts';
import type { Address } from './cluster-view.ts';
import { addressText, isLoopback } from './listener.ts';
import { SECURITY_PROTOCOLS, type SecurityProtocol } from './security-protocol.ts';
import type { TlsFiles } from './tls/tls-files.ts';

/** A place to listen at, and what is spoken there. */
export interface ListenAddress extends Address {
  readonly protocol: SecurityProtocol;
}

export interface DoorPlan {
  /** Where TCP clients come in. One for each node, or one for all of them, which then have its port and those behind it. */
  readonly listen: readonly (Address & Partial<ListenAddress>)[];
  /** How many nodes a cluster is shown as. */
  readonly nodes: number;
  /** Whether other machines may come in although nobody asks who they are. */
  readonly insecure: boolean;
  /** What the listeners that speak TLS prove themselves with. */
  readonly tls?: TlsFiles | undefined;
}

/** Where to listen for each node; for the one node there is, wherever it was asked for. Throws USAGE. */
export function planDoors({ listen: asked, nodes, insecure, tls }: DoorPlan): readonly ListenAddress[] {
  const listen = asked.map((address) => ({ ...address, protocol: address.protocol ?? 'PLAINTEXT' }));
  checkTls(listen, tls);
  const open = listen.find((address) => !isLoopback(address.host) && !isGuarded(address, tls));
  if (open !== undefined && !insecure) throw unguarded(open);
  const [first] = listen;
  if (nodes === 1 || first === undefined) return listen;
  if (listen.some(({ protocol }) => protocol !== first.protocol))
    throw new BrokerError('USAGE', {
      problem: 'the nodes of a cluster speak alike',
      hint: 'with one node they need not',
    });
  if (listen.length === nodes) return listen;
  if (listen.length === 1)
    return Array.from({ length: nodes }, (_, i) => ({ ...first, port: first.port === 0 ? 0 : first.port + i }));
  throw new BrokerError('USAGE', {
    problem: `${nodes} nodes want one --listen or ${nodes} of them, not ${listen.length}`,
    hint: 'with one they have its port and those behind it',
  });
}

/** Whether a stranger can neither come in nor read along. */
function isGuarded({ protocol }: ListenAddress, tls: TlsFiles | undefined): boolean {
  const { hasTls, hasSasl } = SECURITY_PROTOCOLS[protocol];
  return hasTls && (hasSasl || tls?.clientAuth === 'required');
}

function unguarded(address: ListenAddress): BrokerError {
  const { hasSasl } = SECURITY_PROTOCOLS[address.protocol];
  const text = addressText(address);
  const strangers = hasSasl ? 'read along' : 'read and write';
  return new BrokerError('USAGE', {
    problem: `on ${text} any machine that reaches this one could ${strangers}`,
    hint: `--listen SASL_SSL://${text} with --tls-cert and --tls-key asks who they are (\`beck user add\`); --insecure says that you mean it; 127.0.0.1 is this machine alone`,
  });
}

function checkTls(listen: readonly ListenAddress[], tls: TlsFiles | undefined): void {
  const secure = listen.find(({ protocol }) => SECURITY_PROTOCOLS[protocol].hasTls);
  if (secure !== undefined && tls === undefined)
    throw new BrokerError('USAGE', {
      problem: `${secure.protocol} wants a certificate`,
      hint: '--tls-cert and --tls-key name files in PEM',
    });
  if (secure === undefined && tls !== undefined)
    throw new BrokerError('USAGE', {
      problem: 'there is a certificate, and no listener that speaks TLS',
      hint: '--listen SSL://HOST:PORT or SASL_SSL://HOST:PORT is one',
    });
}
