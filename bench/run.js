/**
 * `npm run bench`: bundles bench/main.ts (Node 20 reads no TypeScript, and its percentiles and records are those of
 * `beck bench`) and runs it. Wants `npm run build` first: what is measured is the built beck.
 */
import { existsSync } from 'node:fs';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build } from 'esbuild';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
/** Beside the packages, so that the native ones are found. */
const OUT = `${ROOT}node_modules/.cache/beck-bench/main-${process.pid}.mjs`;

if (!existsSync(`${ROOT}dist/beck.cjs`)) {
  process.stderr.write('bench: beck is not built; `npm run build` does it\n');
  process.exit(2);
}
await build({
  absWorkingDir: ROOT,
  entryPoints: ['bench/main.ts'],
  outfile: OUT,
  bundle: true,
  platform: 'node',
  format: 'esm',
  packages: 'external',
  define: { BENCH_ROOT: JSON.stringify(ROOT) },
});
const { removeLater, main } = await import(pathToFileURL(OUT).href);
removeLater(OUT);
await main(process.argv.slice(2));
