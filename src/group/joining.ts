import { BrokerError } from '../errors.ts';
import { SESSION_TIMEOUT_LIMITS_MS } from '../settings.ts';
import type { ProcessId } from '../types.ts';
import type { AssignorName } from './assignor/index.ts';
import type { SocketPart } from './members/socket-part.ts';
import type { Member, Subscription } from './membership.ts';

/** Who comes. The caller makes `memberId` unique; times in ms. */
export interface Joining {
  readonly group: string;
  readonly memberId: string;
  /** What people call it. */
  readonly name: string;
  readonly host: string;
  readonly instanceId?: string | undefined;
  readonly subscription: Subscription;
  readonly assignor?: AssignorName | undefined;
  readonly sessionTimeoutMs: number;
  readonly process: ProcessId | null;
  /** Default: beck's own. */
  readonly socket?: SocketPart | undefined;
}

/** Throws INVALID_SESSION_TIMEOUT. */
export function newMember({ memberId: id, ...joining }: Joining, now: number): Member {
  checkSessionTimeout(joining.sessionTimeoutMs);
  const { name, host, instanceId, subscription, assignor, sessionTimeoutMs: sessionTimeout, process } = joining;
  const { socket = null } = joining;
  const times = { sessionTimeout, joined: now, heard: now, away: null };
  const wish = { instance: instanceId ?? null, subscription, assignor: assignor ?? null };
  return { id, name, host, epoch: 0, ...wish, ...times, process, socket };
}

/** Throws INVALID_SESSION_TIMEOUT. */
export function checkSessionTimeout(timeout: number): void {
  const { least, most } = SESSION_TIMEOUT_LIMITS_MS;
  if (timeout >= least && timeout <= most) return;
  throw new BrokerError('INVALID_SESSION_TIMEOUT', { timeout, least, most });
}
