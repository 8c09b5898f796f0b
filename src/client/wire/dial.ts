import { lstatSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { BrokerError } from '../../errors.ts';
import type { BrokerAddress } from './broker-address.ts';

const PROBLEMS: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such socket',
  ECONNREFUSED: 'nobody listens there any more',
  EACCES: 'it belongs to somebody else',
  EPERM: 'it belongs to somebody else',
  ENOTSOCK: 'that is no socket',
  ENOTDIR: 'there is no such folder',
};

/** A connection to a Unix socket. Throws BROKER_UNREACHABLE. */
export function dial({ name, path }: BrokerAddress): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const refuse = (cause: NodeJS.ErrnoException): void =>
      reject(new BrokerError('BROKER_UNREACHABLE', { broker: name, problem: problemOf(path, cause) }, { cause }));
    try {
      const socket = connect({ path });
      socket.once('error', refuse);
      socket.once('connect', () => {
        socket.off('error', refuse);
        resolve(socket);
      });
    } catch (cause) {
      refuse(cause as Error); // a path that no socket can have
    }
  });
}

/** Linux says of a file that is no socket what it says of one that nobody listens on. */
function problemOf(path: string, { code = '', message }: NodeJS.ErrnoException): string {
  const isOther = code === 'ECONNREFUSED' && lstatSync(path, { throwIfNoEntry: false })?.isSocket() === false;
  return PROBLEMS[isOther ? 'ENOTSOCK' : code] ?? message;
}
