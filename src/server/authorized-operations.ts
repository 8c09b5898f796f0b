/**
 * What a client may do, as the bit field of org.apache.kafka.common.acl.AclOperation: everything, because nothing is forbidden
 * where there is no authorizer.
 */
export const ALLOWED = {
  /** Read, write, create, delete, alter, describe, describe configs, alter configs. */
  topic: 0b1101_1111_1000,
  /** Read, delete, describe, describe configs, alter configs. */
  group: 0b1101_0100_1000,
  /** Create, alter, describe, cluster action, describe configs, alter configs, idempotent write. */
  cluster: 0b1_1111_1010_0000,
} as const;
