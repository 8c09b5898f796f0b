/** Starts the processes of a run, lets them begin together, and gathers what they have done. */
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { BrokerError } from '../../errors.ts';
import type { Environment } from '../io.ts';
import type { Done, Word } from './party.ts';
import type { Part } from './plan.ts';

export interface Where {
  readonly dataDir: string;
  readonly allowUnsafeFs: boolean;
  readonly env: Environment;
  readonly cwd: string;
}

/** What each part has done, in the order of the parts. When one fails all are stopped, and its error is thrown. */
export async function runParts(parts: readonly Part[], where: Where, interrupt: AbortSignal): Promise<readonly Done[]> {
  const parties = parts.map((part) => new Party(part, where));
  const stop = () => {
    for (const party of parties) party.stop();
  };
  interrupt.addEventListener('abort', stop);
  try {
    await Promise.all(parties.map((party) => party.ready));
    for (const party of parties) party.go();
    return await Promise.all(parties.map((party) => party.done));
  } finally {
    stop();
    interrupt.removeEventListener('abort', stop);
    await Promise.all(parties.map((party) => party.ended));
  }
}

/** One process, seen from outside. */
class Party {
  readonly ready: Promise<void>;
  readonly done: Promise<Done>;
  readonly ended: Promise<void>;
  readonly #child: ChildProcess;

  constructor(part: Part, { dataDir, allowUnsafeFs, env, cwd }: Where) {
    const flags = ['--data-dir', dataDir, ...(allowUnsafeFs ? ['--allow-unsafe-fs'] : [])];
    const argv = [beckScript(), 'bench', '--part', JSON.stringify(part), ...flags];
    const child = spawn(process.execPath, argv, {
      cwd,
      env: env as NodeJS.ProcessEnv,
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    child.stdin.on('error', () => undefined); // it has ended already, and will have said why
    this.#child = child;
    const words = createInterface({ input: child.stdout });
    const said = (pick: (word: Word) => unknown) =>
      new Promise<unknown>((resolve, reject) => {
        words.on('line', (line) => {
          const word = JSON.parse(line) as Word;
          if ('failed' in word) reject(new BrokerError(word.failed.code, word.failed.details));
          else if (pick(word)) resolve(pick(word));
        });
        child.on('error', reject);
        child.on('close', (code, signal) => reject(endedEarly(part, code, signal)));
      });
    this.ready = said((word) => 'ready' in word) as Promise<void>;
    this.done = said((word) => ('done' in word ? word.done : undefined)) as Promise<Done>;
    this.ended = new Promise((resolve) => child.once('close', () => resolve()).once('error', () => resolve()));
    for (const promise of [this.ready, this.done]) promise.catch(() => undefined);
  }

  go(): void {
    this.#child.stdin?.write('go\n');
  }

  stop(): void {
    this.#child.stdin?.end();
  }
}

function endedEarly({ role }: Part, code: number | null, signal: NodeJS.Signals | null): BrokerError {
  if (code === 130) return new BrokerError('INTERRUPTED');
  return new BrokerError('BUG', { problem: `a ${role} ended before its work was done (${signal ?? `exit ${code}`})` });
}

/** What runs beck: beside the bundle, or, when this is the source, at the root of it. */
function beckScript(): string {
  const places = ['../bin/beck.cjs', '../../../bin/beck.cjs'].map((path) => join(import.meta.dirname, path));
  return places.find((path) => existsSync(path)) ?? (process.argv[1] as string);
}
