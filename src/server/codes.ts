import { ERRORS, type ErrorCode } from '../errors.ts';

/** Of what is thrown, each has a row in src/errors.ts. */
const THROWN = Object.fromEntries(Object.entries(ERRORS).map(([code, { kafka }]) => [code, kafka])) as Readonly<
  Record<ErrorCode, number>
>;

/** What only ever stands in an answer. */
const ANSWERED = {
  UNKNOWN_SERVER_ERROR: -1,
  NONE: 0,
  NOT_LEADER_OR_FOLLOWER: 6,
  REQUEST_TIMED_OUT: 7,
  NOT_COORDINATOR: 16,
  INVALID_REQUIRED_ACKS: 21,
  ILLEGAL_GENERATION: 22,
  CLUSTER_AUTHORIZATION_FAILED: 31,
  UNSUPPORTED_SASL_MECHANISM: 33,
  ILLEGAL_SASL_STATE: 34,
  UNSUPPORTED_VERSION: 35,
  INVALID_REPLICATION_FACTOR: 38,
  INVALID_REPLICA_ASSIGNMENT: 39,
  INVALID_REQUEST: 42,
  TRANSACTIONAL_ID_AUTHORIZATION_FAILED: 53,
  SECURITY_DISABLED: 54,
  OPERATION_NOT_ATTEMPTED: 55,
  KAFKA_STORAGE_ERROR: 56,
  SASL_AUTHENTICATION_FAILED: 58,
  FETCH_SESSION_ID_NOT_FOUND: 70,
  FENCED_LEADER_EPOCH: 74,
  UNKNOWN_LEADER_EPOCH: 75,
  ELECTION_NOT_NEEDED: 84,
  UNSTABLE_OFFSET_COMMIT: 88,
  DUPLICATE_RESOURCE: 92,
  UNSUPPORTED_ENDPOINT_TYPE: 114,
  MISMATCHED_ENDPOINT_TYPE: 115,
  TRANSACTION_ABORTABLE: 120,
} as const;

/** Numbers of Kafka's errors (org.apache.kafka.common.protocol.Errors), by the names of what is thrown and answered. */
export const CODE = { ...THROWN, ...ANSWERED };

/** Kafka's name of an error; its number where it has none here. */
export function codeName(code: number): string {
  const named = [...Object.entries(ANSWERED), ...Object.entries(THROWN)].find(([, number]) => number === code);
  return named?.[0] ?? `error ${code}`;
}
