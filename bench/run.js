/**
 * `npm run bench`: bundles bench/main.ts (Node 20 reads no TypeScript, and its percentiles and records are those of
 * `beck bench`) and runs it. Wants `npm run build` first: what is measured is the built beck.
 */
import { copyFileSync, existsSync } from 'node:fs';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build } from 'esbuild';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
/** Beside the packages, so that the native ones are found. */
const OUT = `${ROOT}node_modules/.cache/beck-bench/${process.pid}/`;

if (!existsSync(`${ROOT}dist/beck.cjs`)) {
  process.stderr.write('bench: beck is not built; `npm run build` does it\n');
  process.exit(2);
}
await build({
  absWorkingDir: ROOT,
  entryPoints: ['bench/main.ts', 'bench/produce-file.ts'],
  outdir: OUT,
  outExtension: { '.js': '.mjs' },
  bundle: true,
  platform: 'node',
  format: 'esm',
  packages: 'external',
  define: { BENCH_ROOT: JSON.stringify(ROOT) },
});
// The writing thread's bundle lies beside whoever writes.
copyFileSync(`${ROOT}dist/writer.cjs`, `${OUT}writer.cjs`);
const { removeLater, main } = await import(pathToFileURL(`${OUT}main.mjs`).href);
removeLater(OUT);
await main(process.argv.slice(2));
