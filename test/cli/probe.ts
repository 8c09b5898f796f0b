/** Builds the probe as the real beck is built and runs it, alone or in a shell's pipeline. */
import { type ChildProcess, type SpawnOptions, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from 'esbuild';
import { lazyOclif } from '../../build/lazy-oclif.js';

export interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: Buffer;
  readonly stderr: string;
}

export interface Probe {
  /** Path of the program. */
  readonly file: string;
  /** The words of a shell that run it. */
  readonly words: string;
  start(args: readonly string[], options?: SpawnOptions): ChildProcess;
  run(args: readonly string[], options?: SpawnOptions): Promise<Ended>;
  /** Runs a line of bash in which `$probe` is the program. */
  shell(line: string): Promise<Ended>;
  remove(): void;
}

export async function buildProbe(): Promise<Probe> {
  const folder = mkdtempSync(join(tmpdir(), 'beck-probe-'));
  const file = join(folder, 'probe.cjs');
  await build({
    entryPoints: [join(import.meta.dirname, 'fixtures/probe.ts')],
    outfile: file,
    bundle: true,
    platform: 'node',
    format: 'cjs',
    external: [
      'better-sqlite3',
      '@node-rs/crc32',
      'snappy',
      'snappyjs',
      'lz4-napi',
      '@bokuweb/zstd-wasm',
      'typescript',
    ],
    plugins: [lazyOclif],
    logLevel: 'error',
  });
  const words = `'${process.execPath}' '${file}'`;
  const start = (args: readonly string[], options: SpawnOptions = {}): ChildProcess =>
    spawn(process.execPath, [file, ...args], options);
  return {
    file,
    words,
    start,
    run: (args, options) => ended(start(args, options)),
    shell: (line) =>
      ended(spawn('bash', ['-c', `set -o pipefail; probe="${words}"; ${line.replaceAll('$probe', words)}`])),
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}

export async function ended(child: ChildProcess): Promise<Ended> {
  const stdout: Buffer[] = [];
  let stderr = '';
  child.stdout?.on('data', (chunk: Buffer) => stdout.push(chunk));
  child.stderr?.on('data', (chunk: Buffer) => {
    stderr += chunk;
  });
  return new Promise((resolve) => {
    child.on('close', (code, signal) => resolve({ code, signal, stdout: Buffer.concat(stdout), stderr }));
  });
}

/** Resolves when the child has said `word` on stderr. */
export function said(child: ChildProcess, word: string): Promise<void> {
  let text = '';
  return new Promise((resolve) => {
    child.stderr?.on('data', (chunk: Buffer) => {
      text += chunk;
      if (text.includes(word)) resolve();
    });
  });
}
