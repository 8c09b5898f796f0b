import { CODE } from './codes.ts';

/** What Kafka answers to everything about ACLs where it has no authorizer. */
export const NO_AUTHORIZER = {
  errorCode: CODE.SECURITY_DISABLED,
  errorMessage: 'No Authorizer is configured on the broker',
} as const;
