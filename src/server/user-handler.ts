import type { Client } from './handler.ts';
import { isLoopback } from './listener.ts';
import { ANONYMOUS } from './security-protocol.ts';

/**
 * Whether a client may look at users and change them. There is no authorizer: whoever has proved who he is may, and so may who is on
 * this machine, where the files are guarded by their modes.
 */
export function mayAdministerUsers({ principal, host, arrival }: Client): boolean {
  return principal !== ANONYMOUS || arrival.node === null || isLoopback(host.replace(/^::ffff:/, ''));
}

/** What others are told. */
export const NOT_ADMITTED = 'users are shown to clients that have proved who they are';
