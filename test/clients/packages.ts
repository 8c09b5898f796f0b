/** Two releases of @platformatic/kafka that behave differently; the second is not for Node 20. */
import type * as Platformatic from '@platformatic/kafka';

export interface Release {
  /** In the names of tests. */
  readonly name: string;
  /** What is imported. */
  readonly package: string;
  /** Whether this Node can. */
  readonly runs: boolean;
}

const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
const isNew = major > 24 || (major === 24 && minor >= 6) || major === 23 || (major === 22 && minor >= 22);

export const RELEASES: readonly Release[] = [
  { name: '@platformatic/kafka 1.35', package: '@platformatic/kafka', runs: true },
  { name: '@platformatic/kafka 2.12 (Node ≥ 22.22)', package: 'platformatic-kafka-2', runs: isNew },
];

/** What the tests use is the same in both. */
export function load(release: Release): Promise<typeof Platformatic> {
  return import(release.package) as Promise<typeof Platformatic>;
}
