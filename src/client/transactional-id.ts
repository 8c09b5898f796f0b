import { randomBytes } from 'node:crypto';

/** One of this process, that nobody had before: people see by it whose transaction it is. */
export function newTransactionalId(): string {
  return `beck-${process.pid}-${randomBytes(4).toString('hex')}`;
}
