import { describeCluster } from '../../protocol/messages/60-describe-cluster.ts';
import { ALLOWED } from '../authorized-operations.ts';
import { CONTROLLER } from '../cluster-view.ts';
import { CODE } from '../codes.ts';
import { handler } from '../handler.ts';

/** 1 for brokers, 2 for controllers (KIP-919). */
const ENDPOINT = { brokers: 1, controllers: 2 } as const;

export const answerDescribeCluster = handler(
  describeCluster,
  ({ endpointType, includeClusterAuthorizedOperations: withOperations }, { cluster, client }) => {
    if (endpointType === ENDPOINT.controllers)
      return refuse(CODE.MISMATCHED_ENDPOINT_TYPE, 'this is an endpoint for clients, not for controllers');
    if (endpointType !== ENDPOINT.brokers) return refuse(CODE.UNSUPPORTED_ENDPOINT_TYPE, 'there is no such endpoint');
    const brokers = cluster.nodes(client.arrival).map(({ nodeId, host, port }) => ({ brokerId: nodeId, host, port }));
    const operations = withOperations ? { clusterAuthorizedOperations: ALLOWED.cluster } : {};
    return { errorCode: CODE.NONE, clusterId: cluster.clusterId, controllerId: CONTROLLER, brokers, ...operations };
  },
  (_, errorCode, errorMessage) => refuse(errorCode, errorMessage),
);

function refuse(errorCode: number, errorMessage: string) {
  return { errorCode, errorMessage, clusterId: '', brokers: [] };
}
