/**
 * `npm run build`: dist/beck.cjs (one file, modules evaluated when first needed), dist/beck-all.cjs (with the server, and what speaks
 * to one, which most runs never need), dist/writer.cjs (the writing thread) and oclif.manifest.json (every command's flags and
 * arguments as data).
 */
import { readFileSync } from 'node:fs';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { LAZY_BUILTIN, withLazyBuiltins } from './lazy-builtins.js';
import { lazyOclif } from './lazy-oclif.js';
import { leaveOut } from './leave-out.js';
import { writeManifest } from './manifest.js';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const { version } = JSON.parse(readFileSync(`${ROOT}package.json`, 'utf8'));

const SMALL = { beck: 'bin/main.ts' };
const WHOLE = { 'beck-all': 'bin/main.ts', writer: 'src/client/embedded/writer-thread.ts' };

/** Native or optional: they stay packages. `typescript` is oclif's, for plugins under development. */
const EXTERNAL = [
  'better-sqlite3',
  '@node-rs/crc32',
  'snappy',
  'snappyjs',
  'lz4-napi',
  '@bokuweb/zstd-wasm',
  'typescript',
];

/** What the smaller bundle does without; bin/beck.cjs knows which runs want it. */
const SERVING = ['src/cli/serve/run-serve.ts', 'src/client/wire/cluster.ts'];

const OPTIONS = {
  write: false,
  absWorkingDir: ROOT,
  outdir: 'dist',
  outExtension: { '.js': '.cjs' },
  bundle: true,
  platform: 'node',
  target: 'node20.19',
  format: 'cjs',
  external: EXTERNAL,
  // Names and lines stay, so that a trace can be read; comments and dead branches go.
  minifySyntax: true,
  legalComments: 'none',
  logLevel: 'warning',
  banner: { js: `const bundleUrl = require('node:url').pathToFileURL(__filename).href;\n${LAZY_BUILTIN}` },
  define: {
    BECK_VERSION: JSON.stringify(version),
    'import.meta.url': 'bundleUrl',
    'import.meta.dirname': '__dirname',
    'import.meta.filename': '__filename',
  },
};

await rm(`${ROOT}dist`, { recursive: true, force: true });
const built = await Promise.all([
  build({ ...OPTIONS, entryPoints: entryPoints(SMALL), plugins: [lazyOclif, leaveOut(ROOT, SERVING)] }),
  build({ ...OPTIONS, entryPoints: entryPoints(WHOLE), plugins: [lazyOclif] }),
]);
const outputFiles = built.flatMap((each) => each.outputFiles);
await mkdir(`${ROOT}dist`, { recursive: true });
await Promise.all(outputFiles.map(({ path, text }) => writeFile(path, withLazyBuiltins(text))));
await writeManifest(ROOT, version);

function entryPoints(entries) {
  return Object.entries(entries).map(([out, file]) => ({ in: file, out }));
}
