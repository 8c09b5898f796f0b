import type { ClusterView } from './cluster-view.ts';
import { CODE } from './codes.ts';
import { Refusal } from './error-code.ts';

/** What clients give where the broker shall choose. */
export const BY_DEFAULT = -1;

/**
 * What Kafka says of lists of nodes that shall have a topic's partitions; undefined where it takes them. Here each partition is
 * on every node all the same, because all nodes are one.
 */
export function assignmentProblem(
  cluster: ClusterView,
  assignments: readonly (readonly number[])[],
): Refusal | undefined {
  const isWrong = assignments.some(
    (nodes) =>
      nodes.length === 0 ||
      nodes.length !== assignments[0]?.length ||
      new Set(nodes).size !== nodes.length ||
      nodes.some((node) => !cluster.has(node)),
  );
  const wanted = 'each partition wants the same number of different nodes, all of which exist';
  return isWrong ? new Refusal(CODE.INVALID_REPLICA_ASSIGNMENT, wanted) : undefined;
}

/** The same of a replication factor. */
export function replicationProblem(cluster: ClusterView, factor: number): Refusal | undefined {
  if (factor === BY_DEFAULT || (factor >= 1 && factor <= cluster.size)) return undefined;
  const wanted = `a replication factor is 1 to ${cluster.size}, or -1; not ${factor}`;
  return new Refusal(CODE.INVALID_REPLICATION_FACTOR, wanted);
}
