/**
 * template/: rpk's template language, which prints records (`-o`) and reads them (`-i`).
 *
 * `parse` knows the grammar and nothing of its meaning; `print` and `read` give each field and modifier a meaning, from tables.
 * The room must not know topics, files or terminals.
 *
 * T1  There is one grammar: whatever prints also parses for reading, even where reading then refuses a field.
 * T2  Nothing is printed that the template does not say: no newline of its own.
 * T3  What a template of sized fields prints (`%K{big32}%V{big32}%k%v`) it reads again byte for byte.
 * T4  A malformed template is a USAGE error that names the character.
 */
import { BrokerError } from '../../errors.ts';
import { ESCAPES_HINT, readEscape } from './escapes.ts';

/** `at`, here and below: the character of the template (from 0) where the part begins. */
export type Part = LiteralPart | FieldPart | HeadersPart;

export interface LiteralPart {
  readonly kind: 'literal';
  readonly bytes: Buffer;
  readonly at: number;
}

/** `%k`, `%v{hex}`, `%d{strftime[%F]}`: any field but `%h`. */
export interface FieldPart {
  readonly kind: 'field';
  readonly field: string;
  readonly modifier: Modifier | null;
  readonly at: number;
}

/** `%h{…}`: `parts` for each header. */
export interface HeadersPart {
  readonly kind: 'headers';
  readonly parts: readonly Part[];
  readonly at: number;
}

/** What stands in the braces: `name`, `name[argument]` or `name;format`. */
export interface Modifier {
  readonly name: string;
  readonly argument: string | null;
  readonly format: string | null;
  readonly at: number;
}

const FIELDS = 'tkvTKVHpoedaxy[|]ih';
const CLOSERS: Readonly<Record<string, string>> = { '[': ']', '{': '}', '#': '#' };

/** Whether the name of a format is a template. */
export function isTemplate(format: string): boolean {
  return format.includes('%');
}

/** @throws BrokerError USAGE, naming the character where the template goes wrong */
export function parseTemplate(template: string): readonly Part[] {
  return new TemplateParser(template).parts(false);
}

/** The USAGE error of a template that goes wrong at character `at` (from 0). */
export function malformed(template: string, at: number, problem: string, hint?: string): BrokerError {
  const shown = template.replace(/\n/g, '\\n').replace(/\t/g, '\\t').replace(/\r/g, '\\r');
  return new BrokerError('USAGE', {
    problem: `'${shown}', character ${at + 1}: ${problem}`,
    hint: hint ?? FIELDS_HINT,
  });
}

/** Sees to it that a modifier has brackets exactly when it wants them. @throws BrokerError USAGE */
export function checkArgument(template: string, modifier: Modifier, wanted: boolean): void {
  const { name, argument, format, at } = modifier;
  if (format !== null) throw malformed(template, at, `{${name}} is not followed by ';${format}'`);
  if ((argument !== null) !== wanted)
    throw malformed(
      template,
      at,
      wanted ? `{${name}} wants something in brackets: {${name}[…]}` : `{${name}} has no brackets`,
    );
}

const FIELDS_HINT =
  'the fields are %t %k %v %h{} %T %K %V %H %p %o %e %d %a %x %y %[ %| %] %i; a percent sign is %%, braces are %{ and %}';

class TemplateParser {
  readonly #text: string;
  #at = 0;
  #literal: Buffer[] = [];
  #literalAt = 0;

  constructor(text: string) {
    this.#text = text;
  }

  /** Up to the end or, when nested, to the brace that closes it. */
  parts(nested: boolean): Part[] {
    const parts: Part[] = [];
    const opened = this.#at;
    let depth = 0;
    while (this.#at < this.#text.length) {
      const c = this.#text.charAt(this.#at);
      if (c === '{') depth++;
      if (c === '}' && depth-- === 0 && nested) return this.#closed(parts);
      this.#step(c, parts);
    }
    if (nested) throw this.#malformed(opened - 1, 'this brace is never closed');
    this.#endLiteral(parts);
    return parts;
  }

