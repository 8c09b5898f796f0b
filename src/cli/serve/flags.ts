import * as Flags from '@oclif/core/flags';
import { BrokerError } from '../../errors.ts';
import { isSecurityProtocol, SECURITY_PROTOCOLS } from '../../server/security-protocol.ts';
import type { Address, ListenAddress } from '../../server/server.ts';
import { MEMBER_GRACE_MS } from '../../settings.ts';

const NODES = 99;

const addressFlag = Flags.custom<Address>({
  helpValue: 'HOST:PORT',
  parse: async (text) => parseAddress(text),
});

const listenFlag = Flags.custom<ListenAddress>({
  helpValue: '[PROTOCOL://]HOST:PORT',
  parse: async (text) => parseListener(text),
});

/** Of `beck serve`. */
export const serveFlags = {
  listen: listenFlag({
    multiple: true,
    multipleNonGreedy: true,
    summary: `take TCP clients in there; port 0 is any free one. PROTOCOL is ${Object.keys(SECURITY_PROTOCOLS).join(', ')}; the first by default`,
  }),
  'tls-cert': Flags.string({
    helpValue: 'FILE',
    summary: 'the certificate of SSL and SASL_SSL, in PEM, with those above it',
  }),
  'tls-key': Flags.string({ helpValue: 'FILE', summary: 'its key, in PEM' }),
  'tls-ca': Flags.string({ helpValue: 'FILE', summary: 'who signs certificates of clients, in PEM' }),
  'tls-client-auth': Flags.option({
    options: ['required', 'requested'] as const,
    helpValue: 'HOW',
    summary: 'whether a client has to have a certificate, or may; required by default where there is --tls-ca',
  })(),
  socket: Flags.string({ helpValue: 'PATH', summary: 'the Unix socket, instead of one of the data directory' }),
  advertise: addressFlag({
    summary: 'what clients of the first listener’s protocol are told to dial, instead of the address they came by',
  }),
  nodes: Flags.integer({
    helpValue: 'N',
    min: 1,
    max: NODES,
    default: 1,
    summary: 'show the data as a cluster of N nodes, for tests of clients; all of them are this process',
  }),
  partitions: Flags.integer({
    char: 'p',
    helpValue: 'N',
    min: 1,
    default: 1,
    summary: 'partitions of a topic that a client makes without saying how many',
  }),
  'no-auto-create': Flags.boolean({ summary: 'make no topic because a client asks for it' }),
  'member-grace': Flags.string({
    helpValue: 'TIME',
    default: `${MEMBER_GRACE_MS}ms`,
    summary: 'a group member whose connection closed goes after that; off: when its session ends, as in Kafka',
  }),
  ephemeral: Flags.boolean({ summary: 'in a temporary folder, which goes when the server does' }),
  'ready-file': Flags.string({ helpValue: 'FILE', summary: 'write the ready line into it too, whole or not at all' }),
  insecure: Flags.boolean({ summary: 'listen where other machines can come in, without asking who they are' }),
  verbose: Flags.boolean({ summary: 'say on stderr who comes, and what is refused' }),
};

/** As `parseAddress`, with what is spoken there before it, as Kafka writes listeners: `SASL_SSL://0.0.0.0:9093`. Throws USAGE. */
export function parseListener(text: string): ListenAddress {
  const [, name, address = text] = /^(\w+):\/\/(.*)$/.exec(text) ?? [];
  const protocol = name?.toUpperCase() ?? 'PLAINTEXT';
  if (isSecurityProtocol(protocol)) return { ...parseAddress(address), protocol };
  const hint = Object.keys(SECURITY_PROTOCOLS).join(', ');
  throw new BrokerError('USAGE', { problem: `'${name}' is no protocol of a listener`, hint });
}

/** `127.0.0.1:9092`, `localhost:0`, `[::1]:9092`. Throws USAGE. */
export function parseAddress(text: string): Address {
  const [, bare, plain, digits = ''] = /^(?:\[([^\]]+)\]|([^:[\]]+)):(\d{1,5})$/.exec(text) ?? [];
  const host = bare ?? plain;
  const port = Number(digits);
  if (host !== undefined && port <= 65_535) return { host, port };
  const hint = 'HOST:PORT, such as 127.0.0.1:9092, localhost:0 or [::1]:9092';
  throw new BrokerError('USAGE', { problem: `'${text}' is no address`, hint });
}
