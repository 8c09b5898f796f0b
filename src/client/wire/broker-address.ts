import { resolve } from 'node:path';
import { BrokerError } from '../../errors.ts';

/** Where a server is dialled. */
export interface BrokerAddress {
  /** As people write it: `unix:PATH`. */
  readonly name: string;
  /** Absolute. */
  readonly path: string;
}

const UNIX = 'unix:';

/** `unix:PATH`, of a Unix socket, from the working directory on. Throws USAGE. */
export function brokerAddress(name: string, cwd: string): BrokerAddress {
  const path = name.startsWith(UNIX) ? name.slice(UNIX.length) : '';
  if (path !== '') return { name, path: resolve(cwd, path) };
  throw new BrokerError('USAGE', {
    problem: `'${name}' is no broker that beck's commands can use`,
    hint: 'unix:PATH, the socket of a `beck serve`; Kafka clients use its TCP address',
  });
}
