import { ERRORS, type ErrorCode } from '../errors.ts';

/** Of what is thrown, each has a row in src/errors.ts. */
const THROWN = Object.fromEntries(Object.entries(ERRORS).map(([code, { kafka }]) => [code, kafka])) as Readonly<
  Record<ErrorCode, number>
>;

/** Numbers of Kafka's errors (org.apache.kafka.common.protocol.Errors): those that are thrown, and those that only ever stand in an answer. */
export const CODE = {
  ...THROWN,
  UNKNOWN_SERVER_ERROR: -1,
  NONE: 0,
  NOT_LEADER_OR_FOLLOWER: 6,
  NOT_COORDINATOR: 16,
  INVALID_REQUIRED_ACKS: 21,
  UNSUPPORTED_VERSION: 35,
  INVALID_REPLICATION_FACTOR: 38,
  INVALID_REPLICA_ASSIGNMENT: 39,
  INVALID_REQUEST: 42,
  SECURITY_DISABLED: 54,
  FETCH_SESSION_ID_NOT_FOUND: 70,
  FENCED_LEADER_EPOCH: 74,
  UNKNOWN_LEADER_EPOCH: 75,
  ELECTION_NOT_NEEDED: 84,
  UNSUPPORTED_ENDPOINT_TYPE: 114,
  MISMATCHED_ENDPOINT_TYPE: 115,
} as const;
