/** A kind of SCRAM (RFC 5802, RFC 7677), as Kafka has it (KIP-554, KIP-84). */
export interface Mechanism {
  readonly name: MechanismName;
  /** Its number in Kafka's requests about users. */
  readonly type: number;
  readonly hash: 'sha256' | 'sha512';
  /** Bytes of its keys, and of a salted password. */
  readonly keyBytes: number;
}

export type MechanismName = 'SCRAM-SHA-256' | 'SCRAM-SHA-512';

/** In the order of their numbers; 0 is Kafka's UNKNOWN. */
export const MECHANISMS: readonly Mechanism[] = [
  { name: 'SCRAM-SHA-256', type: 1, hash: 'sha256', keyBytes: 32 },
  { name: 'SCRAM-SHA-512', type: 2, hash: 'sha512', keyBytes: 64 },
];

export const MECHANISM_NAMES: readonly MechanismName[] = MECHANISMS.map(({ name }) => name);

/** How often a password is hashed, as Kafka allows it: at the least, which is also its default, and at the most. */
export const ITERATIONS = { least: 4096, most: 16_384 } as const;

export function mechanismNamed(name: MechanismName): Mechanism {
  return MECHANISMS.find((mechanism) => mechanism.name === name) as Mechanism;
}
