/**
 * `npm run build`: dist/beck.cjs (everything, one file, modules evaluated when first needed), dist/writer.cjs (the writing
 * thread) and oclif.manifest.json (every command's flags and arguments as data).
 */
import { existsSync, readFileSync } from 'node:fs';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { LAZY_BUILTIN, withLazyBuiltins } from './lazy-builtins.js';
import { lazyOclif } from './lazy-oclif.js';
import { writeManifest } from './manifest.js';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const { version } = JSON.parse(readFileSync(`${ROOT}package.json`, 'utf8'));

const ENTRIES = { beck: 'bin/main.ts', writer: 'src/client/embedded/writer-thread.ts' };

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

const entries = Object.entries(ENTRIES).filter(([, file]) => existsSync(`${ROOT}${file}`));

await rm(`${ROOT}dist`, { recursive: true, force: true });
const { outputFiles } = await build({
  write: false,
  absWorkingDir: ROOT,
  entryPoints: entries.map(([out, file]) => ({ in: file, out })),
  outdir: 'dist',
  outExtension: { '.js': '.cjs' },
  bundle: true,
  platform: 'node',
  target: 'node20.19',
  format: 'cjs',
  external: EXTERNAL,
  plugins: [lazyOclif],
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
});
await mkdir(`${ROOT}dist`, { recursive: true });
await Promise.all(outputFiles.map(({ path, text }) => writeFile(path, withLazyBuiltins(text))));
await writeManifest(ROOT, version);