  #closed(parts: Part[]): Part[] {
    this.#endLiteral(parts);
    this.#at++;
    return parts;
  }

  #step(c: string, parts: Part[]): void {
    if (c === '\\') return this.#escape();
    if (c !== '%') return this.#plain();
    const field = this.#text.charAt(this.#at + 1);
    if (field === '%' || field === '{' || field === '}') return this.#add(Buffer.from(field), 2);
    if (field === '' || !FIELDS.includes(field))
      throw this.#malformed(this.#at, field === '' ? 'a % at the end' : `there is no field %${field}`);
    this.#endLiteral(parts);
    parts.push(field === 'h' ? this.#headers() : this.#field(field));
  }

  /** Everything up to the next character that means something. */
  #plain(): void {
    const rest = /^[^\\%{}]+|^[{}]/.exec(this.#text.slice(this.#at))?.[0] as string;
    this.#add(Buffer.from(rest), rest.length);
  }

  #escape(): void {
    const escape = readEscape(this.#text, this.#at);
    if (escape === undefined)
      throw this.#malformed(this.#at, `there is no escape '${this.#text.slice(this.#at, this.#at + 2)}'`, ESCAPES_HINT);
    this.#add(Buffer.of(escape.byte), escape.next - this.#at);
  }

  #add(bytes: Buffer, characters: number): void {
    if (this.#literal.length === 0) this.#literalAt = this.#at;
    this.#literal.push(bytes);
    this.#at += characters;
  }

  #endLiteral(parts: Part[]): void {
    if (this.#literal.length > 0)
      parts.push({ kind: 'literal', bytes: Buffer.concat(this.#literal), at: this.#literalAt });
    this.#literal = [];
  }

  #headers(): HeadersPart {
    const at = this.#at;
    if (this.#text.charAt(at + 2) !== '{')
      throw this.#malformed(at, '%h wants braces that say how a header looks, as in %h{%k=%v }');
    this.#at += 3;
    return { kind: 'headers', parts: this.parts(true), at };
  }

  #field(field: string): FieldPart {
    const at = this.#at;
    this.#at += 2;
    const braced = this.#text.charAt(this.#at) === '{';
    return { kind: 'field', field, modifier: braced ? this.#modifier() : null, at };
  }

  /** The modifier whose brace is here. */
  #modifier(): Modifier {
    const at = this.#at;
    const name = /^[\w-]*/.exec(this.#text.slice(at + 1))?.[0] as string;
    this.#at += 1 + name.length;
    const next = this.#text.charAt(this.#at);
    if (next === ';') return { name, argument: null, format: this.#upTo('}', 1, at), at };
    if (next in CLOSERS) return { name, argument: this.#argument(at), format: null, at };
    this.#upTo('}', 0, at);
    return { name, argument: null, format: null, at };
  }

  /**
   * The text between `[`, `{` or `#`, any number of them, and their mirror image: `strftime[%F]`, `go##2006##`. The longest run
   * that is closed again counts, so that `re[[a-z]+]` means what it looks like.
   */
  #argument(at: number): string {
    const run = /^[[{#]+/.exec(this.#text.slice(this.#at))?.[0] as string;
    for (let length = run.length; length > 0; length--) {
      const closer = [...run.slice(0, length)]
        .reverse()
        .map((c) => CLOSERS[c])
        .join('');
      if (this.#text.includes(`${closer}}`, this.#at + length)) {
        const argument = this.#upTo(`${closer}}`, length, at);
        return argument;
      }
    }
    throw this.#malformed(this.#at, `'${run}' is never closed`);
  }

  /** The text from `skip` characters further up to `closer`, and goes on behind that. */
  #upTo(closer: string, skip: number, opened: number): string {
    const from = this.#at + skip;
    const end = this.#text.indexOf(closer, from);
    if (end === -1) throw this.#malformed(opened, 'this brace is never closed');
    if (skip === 0 && end !== from)
      throw this.#malformed(from, `a modifier ends at '${this.#text.charAt(from)}'`, 'a brace that is only text is %{');
    this.#at = end + closer.length;
    return this.#text.slice(from, end);
  }

  #malformed(at: number, problem: string, hint?: string): BrokerError {
    return malformed(this.#text, at, problem, hint);
  }
}
