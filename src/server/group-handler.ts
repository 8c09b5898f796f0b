import { hostname } from 'node:os';
import type { Outcome } from '../broker/socket-groups.ts';
import { BrokerError, type ErrorCode } from '../errors.ts';
import type { Api } from '../protocol/api.ts';
import type { Layout } from '../protocol/schema.ts';
import { CODE } from './codes.ts';
import { type Handler, handler, type RequestContext } from './handler.ts';

/** How soon a busy database is asked again for what a parked request waits for. */
const BUSY_MS = 5;

/** As `handler`, of an API about one group: the wrong node says so. */
export function groupHandler<Request extends Layout, Response extends Layout>(
  api: Api<Request, Response>,
  answer: Handler<Api<Request, Response>>['answer'],
  refuse: Handler<Api<Request, Response>>['refuse'],
): Handler {
  return handler(
    api,
    (request, context) => {
      const { groupId } = request as unknown as { readonly groupId: string };
      return coordinates(groupId, context) ? answer(request, context) : refuse(request, CODE.NOT_COORDINATOR, '');
    },
    refuse,
  );
}

/** Whether a group is to be asked for on the node that this client has dialled. */
export function coordinates(group: string, { cluster, client }: RequestContext): boolean {
  return cluster.coordinates(client.arrival, group);
}

/** The number of what a group says is wrong; 0: nothing. */
export function codeOf(error: ErrorCode | null): number {
  return error === null ? CODE.NONE : CODE[error];
}

/** What people call the client, and where it is. */
export function callerOf({ client, clientId }: RequestContext): { readonly clientId: string; readonly host: string } {
  return { clientId: clientId || 'client', host: client.isOwn ? hostname() : client.host || 'localhost' };
}

/**
 * The answer, for which others may have to be waited for: it is asked for again when the group has changed, and when the time is up
 * that the group says itself. Null: the client has left, or the server stops. From the first question on, nothing is thrown for a
 * busy database: what was written is not to be written again.
 */
export async function untilAnswered<Answer>(
  context: RequestContext,
  group: string,
  first: Outcome<Answer>,
  ask: () => Outcome<Answer>,
): Promise<Answer | null> {
  const { socketGroups } = context.broker;
  let outcome = first;
  while (outcome.answer === null) {
    const version = socketGroups.version(group);
    let woken = await context.park(null, outcome.againIn);
    while (woken === 'commit' && socketGroups.version(group) === version)
      woken = await context.park(null, outcome.againIn);
    if (woken === 'released') return null;
    outcome = patiently(ask, outcome);
  }
  return outcome.answer;
}

function patiently<Answer>(ask: () => Outcome<Answer>, before: Outcome<Answer>): Outcome<Answer> {
  try {
    return ask();
  } catch (error) {
    if (error instanceof BrokerError && error.code === 'STORAGE_BUSY') return { ...before, againIn: BUSY_MS };
    throw error;
  }
}
