import { isImplemented, type Schema } from './api.ts';
import { malformed } from './malformed.ts';

/**
 * `make`, but once for each version of a schema: encoders and decoders are plans that know no versions any more.
 * What comes back throws BrokerError MALFORMED_FRAME for a version that is not implemented.
 */
export function perVersion<T>(make: (schema: Schema, version: number) => T): (schema: Schema, version: number) => T {
  const made = new WeakMap<Schema, Map<number, T>>();
  return (schema, version) => {
    const versions = made.get(schema) ?? new Map<number, T>();
    const known = versions.get(version);
    if (known !== undefined) return known;
    if (!isImplemented(schema, version)) throw malformed(`${schema.name} ${version}`, 'there is no such version here');
    const fresh = make(schema, version);
    made.set(schema, versions.set(version, fresh));
    return fresh;
  };
}
