/**
 * Colour that means something: red is wrong, yellow is behind or about to go, dim is rarely read. Everything is readable
 * without. `NO_COLOR`, `FORCE_COLOR` and `TERM=dumb` are obeyed; chalk is loaded only where colour will be seen.
 */
import type { Environment, Writer } from './io.ts';

type Paint = (text: string) => string;

export interface Style {
  readonly red: Paint;
  readonly yellow: Paint;
  readonly dim: Paint;
  readonly bold: Paint;
}

const plain: Paint = (text) => text;
const PLAIN: Style = { red: plain, yellow: plain, dim: plain, bold: plain };

/** The style for what is written to `writer`. */
export async function styleFor(writer: Pick<Writer, 'isTTY'>, env: Environment): Promise<Style> {
  if (!hasColour(writer, env)) return PLAIN;
  const { Chalk } = await import('chalk');
  const { red, yellow, dim, bold } = new Chalk({ level: 1 });
  return { red, yellow, dim, bold };
}

/** `FORCE_COLOR` wins over `NO_COLOR` (as in Node itself); both count when not empty, `FORCE_COLOR=0` is a no. */
function hasColour(writer: Pick<Writer, 'isTTY'>, env: Environment): boolean {
  const forced = env['FORCE_COLOR'];
  if (forced) return forced !== '0' && forced !== 'false';
  return writer.isTTY && !env['NO_COLOR'] && env['TERM'] !== 'dumb';
}
