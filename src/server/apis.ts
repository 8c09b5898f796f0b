import type { Handler } from './handler.ts';
import { answerProduce } from './handlers/00-produce.ts';
import { answerFetch } from './handlers/01-fetch.ts';
import { answerListOffsets } from './handlers/02-list-offsets.ts';
import { answerMetadata } from './handlers/03-metadata.ts';
import { answerOffsetCommit } from './handlers/08-offset-commit.ts';
import { answerOffsetFetch } from './handlers/09-offset-fetch.ts';
import { answerFindCoordinator } from './handlers/10-find-coordinator.ts';
import { answerJoinGroup } from './handlers/11-join-group.ts';
import { answerHeartbeat } from './handlers/12-heartbeat.ts';
import { answerLeaveGroup } from './handlers/13-leave-group.ts';
import { answerSyncGroup } from './handlers/14-sync-group.ts';
import { answerDescribeGroups } from './handlers/15-describe-groups.ts';
import { answerListGroups } from './handlers/16-list-groups.ts';
import { answerSaslHandshake } from './handlers/17-sasl-handshake.ts';
import { answerApiVersions } from './handlers/18-api-versions.ts';
import { answerCreateTopics } from './handlers/19-create-topics.ts';
import { answerDeleteTopics } from './handlers/20-delete-topics.ts';
import { answerDeleteRecords } from './handlers/21-delete-records.ts';
import { answerInitProducerId } from './handlers/22-init-producer-id.ts';
import { answerOffsetForLeaderEpoch } from './handlers/23-offset-for-leader-epoch.ts';
import { answerAddPartitionsToTxn } from './handlers/24-add-partitions-to-txn.ts';
import { answerAddOffsetsToTxn } from './handlers/25-add-offsets-to-txn.ts';
import { answerEndTxn } from './handlers/26-end-txn.ts';
import { answerTxnOffsetCommit } from './handlers/28-txn-offset-commit.ts';
import { answerDescribeAcls } from './handlers/29-describe-acls.ts';
import { answerCreateAcls } from './handlers/30-create-acls.ts';
import { answerDeleteAcls } from './handlers/31-delete-acls.ts';
import { answerDescribeConfigs } from './handlers/32-describe-configs.ts';
import { answerAlterConfigs } from './handlers/33-alter-configs.ts';
import { answerDescribeLogDirs } from './handlers/35-describe-log-dirs.ts';
import { answerSaslAuthenticate } from './handlers/36-sasl-authenticate.ts';
import { answerCreatePartitions } from './handlers/37-create-partitions.ts';
import { answerDeleteGroups } from './handlers/42-delete-groups.ts';
import { answerElectLeaders } from './handlers/43-elect-leaders.ts';
import { answerIncrementalAlterConfigs } from './handlers/44-incremental-alter-configs.ts';
import { answerOffsetDelete } from './handlers/47-offset-delete.ts';
import { answerDescribeUserScramCredentials } from './handlers/50-describe-user-scram-credentials.ts';
import { answerAlterUserScramCredentials } from './handlers/51-alter-user-scram-credentials.ts';
import { answerDescribeCluster } from './handlers/60-describe-cluster.ts';
import { answerDescribeProducers } from './handlers/61-describe-producers.ts';
import { answerDescribeTransactions } from './handlers/65-describe-transactions.ts';
import { answerListTransactions } from './handlers/66-list-transactions.ts';
import { answerConsumerGroupHeartbeat } from './handlers/68-consumer-group-heartbeat.ts';
import { answerConsumerGroupDescribe } from './handlers/69-consumer-group-describe.ts';
import { answerCall } from './handlers/32000-call.ts';

/** What is served, one row an API, in the order of their keys. What ApiVersions tells comes from here. */
export const HANDLERS: readonly Handler[] = [
  answerProduce,
  answerFetch,
  answerListOffsets,
  answerMetadata,
  answerOffsetCommit,
  answerOffsetFetch,
  answerFindCoordinator,
  answerJoinGroup,
  answerHeartbeat,
  answerLeaveGroup,
  answerSyncGroup,
  answerDescribeGroups,
  answerListGroups,
  answerSaslHandshake,
  answerApiVersions,
  answerCreateTopics,
  answerDeleteTopics,
  answerDeleteRecords,
  answerInitProducerId,
  answerOffsetForLeaderEpoch,
  answerAddPartitionsToTxn,
  answerAddOffsetsToTxn,
  answerEndTxn,
  answerTxnOffsetCommit,
  answerDescribeAcls,
  answerCreateAcls,
  answerDeleteAcls,
  answerDescribeConfigs,
  answerAlterConfigs,
  answerDescribeLogDirs,
  answerSaslAuthenticate,
  answerCreatePartitions,
  answerDeleteGroups,
  answerElectLeaders,
  answerIncrementalAlterConfigs,
  answerOffsetDelete,
  answerDescribeUserScramCredentials,
  answerAlterUserScramCredentials,
  answerDescribeCluster,
  answerDescribeProducers,
  answerDescribeTransactions,
  answerListTransactions,
  answerConsumerGroupHeartbeat,
  answerConsumerGroupDescribe,
  answerCall,
];
