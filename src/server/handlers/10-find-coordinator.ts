import type { RequestOf } from '../../protocol/api.ts';
import { findCoordinator } from '../../protocol/messages/10-find-coordinator.ts';
import type { Node } from '../cluster-view.ts';
import { CODE } from '../codes.ts';
import { handler } from '../handler.ts';

type Request = RequestOf<typeof findCoordinator>;

/** 0 a group, 1 a transactional id; others (share groups) are not known here. */
const KEY_TYPES: readonly number[] = [0, 1];

const NOWHERE = { nodeId: -1, host: '', port: -1 };

/** There is a coordinator at any time: it is this process. */
export const answerFindCoordinator = handler(
  findCoordinator,
  (request, { cluster, client: { arrival }, version }) => {
    if (!KEY_TYPES.includes(request.keyType))
      return refuse(request, CODE.INVALID_REQUEST, 'there are no such keys here');
    const nodes = cluster.nodes(arrival);
    const nodeOf = (key: string) => nodes[cluster.coordinator(arrival, key) - 1] as Node;
    if (version < 4) return nodeOf(request.key);
    const found = request.coordinatorKeys.map((key) => ({ key, ...nodeOf(key), errorCode: CODE.NONE }));
    return { coordinators: found };
  },
  refuse,
);

function refuse({ coordinatorKeys }: Request, errorCode: number, errorMessage: string) {
  const error = { ...NOWHERE, errorCode, errorMessage };
  return { ...error, coordinators: coordinatorKeys.map((key) => ({ key, ...error })) };
}
