import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';

/** A folder that goes with the test, `within` another one. */
export function tempDir(within?: string): string {
  const { path, remove } = temporaryFolder(within);
  onTestFinished(remove);
  return path;
}

/** A folder that somebody else takes away. */
export function temporaryFolder(within = tmpdir()): { readonly path: string; readonly remove: () => void } {
  const path = mkdtempSync(join(within, 'beck-test-'));
  return { path, remove: () => rmSync(path, { recursive: true, force: true }) };
}
