/** What a listener speaks, in Kafka's words (org.apache.kafka.common.security.auth.SecurityProtocol). */
export const SECURITY_PROTOCOLS = {
  PLAINTEXT: { hasTls: false, hasSasl: false },
  SSL: { hasTls: true, hasSasl: false },
  SASL_PLAINTEXT: { hasTls: false, hasSasl: true },
  SASL_SSL: { hasTls: true, hasSasl: true },
} as const;

export type SecurityProtocol = keyof typeof SECURITY_PROTOCOLS;

/** Whether text is one of them. */
export function isSecurityProtocol(text: string): text is SecurityProtocol {
  return Object.hasOwn(SECURITY_PROTOCOLS, text);
}

/** Kafka's name of a client that nobody has asked who it is. */
export const ANONYMOUS = 'User:ANONYMOUS';
