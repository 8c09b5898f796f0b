import type { ExitCode } from '../errors.ts';
import type { Frame } from './frame.ts';

/** Placeholder page until the real one lands. */
export async function help(_argv: readonly string[], frame: Frame): Promise<ExitCode> {
  await frame.io.stdout.write(`${Object.keys(frame.commands).join('\n')}\n`);
  return 0;
}
