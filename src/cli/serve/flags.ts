import * as Flags from '@oclif/core/flags';
import { BrokerError } from '../../errors.ts';
import type { Address } from '../../server/server.ts';
import { MEMBER_GRACE_MS } from '../../settings.ts';

const NODES = 99;

const addressFlag = Flags.custom<Address>({
  helpValue: 'HOST:PORT',
  parse: async (text) => parseAddress(text),
});

/** Of `beck serve`. */
export const serveFlags = {
  listen: addressFlag({
    multiple: true,
    multipleNonGreedy: true,
    summary: 'take TCP clients in there; port 0 is any free one',
  }),
  socket: Flags.string({ helpValue: 'PATH', summary: 'the Unix socket, instead of one of the data directory' }),
  advertise: addressFlag({ summary: 'what clients are told to dial, instead of the address they came by' }),
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

/** `127.0.0.1:9092`, `localhost:0`, `[::1]:9092`. Throws USAGE. */
export function parseAddress(text: string): Address {
  const [, bare, plain, digits = ''] = /^(?:\[([^\]]+)\]|([^:[\]]+)):(\d{1,5})$/.exec(text) ?? [];
  const host = bare ?? plain;
  const port = Number(digits);
  if (host !== undefined && port <= 65_535) return { host, port };
  const hint = 'HOST:PORT, such as 127.0.0.1:9092, localhost:0 or [::1]:9092';
  throw new BrokerError('USAGE', { problem: `'${text}' is no address`, hint });
}
