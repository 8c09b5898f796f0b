/**
 * Node's larger modules take 1–3 ms each to load (bare Node starts in 20), and an `import` at the head of a file loads them
 * whether or not the command comes to use them. In the bundle they are loaded at the first use instead.
 */
const HEAVY = [
  'child_process',
  'crypto',
  'fs/promises',
  'net',
  'perf_hooks',
  'readline',
  'stream',
  'stream/promises',
  'tty',
  'v8',
  'worker_threads',
  'zlib',
];

/** As esbuild writes an import of names; imports of a whole module (`import * as`) are wrapped, and stay as they are. */
const IMPORT = new RegExp(`(?<=\\bimport_\\w+ = )require\\(("node:(?:${HEAVY.join('|')})")\\)(?=[;,\\n)])`, 'g');

/** To stand at the head of the bundle. */
export const LAZY_BUILTIN = `function lazyBuiltin(name) {
  let loaded;
  return new Proxy({}, { get: (_, key) => (loaded ??= require(name))[key] });
}`;

export function withLazyBuiltins(bundle) {
  return bundle.replace(IMPORT, 'lazyBuiltin($1)');
}
