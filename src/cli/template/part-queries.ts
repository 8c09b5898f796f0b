import type { FieldPart, LiteralPart, Part } from './parse.ts';

/** All fields but `%h` itself, those of headers too. */
export function fields(parts: readonly Part[]): FieldPart[] {
  return parts.flatMap((part) => (part.kind === 'field' ? [part] : part.kind === 'headers' ? fields(part.parts) : []));
}

export function hasField(parts: readonly Part[], field: string): boolean {
  return parts.some((part) => part.kind === 'field' && part.field === field);
}

/** A field after which any byte may come: a size, or a number that is not digits. */
export function isSizing(part: FieldPart): boolean {
  if ('TKV'.includes(part.field)) return true;
  const name = part.modifier?.name ?? 'ascii';
  return !'tkv'.includes(part.field) && name !== 'ascii' && !(part.field === 'H' && /^\d+$/.test(name));
}

/**
 * The bytes that end a record wherever they stand: the template's last literal, when no field can hold it by right and no other
 * literal has a byte of it. Without JSON, which may hold anything, the input can be cut there before anything is read.
 */
export function recordEnd(parts: readonly Part[]): Buffer | null {
  const last = parts.at(-1);
  if (last?.kind !== 'literal' || fields(parts).some(isSizing)) return null;
  const others = literals(parts.slice(0, -1));
  return others.some(({ bytes }) => bytes.some((byte) => last.bytes.includes(byte))) ? null : last.bytes;
}

function literals(parts: readonly Part[]): LiteralPart[] {
  return parts.flatMap((part) =>
    part.kind === 'literal' ? [part] : part.kind === 'headers' ? literals(part.parts) : [],
  );
}
